"""The way of a request, without I/O: route, header, body, token, match, create.

Each step is a gate. It looks at the call, at the service and at what is known of the ids, and either lets the request
through (None) or refuses it. In which order the gates stand is a reading (`order`), not an `if` scattered about.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple, Protocol

from trackfox_mock.decision.parsed_request import ParsedRequest
from trackfox_mock.decision.problems import problem_reply
from trackfox_mock.document.service import LARGEST_BODY, Service, compressed
from trackfox_mock.model import IDS, Decision, Reply, Session, Violation, Website


class Facts(Protocol):
    """What is known of the ids in a request. The store is one; a store that lives elsewhere would be another."""

    def website(self, website_id: str) -> Website | None:
        """The website of that id."""

    def token_owner(self, api_token: str) -> str | None:
        """The id of a website that has this token."""

    def events(self, website_id: str, session_id: str, visitor_id: str) -> tuple[Session, ...]:
        """The visitor events of that session and visitor in that website, the earliest first."""

    def knows_session(self, website_id: str, session_id: str) -> bool:
        """Whether the website has a session of that id."""

    def knows_visitor(self, website_id: str, visitor_id: str) -> bool:
        """Whether the website has a visitor of that id."""


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


def route(service: Service, facts: Facts, call: ParsedRequest) -> Refusal | None:  # noqa: ARG001 - every gate has this shape
    """The documented path and method (clause `endpoint`, silence `other-method`)."""
    request = call.request
    if request.path != service.api.path:
        return Refusal(404, "endpoint")
    if request.method != service.api.method:
        return Refusal(int(service.readings["other-method"]), "other-method")
    return None


def header(service: Service, facts: Facts, call: ParsedRequest) -> Refusal | None:  # noqa: ARG001 - every gate has this shape
    """Authorization is there and is `Bearer <token>` (clauses `auth.missing`, `auth.malformed`)."""
    value = call.authorization
    if value is None:
        return _NO_HEADER
    scheme, _, token = value.partition(" ")
    if scheme != "Bearer" and not (service.any_scheme_case and scheme.lower() == "bearer"):
        return _NOT_BEARER
    if service.token_is_trimmed:
        token = token.strip(" \t")
    if not token or " " in token or "\t" in token or call.repeats_authorization:
        return _NOT_BEARER
    call.token = token
    return None


def body(service: Service, facts: Facts, call: ParsedRequest) -> Refusal | None:  # noqa: ARG001 - every gate has this shape
    """The body is JSON, an object, and as the schema wants it (`body.object`, `field.*`, `revenue.*`, `email.*`)."""
    refusal = readable(service, call)
    if refusal is not None:
        return refusal
    document = call.document
    violations = tuple(service.violations(document))
    if violations:
        return Refusal(service.api.invalid_status, _clause(document, violations), violations)
    if not service.floats_may_be_integers:
        for name in service.integers:
            if type(document.get(name)) is float:
                return _refused_field("integral-float", name, "has a fraction point or an exponent")
    return _ids(service, document)


def readable(service: Service, call: ParsedRequest) -> Refusal | None:
    """The body is small enough, called JSON, is JSON, and an object."""
    if call.size > service.body_limit:
        return _too_large(service, call)
    if service.content_type != "read" and not _is_called_json(call):
        status = 415 if service.content_type == "refused-415" else 400
        violation = Violation(("header", "content-type"), "content-type", "is not application/json")
        return Refusal(status, "content-type", (violation,))
    if call.malformed is not None:
        return Refusal(400, "body.object", (Violation(("body",), "malformed", call.malformed),))
    if type(call.document) is not dict:
        message = f"it is {_NOUNS[type(call.document)]}, not an object"
        return Refusal(400, "body.object", (Violation(("body",), "type", message),))
    return None


def website(service: Service, facts: Facts, call: ParsedRequest) -> Refusal | None:
    """The body can be read as far as its `website_id`, which is what the token is looked up by."""
    refusal = readable(service, call)
    if refusal is not None or call.website_id is not None:
        return refusal
    return body(service, facts, call)


def known_token(service: Service, facts: Facts, call: ParsedRequest) -> Refusal | None:  # noqa: ARG001 - every gate has this shape
    """Some website has this token."""
    return None if facts.token_owner(call.token) is not None else _NO_SUCH_TOKEN


def token(service: Service, facts: Facts, call: ParsedRequest) -> Refusal | None:
    """The token is the one of the body's website (clauses `auth.invalid`, `auth.website`)."""
    found = facts.website(call.website_id) if call.website_id is not None else None
    if found is None:
        return Refusal(service.unknown_website_status, "unknown-website")
    if found.api_token == call.token:
        return None
    return _TOKEN_OF_ANOTHER_WEBSITE if facts.token_owner(call.token) is not None else _NO_SUCH_TOKEN


def match(service: Service, facts: Facts, call: ParsedRequest) -> Refusal | None:  # noqa: ARG001 - every gate has this shape
    """A visitor event exists for the three ids together (clauses `match.*`)."""
    website_id, session_id, visitor_id = call.website_id, call.id("session_id"), call.id("visitor_id")
    if website_id is None or session_id is None or visitor_id is None:
        return Refusal(404, "wrong-type-id")
    call.events = facts.events(website_id, session_id, visitor_id)
    if call.events:
        return None
    if facts.website(website_id) is None:
        return Refusal(404, "unknown-website")
    if not facts.knows_session(website_id, session_id):
        return Refusal(404, "match.session")
    if not facts.knows_visitor(website_id, visitor_id):
        return Refusal(404, "match.visitor")
    return Refusal(404, "match.together")


GATES: Mapping[str, Gate] = {
    gate.__name__.replace("_", "-"): gate for gate in (route, header, body, website, known_token, token, match)
}

ORDERS: Mapping[str, tuple[str, ...]] = {
    "stepwise": ("route", "header", "body", "token", "match"),
    "body-first": ("route", "body", "header", "token", "match"),
    "token-first": ("route", "header", "website", "token", "body", "match"),
    "known-token-first": ("route", "header", "known-token", "body", "token", "match"),
    "match-first": ("route", "header", "body", "match", "token"),
    "unauthenticated": ("route", "body", "match"),
}

_WAYS = {order: (names, tuple(GATES[name] for name in names)) for order, names in ORDERS.items()}


def decide(service: Service, facts: Facts, call: ParsedRequest) -> Decision:
    """What the service does with a call: the answer, and how it came to it. Nothing is changed by asking."""
    names, gates = _WAYS[service.order]
    for gate in gates:
        refusal = gate(service, facts, call)
        if refusal is not None:
            passed = gates.index(gate)
            return Decision(_refused(service, call, refusal), refusal.rule, names, passed, refusal.violations)
    return accepted(service, service.event_of(call.events), _carried(service, call, service.success))


def accepted(service: Service, session: Session, reply: Reply) -> Decision:
    """The decision about a request that every gate lets through, for the payment of this visitor event."""
    names, _ = _WAYS[service.order]
    return Decision(reply, "success.status", names, len(names), (), session)


def _refused(service: Service, call: ParsedRequest, refusal: Refusal) -> Reply:
    if refusal.rule == "endpoint":
        # Outside the contract, so not the service's answer but ours.
        return problem_reply("unknown-path", f"The document has one endpoint, {service.api.method} {service.api.path}.")
    return _carried(service, call, service.error(refusal.status))


def _carried(service: Service, call: ParsedRequest, reply: Reply) -> Reply:
    if service.compresses and b"gzip" in call.fields.get(b"accept-encoding", b""):
        return compressed(reply)
    return reply


def _clause(document: object, violations: Sequence[Violation]) -> str:
    """The clause that a body against the schema breaks; `schema` for what only an edited document demands."""
    first = next((violation for violation in violations if violation.code == "required"), violations[0])
    name = first.location[1] if len(first.location) > 1 else None
    if first.code == "required" or (isinstance(document, dict) and document.get(name, 0) is None):
        return "field.required"
    if first.code == "additionalProperties":
        return "extra-property"
    if name == "revenue":
        return "huge-revenue" if first.code == "maximum" else "revenue.positive-integer"
    if first.code == "format" and name == "email":
        return "email.valid"
    return "field.string" if first.code == "type" else "schema"


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


def _too_large(service: Service, call: ParsedRequest) -> Refusal:
    as_bad_request = service.readings["too-large"] == "refused-400" and call.size <= LARGEST_BODY
    message = f"it has {call.size} bytes"
    return Refusal(400 if as_bad_request else 413, "too-large", (Violation(("body",), "too-large", message),))


def _is_called_json(call: ParsedRequest) -> bool:
    media_type = call.fields.get(b"content-type", b"").partition(b";")[0]
    return media_type.strip().lower() == b"application/json"


_NOUNS = {
    list: "an array",
    str: "a string",
    int: "a number",
    float: "a number",
    bool: "a boolean",
    type(None): "null",
}
