"""Clause `error.status`: odd, huge and hostile input, after which a service must still answer, and never with a 5xx."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from trackfox_contract.cases.builder import ABSENT, RequestBuilder
from trackfox_contract.cases.table.case import Case
from trackfox_contract.cases.table.revenue import with_revenue
from trackfox_contract.oracle.document import IDENTITY
from trackfox_contract.oracle.oracle import MEBIBYTE
from trackfox_contract.request.call import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_TEXTS: Mapping[str, str] = {
    "a lone surrogate": "\ud800", "two lone surrogates": "\udc00\ud800", "NUL": "\x00", "NUL inside": "a\x00b", "a control character": "a\x1bb", "DEL": "\x7f", "a line end": "a\nb",
    "256 letters": "a" * 256, "300 letters": "a" * 300, "5,000 letters": "a" * 5000, "100,000 letters": "a" * 100_000, "an emoji": "\U0001f98a", "Chinese": "\u72d0\u72f8", "right to left": "\u202e\u05d0",
    "a combining mark": "e\u0301", "a byte order mark": "\ufeff", "a non-character": "\uffff", "a format string": "%s%s%n%d", "a template": "{{7*7}}${7*7}<%= 7 %>", "braces": "{0}{name}", "a quote": "'", "a double quote": '"',
    "a backslash": "\\", "SQL": "'; DROP TABLE payments; --", "a path": "../../../etc/passwd", "HTML": "<script>alert(1)</script>", "JNDI": "${jndi:ldap://127.0.0.1/a}", "a dollar": "$", "a dot": ".", "an open bracket": "[", "an open parenthesis": "(",
    "a plus": "+", "a question mark": "?", "an asterisk": "*", "a caret": "^", "a percent": "%", "%00": "%00", "\\u0000 as text": "\\u0000", "a tilde": "~", "a pipe": "|",
}  # fmt: skip


def ids(builder: RequestBuilder) -> Iterator[Case]:
    """Ids of odd characters and lengths, one at a time."""
    for name in IDENTITY:
        if name in builder.document.fields:
            for title, text in _TEXTS.items():
                yield Case("error.status", f"{name}: {title}", builder.call({name: text}))


def values(builder: RequestBuilder) -> Iterator[Case]:
    """E-mails, amounts and further fields that break careless parsers."""
    addresses = {
        "a lone surrogate": "\ud800@example.com", "NUL": "a\x00@example.com", "100,000 letters": "a" * 100_000 + "@example.com", "a long domain": "a@" + "a." * 25_000 + "com", "many dots": "a" + ".a" * 20_000 + "@example.com",
        "a pattern's worst case": "a" * 60 + "!", "another worst case": "a@" + "a" * 50_000 + "!", "a third worst case": "a." * 40 + "@", "hyphens": "a@" + "a-" * 20_000 + "com", "100,000 at signs": "@" * 100_000, "spaces": " " * 50_000 + "a",
        "an emoji": "\U0001f98a@example.com", "a surrogate in the domain": "a@ex\udcffample.com", "a format string": "%s@example.com", "a bracket": "a@[", "an IPv6 address": "a@[IPv6:::1]", "an open quote": '"a@example.com', "only dots": "...@...", "a dot": "a@.",
        "an over-long label": f"a@{'a' * 70}.com", "an IDNA error": "a@xn--a.com", "xn-- alone": "a@xn--.com", "an escape": "a\\@example.com",
    }  # fmt: skip
    if "email" in builder.document.fields:
        for title, address in addresses.items():
            yield Case("error.status", f"email: {title}", builder.call({"email": address}))
    if "revenue" in builder.document.fields:
        for title, text in {
            "400 digits": "9" * 400, "5,000 digits": "9" * 5000, "minus 5,000 digits": "-" + "9" * 5000, "1e400": "1e400", "-1e400": "-1e400", "1e-400": "1e-400", "1e999999999": "1e999999999", "1E+2": "1E+2",
            "a long fraction": "1." + "0" * 400, "a fraction of 5,000 digits": "0." + "9" * 5000, "2**63": str(2**63), "2**64": str(2**64), "2**53 + 1": str(2**53 + 1), "-2**63 - 1": str(-(2**63) - 1), "a deep list": "[" * 3000 + "]" * 3000,
        }.items():  # fmt: skip
            yield Case("error.status", f"revenue: {title}", builder.raw(with_revenue(builder, text)))
    for name, value in _further().items():
        yield Case("error.status", f"a further field {name}", builder.call({name: value}))


def _further() -> Mapping[str, Any]:
    return {
        "x": 1, "": "", "__proto__": {"admin": True}, "constructor": {"prototype": {}}, "metadata": {"order": [1, 2, {"a": None}]}, "currency": "EUR", "a.b": 1, "$where": "1", "status": "paid", "event": None, "created_at": "not a time",
        "long": "a" * 100_000, "n" * 10_000: 1, "many": list(range(20_000)), "\u00e9\U0001f98a": "\U0001f98a", "token": "", "id": -1, "length": 1e308, "revenue ": 0, "error": "x", "message": "x", "self": {}, "kwargs": {}, "args": [], "cls": 1,
    }  # fmt: skip


def forms(builder: RequestBuilder) -> Iterator[Case]:
    """Bodies in odd forms that may be read or refused, and others that are simply deep or long."""
    valid = encode(builder.body())
    head, tail = valid[:-1], b"}"
    bodies = {
        "a byte order mark": b"\xef\xbb\xbf" + valid, "UTF-16": valid.decode().encode("utf-16"), "UTF-16LE": valid.decode().encode("utf-16-le"), "UTF-32": valid.decode().encode("utf-32"),
        "a mebibyte and more": valid + b" " * (MEBIBYTE + 1000), "a field repeated": head + b', "revenue": 1' + tail, "a field repeated with null": b'{"revenue": null, ' + valid[1:], "1,000 repeated names": head + b', "x": 1' * 1000 + tail,
        "20,000 further fields": head + b"".join(b', "x%d": 1' % number for number in range(20_000)) + tail, "a deep further field": head + b', "x": ' + b"[" * 900 + b"]" * 900 + tail,
        "a very deep further field": head + b', "x": ' + b"[" * 50_000 + b"]" * 50_000 + tail, "a very deep object": head + b', "x": ' + b'{"a":' * 20_000 + b"1" + b"}" * 20_000 + tail,
        "a byte that is not UTF-8 in a string": valid.replace(b'"', b'"\xff', 3), "an over-long UTF-8 form": head + b', "x": "\xc0\xaf"' + tail, "a surrogate in UTF-8": head + b', "x": "\xed\xa0\x80"' + tail, "a lone surrogate escaped": head + b', "x": "\\ud800"' + tail,
        "a name with a NUL": head + b', "a\\u0000b": 1' + tail, "an empty name": head + b', "": 1' + tail,
    }  # fmt: skip
    for title, body in bodies.items():
        yield Case("error.status", f"a body with {title}", builder.raw(body))
    for name in ("session_id", "email", "revenue"):
        deep = encode(builder.body({name: "%HOLE%"})).replace(b'"%HOLE%"', b"[" * 50_000 + b"]" * 50_000)
        yield Case("error.status", f"a very deep {name}", builder.raw(deep))
    kinds = ("text/plain", "application/octet-stream", "application/x-www-form-urlencoded", "application/json; charset=utf-16", "application/json; charset=nonsense", "application/json; charset=", "application/vnd.api+json",
             "Application/JSON", "multipart/form-data", "multipart/form-data; boundary=", "nonsense", "", "application/", ";", "application/json;", 'application/json; charset="utf-8"', "text/json", "a/b; c=" + "d" * 500, "application/xml", "image/png")  # fmt: skip
    for kind in kinds:
        yield Case("error.status", f"JSON sent as {kind[:40]!r}", builder.call().with_header("Content-Type", kind))
        yield Case(
            "error.status",
            f"not JSON, sent as {kind[:40]!r}",
            builder.raw(b"\xff\x00{").with_header("Content-Type", kind),
        )
    yield Case("error.status", "JSON without a content type", builder.call().with_header("Content-Type"))


def before(builder: RequestBuilder) -> Iterator[Case]:
    """Requests of odd kinds, after which the usual ones are answered as ever."""
    call, large = builder.call(), b" " * 70_000
    for method in ("GET", "HEAD", "OPTIONS", "PUT", "DELETE"):
        yield Case("error.status", f"a {method}", replace(call, method=method, body=b""))
    odd = {
        "an empty body": builder.raw(b""),
        "a list": builder.raw(b"[]"),
        "bytes that are no text": builder.raw(b"\xff\xfe\x00"),
        "a form": builder.raw(b"a=b").with_header("Content-Type", "application/x-www-form-urlencoded"),
        "a large body that is no JSON": builder.raw(large + b"x"),
        "a large body without a token": builder.raw(large + call.body).with_header("Authorization"),
        "a chunked body without a token": call.with_header("Authorization").on(chunked=True, pieces=3),
        "a deep body": builder.raw(b"[" * 5000 + b"]" * 5000),
        "an odd id": builder.call({"session_id": "\ud800"}),
        "every field null": builder.call(dict.fromkeys(builder.body())),
        "an empty object": builder.call(dict.fromkeys(builder.body(), ABSENT)),
        "an empty header": builder.authorized(""),
    }
    yield from (Case("error.status", title, odd_call) for title, odd_call in odd.items())


def heads(builder: RequestBuilder) -> Iterator[Case]:
    """Odd headers, targets and methods; payments by another method are never made."""
    call = builder.call()
    for title, value in {"4,000 letters": "Bearer " + "a" * 4000, "only commas": ",,,", "a lone quote": 'Bearer "', "not ASCII": "B\xe4rer x", "Latin-1": "Bearer \xe9\xe8", "high bytes": "Bearer \xff\xfe\xfd", "UTF-8": "Bearer \xc3\xa9",
                         "bad base64": "Basic !!!", "Basic alone": "Basic", "base64 that is not UTF-8": "Basic //79", "an equals sign": "Bearer =", "percent": "Bearer %", "a bad JWT": "Bearer a.b.c", "a JWT without a signature": "Bearer eyJhbGciOiJub25lIn0.e30."}.items():  # fmt: skip
        yield Case("error.status", f"Authorization: {title}", call.with_header("Authorization", value))
    for scheme in ("bearer", "BEARER", "bEaReR"):
        yield Case(
            "error.status",
            f"the scheme as {scheme}",
            call.with_header("Authorization", f"{scheme} {builder.website.api_token}"),
        )
    for title, value in {"two spaces": f"Bearer  {builder.website.api_token}", "a space after it": f"Bearer {builder.website.api_token} ", "spaces before it": f"   Bearer {builder.website.api_token}"}.items():  # fmt: skip
        yield Case("error.status", f"the token with {title}", call.with_header("Authorization", value))
    for name, value in (("Content-Encoding", "gzip"), ("Content-Encoding", "br"), ("Accept", "text/html"), ("Accept", "nonsense"), ("Cookie", "=;;="), ("Cookie", "a" * 3000), ("X-Forwarded-For", "' OR 1=1"), ("Accept-Language", "\xff"), ("Range", "bytes=0-1"),
                        ("If-None-Match", "*"), ("Origin", "null"), ("X-HTTP-Method-Override", "DELETE"), ("Accept-Charset", "utf-7"), ("Forwarded", "for="), ("Content-Language", "xx"), ("Accept-Encoding", "nonsense;q=x")):  # fmt: skip
        yield Case(
            "error.status",
            f"{name}: {value!r} without a token",
            call.with_header("Authorization").with_header(name, value),
        )
    for title, query in {
        "bad escapes": "%zz%",
        "not UTF-8": "%ff%fe",
        "a NUL": "a=%00",
        "many": "a=1&" * 300,
        "brackets": "a[]=1&a[b][c]=2",
        "nothing": "",
    }.items():
        yield Case(
            "error.status",
            f"a query with {title}, without a token",
            replace(call, target=f"{call.target}?{query}").with_header("Authorization"),
        )
    for method in ("GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"):
        yield Case("endpoint", f"the valid call by {method}", replace(call, method=method))
        yield Case("endpoint", f"{method} without a body", replace(call, method=method, body=b""))
        query = f"{call.target}?{urlencode(builder.body())}"
        yield Case(
            "endpoint", f"{method}, all fields in the query", replace(call, method=method, target=query, body=b"")
        )
        for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
            yield Case(
                "endpoint", f"{method} with {name}: POST", replace(call, method=method).with_header(name, "POST")
            )
        target = f"{call.target}?_method=POST"
        yield Case("endpoint", f"{method} with _method=POST in the query", replace(call, method=method, target=target))
    without = dict.fromkeys(builder.body(), ABSENT)
    yield Case(
        "error.status",
        "nothing but an Authorization header",
        builder.call(without).with_header("Content-Type").with_header("Accept"),
    )
    yield Case("error.status", "no header at all", replace(call, headers=(), body=b""))
