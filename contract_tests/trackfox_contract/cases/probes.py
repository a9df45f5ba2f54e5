"""For each silence the requests that show how a service reads it, and what of the answers is looked at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from trackfox_contract.cases.builder import ABSENT, RequestBuilder
from trackfox_contract.oracle.document import IDENTITY
from trackfox_contract.oracle.oracle import MEBIBYTE
from trackfox_contract.request.call import Call, encode
from trackfox_contract.wire.answers import View, carriage, is_invalid, shape, status, success_extra
from trackfox_mock import SILENCES


@dataclass(frozen=True, slots=True)
class Probe:
    """One request, and the side of its answer that tells the readings apart.

    `part` is the part of the silence that it is about; empty where it is about all of it.
    """

    name: str
    call: Call
    view: View = status
    part: str = ""

    @property
    def is_about_status(self) -> bool:
        """Whether it shows what is answered, and not how."""
        return self.view in {status, is_invalid}


@dataclass(frozen=True, slots=True)
class Probes:
    """What shows one silence.

    Attributes:
        ask: the requests, around a session or around ids of nobody.
        witness: a request that is surely wrong in the same place. Where it is answered 404 the service looks for a
            match first, so that with ids of nobody a 404 says nothing about the place.
        field: the field of the body that it is about; a document without it has no such silence.
        needs_success: only a success shows it.
    """

    ask: Callable[[RequestBuilder], Iterator[Probe]]
    witness: Callable[[RequestBuilder], Call] | None = None
    field: str = ""
    needs_success: bool = False


def _changed(changes: Mapping[str, Mapping[str, Any]]) -> Callable[[RequestBuilder], Iterator[Probe]]:
    def ask(builder: RequestBuilder) -> Iterator[Probe]:
        for name, change in changes.items():
            yield Probe(name, builder.call(dict(change)))

    return ask


def _without_a_field(builder: RequestBuilder) -> dict[str, Any]:
    return {next((name for name in builder.document.required if name not in IDENTITY), "session_id"): ABSENT}


def _order(builder: RequestBuilder) -> Iterator[Probe]:
    """Two things wrong at a time: the status says which was looked at first."""
    wrong_body, nobody = _without_a_field(builder), {"session_id": builder.unknown("session")}
    unknown_token = f"Bearer {builder.unknown('token')}"
    body = encode(builder.body(wrong_body))
    yield Probe("no header, and a field is absent", builder.authorized().with_body(body))
    yield Probe("an unknown token, and a field is absent", builder.authorized(unknown_token).with_body(body))
    unknown_website = builder.call({**wrong_body, "website_id": builder.unknown("website")})
    yield Probe("an unknown website, and a field is absent", unknown_website, is_invalid)
    body = encode(builder.body(nobody))
    yield Probe("an unknown token, and an unknown session", builder.authorized(unknown_token).with_body(body))
    yield Probe("an unknown session, and a field is absent", builder.call({**wrong_body, **nobody}))


def _unknown_website(builder: RequestBuilder) -> Iterator[Probe]:
    yield Probe("an unknown website", builder.call({"website_id": builder.unknown("website")}))


def _errors(builder: RequestBuilder) -> Iterator[Probe]:
    """An error of every kind, as the parts of `error-body` and `transport` have them."""
    yield Probe("no header", builder.authorized(), part="401")
    yield Probe("an unknown token", builder.authorized(f"Bearer {builder.unknown('token')}"), part="401")
    yield Probe("an unknown session", builder.call({"session_id": builder.unknown("session")}), part="404")
    yield Probe("a field is absent", builder.call(_without_a_field(builder)), part="400")
    yield Probe("an id is null", builder.call({"session_id": None}), part="400")
    yield Probe("a body that is cut", builder.raw(b"{"), part="malformed")
    yield Probe("a body with a comma too many", builder.raw(encode(builder.body())[:-1] + b",}"), part="malformed")
    yield Probe("an array", builder.raw(b"[]"), part="array")
    yield Probe("a number", builder.raw(b"1"), part="scalar")
    yield Probe("null", builder.raw(b"null"), part="scalar")
    yield Probe("more than a mebibyte", builder.raw(encode(builder.body()) + b" " * MEBIBYTE), part="413")
    yield Probe("JSON as text/plain", builder.call().with_header("Content-Type", "text/plain"), part="415")
    yield from (replace(probe, part="method") for probe in _other_method(builder) if probe.name in {"GET", "PUT"})


def _error_body(builder: RequestBuilder) -> Iterator[Probe]:
    return (replace(probe, view=shape) for probe in _errors(builder))


def _success_extra(builder: RequestBuilder) -> Iterator[Probe]:
    yield Probe("a valid call", builder.call(), success_extra)


def _transport(builder: RequestBuilder) -> Iterator[Probe]:
    for probe in (Probe("a call", builder.call()), *_errors(builder)):
        yield replace(probe, call=probe.call.with_header("Accept-Encoding", "gzip"), view=carriage)


def _odd_id(builder: RequestBuilder) -> Iterator[Probe]:
    for name, odd in (("with a control character", "\x07"), ("of 300 characters", "x" * 300)):
        yield Probe(f"a session {name}", builder.call({"session_id": builder.unknown("session") + odd}))


def _amounts(*texts: str) -> Callable[[RequestBuilder], Iterator[Probe]]:
    def ask(builder: RequestBuilder) -> Iterator[Probe]:
        before, _, after = encode(builder.body({"revenue": "AMOUNT"})).partition(b'"AMOUNT"')
        for text in texts:
            yield Probe(f"revenue is {text}", builder.raw(before + text.encode() + after))

    return ask


def _content_type(builder: RequestBuilder) -> Iterator[Probe]:
    form = "application/x-www-form-urlencoded"
    yield Probe("JSON as text/plain", builder.call().with_header("Content-Type", "text/plain"), part="other")
    yield Probe("JSON as a form, as curl -d sends it", builder.call().with_header("Content-Type", form), part="form")
    yield Probe("JSON without a content type", builder.call().with_header("Content-Type"), part="none")


def _schemes(*headers: str) -> Callable[[RequestBuilder], Iterator[Probe]]:
    def ask(builder: RequestBuilder) -> Iterator[Probe]:
        for header in headers:
            yield Probe(header.format("TOKEN"), builder.authorized(header.format(builder.website.api_token)))

    return ask


def _other_method(builder: RequestBuilder) -> Iterator[Probe]:
    for method in ("GET", "PUT", "PATCH", "DELETE"):
        if method != builder.document.method:
            call = builder.call() if method != "GET" else builder.raw(b"")
            yield Probe(method, replace(call, method=method))


def _too_large(builder: RequestBuilder) -> Iterator[Probe]:
    body = encode(builder.body())
    for size in (66_000, 102_400, 103_000, MEBIBYTE - 1, MEBIBYTE + 1):
        yield Probe(f"a body of {size:,} bytes", builder.raw(body + b" " * (size - len(body))))


def _accept(builder: RequestBuilder) -> Iterator[Probe]:
    yield Probe("Accept: text/html", builder.call().with_header("Accept", "text/html"))


def _browser_fields(builder: RequestBuilder) -> Iterator[Probe]:
    elsewhere = "https://elsewhere.example"
    call = builder.call().with_header("Origin", elsewhere).with_header("Referer", f"{elsewhere}/checkout")
    yield Probe("Origin and Referer of another site", call.with_header("Sec-Fetch-Site", "cross-site"))


def _chunked_request(builder: RequestBuilder) -> Iterator[Probe]:
    yield Probe("a chunked body", builder.call().on(chunked=True))


def _duplicate_key(builder: RequestBuilder) -> Iterator[Probe]:
    valid = encode(builder.body())
    yield Probe("a wrong e-mail and then a right one", builder.raw(b'{"email": "nobody", ' + valid[1:]))
    yield Probe("a right e-mail and then a wrong one", builder.raw(valid[:-1] + b', "email": "nobody"}'))


_EDGES = {
    "quoted": '"contract check"@example.com',
    "dotless": "contract-check@localhost",
    "not-ascii": "contract-ch\u00e9ck@example.com",
    "spaced": " contract-check@example.com",
    "over-long": f"{'c' * 65}@example.com",
    "reserved": "contract-check@xn--a.example.com",
}


def _email_edge(builder: RequestBuilder) -> Iterator[Probe]:
    for part, address in _EDGES.items():
        yield Probe(SILENCES["email-edge"].parts[part], builder.call({"email": address}), part=part)


_OTHER_TYPES: Mapping[str, Any] = {"number": 12, "boolean": True, "array": [], "object": {}}


def _wrong_type_id(builder: RequestBuilder) -> Iterator[Probe]:
    for kind, value in _OTHER_TYPES.items():
        yield from (Probe(f"{name} is {value!r}", builder.call({name: value}), part=kind) for name in IDENTITY)


def _wrong(**fields: Any) -> Callable[[RequestBuilder], Call]:
    return lambda builder: builder.call(fields)


PROBES: Mapping[str, Probes] = {
    "order": Probes(_order),
    "unknown-website": Probes(_unknown_website),
    "other-method": Probes(_other_method),
    "content-type": Probes(_content_type, lambda builder: builder.raw(b"{")),
    "accept": Probes(_accept),
    "browser-fields": Probes(_browser_fields),
    "chunked-request": Probes(_chunked_request),
    "too-large": Probes(_too_large, lambda builder: builder.raw(b"{")),
    "scheme-case": Probes(
        _schemes("bearer {}", "BEARER {}"), lambda builder: builder.authorized(f"Basic {builder.website.api_token}")
    ),
    "token-space": Probes(
        _schemes("Bearer  {}", "Bearer    {}"), lambda builder: builder.authorized(f"Bearer {builder.unknown('token')}")
    ),
    "extra-property": Probes(
        _changed({"a field that is not listed": {"order_id": "1"}}),
        lambda builder: builder.call(_without_a_field(builder)),
    ),
    "wrong-type-id": Probes(_wrong_type_id, _wrong(session_id=None)),
    "empty-id": Probes(_changed({f"{name} is empty": {name: ""} for name in IDENTITY}), _wrong(session_id=None)),
    "odd-id": Probes(_odd_id, _wrong(session_id=None)),
    "integral-float": Probes(_amounts("1.0", "1e0"), _wrong(revenue=-1), "revenue"),
    "huge-revenue": Probes(
        _amounts("2147483648", "9007199254740991", "9007199254740993", f"1{'0' * 20}"), _wrong(revenue=-1), "revenue"
    ),
    "email-edge": Probes(_email_edge, _wrong(email="nobody"), "email"),
    "duplicate-key": Probes(_duplicate_key, _wrong(email="nobody"), "email"),
    "success-extra": Probes(_success_extra, needs_success=True),
    "error-body": Probes(_error_body),
    "transport": Probes(_transport),
}
"""By silence, in the order in which they are looked at: what is known of one helps to understand the next."""

UNSEEN: Mapping[str, str] = {
    "duplicate": "both are answered alike, and the documented API does not show a payment again",
    "which-event": "the documented API does not show a payment again",
    "currency": "there is one reading only",
}
"""Silences that no answer shows, and why."""
