"""What the service does with a request, without I/O: `decide`.

Each step is a gate: route, header, body, token, match. It looks at the request, at the service and at what is known of
the ids, writes nothing, and either lets the request through (None) or refuses it. In which order the gates stand is a
reading (`order`): `document/orders.py`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from trackfox_mock.decision.parsed_request import ParsedRequest
from trackfox_mock.decision.problems import problem_reply
from trackfox_mock.document.service import LARGEST_BODY, Service, compressed
from trackfox_mock.model import IDS, Decision, Reply, Session, Violation
from trackfox_mock.tenants.store import Facts


class Refusal(NamedTuple):
    """The status to answer with, the clause or silence it rests on, and the evidence."""

    status: int
    rule: str
    violations: tuple[Violation, ...] = ()


Gate = Callable[[Service, Facts, ParsedRequest], Refusal | None]

_NO_HEADER = Refusal(401, "auth.missing")
_NOT_BEARER = Refusal(401, "auth.malformed")
_NO_SUCH_TOKEN = Refusal(401, "auth.invalid")
_TOKEN_OF_ANOTHER_WEBSITE = Refusal(401, "auth.website")


def route(service: Service, facts: Facts, parsed: ParsedRequest) -> Refusal | None:  # noqa: ARG001 - every gate has this shape
    """The documented path and method (clause `endpoint`, silence `other-method`)."""
    request = parsed.request
    if request.path != service.api.path:
        return Refusal(404, "endpoint")
    if request.method != service.api.method:
        return Refusal(int(service.readings["other-method"]), "other-method")
    return None


def head(service: Service, facts: Facts, parsed: ParsedRequest) -> Refusal | None:  # noqa: ARG001 - every gate has this shape
    """Nothing in the head is refused (silences `accept`, `browser-fields`, `chunked-request`)."""
    for silence, status in service.head_refusals.items():
        if HEAD_ODDITIES[silence](parsed.fields):
            return Refusal(status, silence)
    return None


def _excludes_json(fields: Mapping[bytes, bytes]) -> bool:
    accept = fields.get(b"accept", b"*/*").lower()
    return not any(media_type in accept for media_type in (b"application/json", b"application/*", b"*/*"))


def _is_of_a_browser(fields: Mapping[bytes, bytes]) -> bool:
    return any(name in (b"origin", b"referer", b"cookie") or name.startswith(b"sec-fetch-") for name in fields)


HEAD_ODDITIES: Mapping[str, Callable[[Mapping[bytes, bytes]], bool]] = {
    "accept": _excludes_json,
    "browser-fields": _is_of_a_browser,
    "chunked-request": lambda fields: b"transfer-encoding" in fields,
}
"""By silence, whether the header fields of a request have what it is about."""


def header(service: Service, facts: Facts, parsed: ParsedRequest) -> Refusal | None:  # noqa: ARG001 - every gate has this shape
    """Authorization is there and is `Bearer <token>` (clauses `auth.missing`, `auth.malformed`)."""
    if bearer_token(service, parsed):
        return None
    return _NO_HEADER if parsed.authorization is None else _NOT_BEARER


def bearer_token(service: Service, parsed: ParsedRequest) -> str:
    """The token of a header that is `Bearer <token>`, as the document is read; empty where it is none."""
    scheme, _, token = (parsed.authorization or "").partition(" ")
    if scheme != "Bearer" and not (service.any_scheme_case and scheme.lower() == "bearer"):
        return ""
    if service.token_is_trimmed:
        token = token.strip(" \t")
    return "" if " " in token or "\t" in token or parsed.repeats_authorization else token


def body(service: Service, facts: Facts, parsed: ParsedRequest) -> Refusal | None:  # noqa: ARG001 - every gate has this shape
    """The body is JSON, an object, and as the schema wants it (`body.object`, `field.*`, `revenue.*`, `email.*`)."""
    refusal = readable(service, parsed)
    if refusal is not None:
        return refusal
    document = parsed.document
    violations = tuple(service.violations(document))
    if violations:
        return Refusal(service.api.invalid_status, _clause(service, document, violations), violations)
    if not service.floats_may_be_integers:
        for name in service.integers:
            if type(document.get(name)) is float:
                return _refused_field("integral-float", name, "has a fraction point or an exponent")
    return _ids(service, document)


def readable(service: Service, parsed: ParsedRequest) -> Refusal | None:
    """The body is small enough, called JSON, is JSON, and an object."""
    if parsed.size > service.body_limit:
        return _too_large(service, parsed)
    if not service.reads_any_content_type and (taken := _content_type(service, parsed)) != "read":
        violation = Violation(("header", "content-type"), "content-type", "is not application/json")
        return Refusal(int(taken.removeprefix("refused-")), "content-type", (violation,))
    if type(parsed.document) is dict:
        return None
    if parsed.malformed is not None:
        return Refusal(400, "body.object", (Violation(("body",), "malformed", parsed.malformed),))
    message = f"it is {_NOUNS[type(parsed.document)]}, not an object"
    return Refusal(400, "body.object", (Violation(("body",), "type", message),))


def website(service: Service, facts: Facts, parsed: ParsedRequest) -> Refusal | None:
    """The body can be read as far as its `website_id`, which is what the token is looked up by."""
    refusal = readable(service, parsed)
    if refusal is not None or parsed.website_id is not None:
        return refusal
    return body(service, facts, parsed)


def known_token(service: Service, facts: Facts, parsed: ParsedRequest) -> Refusal | None:
    """Some website has this token."""
    return None if facts.token_owner(bearer_token(service, parsed)) is not None else _NO_SUCH_TOKEN


def token(service: Service, facts: Facts, parsed: ParsedRequest) -> Refusal | None:
    """The token is the one of the body's website (clauses `auth.invalid`, `auth.website`)."""
    found = facts.website(parsed.website_id) if parsed.website_id is not None else None
    if found is None:
        return Refusal(service.unknown_website_status, "unknown-website")
    came = bearer_token(service, parsed)
    if found.api_token == came:
        return None
    return _TOKEN_OF_ANOTHER_WEBSITE if facts.token_owner(came) is not None else _NO_SUCH_TOKEN


def match(service: Service, facts: Facts, parsed: ParsedRequest) -> Refusal | None:  # noqa: ARG001 - every gate has this shape
    """A visitor event exists for the three ids together (clauses `match.*`)."""
    ids = parsed.ids
    if ids is None:
        return Refusal(404, "wrong-type-id")
    if facts.events(*ids):
        return None
    website_id, session_id, visitor_id = ids
    if facts.website(website_id) is None:
        return Refusal(404, "unknown-website")
    if not facts.knows_session(website_id, session_id):
        return Refusal(404, "match.session")
    if not facts.knows_visitor(website_id, visitor_id):
        return Refusal(404, "match.visitor")
    return Refusal(404, "match.together")


GATES: Mapping[str, Gate] = {
    gate.__name__.replace("_", "-"): gate for gate in (route, head, header, body, website, known_token, token, match)
}


def decide(service: Service, facts: Facts, parsed: ParsedRequest) -> Decision:
    """What the service does with a request: the answer, and how it came to it. Nothing is changed by asking."""
    for passed, name in enumerate(service.gates):
        refusal = GATES[name](service, facts, parsed)
        if refusal is not None:
            reply = _refused(service, parsed, refusal)
            return Decision(reply, refusal.rule, service.gates, passed, refusal.violations)
    reply = _carried(service, parsed, service.success, "transport")
    if not service.attributes:
        return Decision(reply, "example", service.gates, len(service.gates))
    session = _matching_event(service, facts, parsed)
    return Decision(reply, "success.status", service.gates, len(service.gates), (), session)


def accepted(service: Service, session: Session) -> Decision:
    """The decision about an ordinary request (see `ordinary.py`), for the payment of this visitor event."""
    gates = service.gates
    return Decision(service.success, "success.status", gates, len(gates), (), session)


def _matching_event(service: Service, facts: Facts, parsed: ParsedRequest) -> Session | None:
    events = facts.events(*parsed.ids) if parsed.ids is not None else ()
    return events[service.which_event] if events else None


def _refused(service: Service, parsed: ParsedRequest, refusal: Refusal) -> Reply:
    if refusal.rule == "endpoint":
        # Outside the contract, so not the service's answer but ours.
        return problem_reply("unknown-path", f"The document has {_endpoints(service)}.")
    part = _error_part(parsed, refusal)
    return _carried(service, parsed, service.error(refusal.status, part), f"transport.{part or refusal.status}")


def _error_part(parsed: ParsedRequest, refusal: Refusal) -> str:
    """The part of `error-body` and `transport` that a refusal belongs to; empty where it is its status."""
    if refusal.rule == "other-method":
        return "method"
    if refusal.rule != "body.object" or not refusal.violations:
        return ""
    if refusal.violations[0].code == "malformed":
        return "malformed"
    return "array" if type(parsed.document) is list else "scalar"


def _endpoints(service: Service) -> str:
    here = f"{service.api.method} {service.api.path}"
    others = [f"{method} {path}" for path, methods in service.others.items() for method in methods]
    return f"the endpoints {', '.join(dict.fromkeys([here, *others]))}" if others else f"one endpoint, {here}"


def _carried(service: Service, parsed: ParsedRequest, reply: Reply, key: str) -> Reply:
    asked = service.compresses and b"gzip" in parsed.fields.get(b"accept-encoding", b"")
    return compressed(reply) if asked and service.readings[key] == "gzip" else reply


def _clause(service: Service, document: Mapping[str, object], violations: Sequence[Violation]) -> str:
    """The clause that a body against the schema breaks; `field.schema` for what only an edited document demands."""
    first = next((violation for violation in violations if violation.code == "required"), violations[0])
    name = first.location[1] if len(first.location) > 1 else None
    if first.code == "required" or (name in service.required and document.get(str(name), 0) is None):
        return "field.required"
    if first.code == "additionalProperties":
        return "extra-property"
    if name == "revenue":
        return "huge-revenue" if first.code == "maximum" else "revenue.positive-integer"
    if first.code == "format" and name == "email":
        return "email.valid"
    return "field.string" if first.code == "type" else "field.schema"


def _ids(service: Service, document: Mapping[str, object]) -> Refusal | None:
    for name in IDS:
        value = document.get(name)
        if not value and value == "" and not service.ids_may_be_empty:
            return _refused_field("empty-id", name, "is empty")
        if not service.ids_may_be_odd and type(value) is str and _is_odd(value):
            return _refused_field("odd-id", name, "is longer than 255 characters, or holds one that cannot be printed")
    return None


def _is_odd(value: str) -> bool:
    return (
        len(value) > 255
        or any(character < " " or "\x7f" <= character <= "\x9f" for character in value)
        or (any("\ud800" <= character <= "\udfff" for character in value))
    )


def _refused_field(silence: str, name: str, message: str) -> Refusal:
    return Refusal(400, silence, (Violation(("body", name), silence, f"{name} {message}"),))


def _too_large(service: Service, parsed: ParsedRequest) -> Refusal:
    as_bad_request = service.readings["too-large"] == "refused-400" and parsed.size <= LARGEST_BODY
    message = f"it has {parsed.size} bytes"
    return Refusal(400 if as_bad_request else 413, "too-large", (Violation(("body",), "too-large", message),))


def _content_type(service: Service, parsed: ParsedRequest) -> str:
    """How a body is read that is called what this one is called."""
    part = called(parsed)
    return "read" if part == "json" else service.readings[f"content-type.{part}"]


def called(parsed: ParsedRequest) -> str:
    """What a body is called: `json`, else the part of the silence `content-type` that it belongs to."""
    media_type = parsed.fields.get(b"content-type", b"").partition(b";")[0].strip().lower()
    return _MEDIA_TYPES.get(media_type, "other")


_MEDIA_TYPES = {b"application/json": "json", b"application/x-www-form-urlencoded": "form", b"": "none"}
_NOUNS = {
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}
