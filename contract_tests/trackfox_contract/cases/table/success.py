"""Clauses `endpoint` and `success.*`: the valid call of every session, written and carried in every way that must not matter."""

from __future__ import annotations

import json
from dataclasses import replace
from itertools import permutations
from typing import TYPE_CHECKING

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.cases.table.case import Case
from trackfox_contract.oracle.oracle import MEBIBYTE
from trackfox_contract.request.call import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_KIB = 1024
_SIZES = (
    1 * _KIB,
    2 * _KIB,
    5 * _KIB,
    9 * _KIB,
    17 * _KIB,
    33 * _KIB,
    66 * _KIB,
    101 * _KIB,
    130 * _KIB,
    260 * _KIB,
    520 * _KIB,
    990_000,
)
_AGENTS = (
    "curl/8.10.1",
    "node",
    "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
    "python-requests/2.32.3",
    "Mozilla/5.0 (X11; Linux x86_64)",
    "Go-http-client/1.1",
)


def sessions(builder: RequestBuilder) -> Iterator[Case]:
    """The valid call for each session of each website, twice, and with other amounts and addresses."""
    for website in builder.known.asked_about:
        for session in website.sessions:
            here = builder.at(website, session)
            who = f"{website.website_id}, session {website.sessions.index(session) + 1}"
            for title in ("a valid call", "the same call again"):
                yield Case("endpoint", f"{title} ({who})", here.call())
            for number in (2, 3):
                changes = {"revenue": number, "email": f"contract-check-{number}@example.com"}
                yield Case(
                    "endpoint",
                    f"another payment ({who})",
                    here.call({k: v for k, v in changes.items() if k in here.document.fields}),
                )
            yield Case("endpoint", f"a valid call on a new connection ({who})", here.call().on(fresh=True))


def written(builder: RequestBuilder) -> Iterator[Case]:
    """One valid object in every way to write it."""
    for title, body in _texts(builder.body()).items():
        yield Case("endpoint", title, builder.raw(body))
    for size in _SIZES:
        valid = encode(builder.body())
        if size < MEBIBYTE:
            yield Case(
                "endpoint", f"{size:,} bytes, white space at the end", builder.raw(valid + b" " * (size - len(valid)))
            )
            yield Case(
                "endpoint",
                f"{size:,} bytes, white space inside",
                builder.raw(valid[:1] + b"\n" * (size - len(valid)) + valid[1:]),
            )


_LETTERS = {
    "an escaped slash": r"a\/b", "an escaped quote": r"a\"b", "an escaped backslash": r"a\\b", "a slash": "a/b", "a pair of escapes for an emoji": r"\ud83e\udd8a",
    "another pair of escapes": r"\uD83D\uDE00", "an escaped letter": r"\u00E9", "an accented letter": "\u00e9", "Chinese letters": "\u72d0\u72f8", "an emoji": "\U0001f98a", "a letter that ends a line": "\u2028",
}  # fmt: skip


def further(builder: RequestBuilder) -> Iterator[Case]:
    """Further fields, of the listed fields' names one level down: ignored, or refused as further fields."""
    inner = builder.body({name: builder.unknown(name) for name in ("session_id", "visitor_id")})
    for name in ("metadata", "data", "note"):
        yield Case("endpoint", f"other ids within {name}", builder.call({name: inner}))
        before = encode({name: inner, **builder.body()})
        yield Case("endpoint", f"other ids within {name}, before the listed ones", builder.raw(before))
        yield Case("endpoint", f"other ids within {name}, in a list", builder.call({name: [inner]}))


def lettered(builder: RequestBuilder) -> Iterator[Case]:
    """An id of nobody in letters that JSON writes in several ways: it is read, and matches nothing."""
    for title, text in _LETTERS.items():
        body = encode(builder.body({"session_id": "%HOLE%"})).replace(b"%HOLE%", f"none-{text}".encode())
        yield Case("endpoint", f"{title} in an unknown session's id", builder.raw(body))
        if not text.isascii():
            for chunked in (False, True):
                call = builder.raw(body).on(pieces=len(body), chunked=chunked)
                yield Case("endpoint", f"{title}, byte by byte{', chunked' if chunked else ''}", call)


def _texts(body: Mapping[str, object]) -> Mapping[str, bytes]:
    names = list(body)
    orders = (
        [list(order) for order in permutations(names)]
        if len(names) <= 4
        else [names[i:] + names[:i] for i in range(len(names))]
    )
    orders += [names[::-1], sorted(names), sorted(names, reverse=True), names[1::2] + names[::2]]
    texts = {f"keys in the order {', '.join(order)}": encode({name: body[name] for name in order}) for order in orders}
    plain = json.dumps(body)
    styles = {
        "no white space": json.dumps(body, separators=(",", ":")), "indented": json.dumps(body, indent=2), "indented by tabs": json.dumps(body, indent="\t"),
        "CRLF line ends": json.dumps(body, indent=2).replace("\n", "\r\n"), "CR line ends": json.dumps(body, indent=2).replace("\n", "\r"), "white space around colons": json.dumps(body, separators=(" , ", " : ")),
        "white space before": f" \t\r\n{plain}", "white space after": f"{plain} \t\r\n", "a line end after": f"{plain}\n", "a CRLF after": f"{plain}\r\n", "many line ends": f"\n\n\n{plain}\n\n\n",
        "a line for each part": json.dumps(body, separators=("\n,\n", "\n:\n")), "escapes in every name": _escaped(body, names=True, values=False),
        "escapes in every value": _escaped(body, names=False, values=True), "escapes everywhere": _escaped(body, names=True, values=True),
        "escapes in capitals": _escaped(body, names=True, values=True).replace("\\u00", "\\U00").replace("\\U00", "\\u00").upper().replace("\\U", "\\u")
        if not _has_bare_words(body) else plain,
        "a space within the braces": f"{{ {plain[1:-1]} }}",
        "an escape at the start of every value": _escaped(body, names=False, values=True, only_first=True), "an escaped slash-like style": plain.replace("@", "\\u0040"),
    }  # fmt: skip
    return texts | {title: text.encode() for title, text in styles.items()}


def _has_bare_words(body: Mapping[str, object]) -> bool:
    return any(isinstance(value, (bool, float, list, dict)) for value in body.values())


def _escaped(body: Mapping[str, object], *, names: bool, values: bool, only_first: bool = False) -> str:
    def escape(text: str) -> str:
        return '"' + "".join(f"\\u{ord(c):04x}" if i == 0 or not only_first else c for i, c in enumerate(text)) + '"'

    pairs = (
        f"{escape(name) if names else json.dumps(name)}: {escape(value) if values and isinstance(value, str) and value.isascii() else json.dumps(value)}"
        for name, value in body.items()
    )
    return "{" + ", ".join(pairs) + "}"


def carried(builder: RequestBuilder) -> Iterator[Case]:
    """One valid call, carried over HTTP in every way that must not matter."""
    call = builder.call()
    token = builder.website.api_token
    for charset in (
        "application/json; charset=utf-8",
        "application/json;charset=utf-8",
        "application/json; charset=UTF-8",
    ):
        yield Case("endpoint", f"Content-Type: {charset}", call.with_header("Content-Type", charset))
    for case in (str.lower, str.upper, str.title, str.swapcase):
        headers = tuple((case(name), value) for name, value in call.headers)
        yield Case("endpoint", f"header names as {headers[-1][0]}", replace(call, headers=headers))
    yield Case("endpoint", "the headers in another order", replace(call, headers=call.headers[::-1]))
    for accept in ("*/*", "application/json, text/plain, */*", "application/*"):
        yield Case("endpoint", f"Accept: {accept}", call.with_header("Accept", accept))
    yield Case("endpoint", "no Accept header", call.with_header("Accept"))
    for agent in _AGENTS:
        yield Case("endpoint", f"User-Agent: {agent.split('/')[0]}", call.with_header("User-Agent", agent))
    for name, value in (("X-Request-Id", "check-1"), ("Accept-Language", "de"), ("Cache-Control", "no-cache"), ("X-Unknown", "1"), ("Cookie", "a=b"),
                        ("Accept-Encoding", "gzip, deflate"), ("Accept-Encoding", "*"), ("Accept-Encoding", "identity"), ("Connection", "keep-alive"), ("Idempotency-Key", "check-1"),
                        ("Origin", "https://shop.example"), ("Referer", "https://shop.example/checkout"), ("X-Requested-With", "XMLHttpRequest"), ("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
                        ("X-Forwarded-For", "203.0.113.7"), ("X-Forwarded-Proto", "http"), ("X-Forwarded-Host", "shop.example"), ("Sec-Fetch-Mode", "cors"), ("DNT", "1"), ("Date", "Sun, 22 Nov 2026 09:00:00 GMT"), ("From", "shop@example.com")):  # fmt: skip
        yield Case("endpoint", f"{name}: {value}", call.with_header(name, value))
    for query in ("utm_source=check", "a=1&b=2"):
        yield Case("endpoint", f"the query {query}", replace(call, target=f"{call.target}?{query}"))
    yield Case("endpoint", "Connection: close", call.with_header("Connection", "close").on(fresh=True))
    yield Case("endpoint", "a second one on the same connection", call.with_header("Authorization", f"Bearer {token}"))
    large = call.with_body(call.body + b" " * 200_000)
    yield Case("endpoint", "a body in two pieces", call.on(pieces=2, pause=0.02, fresh=True))
    yield Case("endpoint", "a body in five pieces", call.on(pieces=5, pause=0.005))
    yield Case("endpoint", "a body byte by byte", call.on(pieces=len(call.body)))
    yield Case("endpoint", "a large body in pieces", large.on(pieces=4, pause=0.002))
    yield Case("endpoint", "a chunked body", call.on(chunked=True))
    yield Case("endpoint", "a chunked body in two chunks", call.on(chunked=True, pieces=2, pause=0.01))
    yield Case("endpoint", "a chunked body in seven chunks", call.on(chunked=True, pieces=7))
    yield Case("endpoint", "a chunked body byte by byte", call.on(chunked=True, pieces=len(call.body)))
    yield Case("endpoint", "a large chunked body", large.on(chunked=True, pieces=4))
