"""What hostile, broken and merely odd clients send, and what becomes of it: a row a kind."""

from __future__ import annotations

import gzip

from tests.conftest import ENDPOINT, TOKEN
from tests.hostile.kind import Kind, kind
from tests.hostile.oddities import ODDITIES
from tests.hostile.wire import BODY, chunked, post

KIB = 1024
_TRAILERS = b"".join(b"x%d:1\r\n" % number for number in range(20_000))
_LONG = ENDPOINT.encode() + b"?a=b"
_NO_TOKEN = post(b"Transfer-Encoding: chunked", body=b"", authorization=None, target=_LONG)


def padded(size: int) -> bytes:
    """A payment whose head has exactly so many bytes."""
    head = len(post(b"X-Padding: ")) - len(BODY)
    return post(b"X-Padding: " + b"p" * (size - head))


REQUEST_LINES = [
    kind("bytes that are no HTTP", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", to=400, closes=True),
    kind("a word and no more", b"hello\r\n\r\n", to=400, closes=True),
    kind("the preface of HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", to=400, closes=True),
    kind("HTTP/2.0 as a version", post(version=b"HTTP/2.0"), to=400, closes=True),
    kind("HTTP/0.9 as a version", post(version=b"HTTP/0.9"), to=400, closes=True),
    kind("HTTP/3.7 as a version", post(version=b"HTTP/3.7"), to=400, closes=True),
    kind("RTSP/1.0 as a version", post(version=b"RTSP/1.0"), to=400, closes=True),
    kind("no version", b"POST /\r\nHost: a\r\n\r\n", to=400, closes=True),
    kind("HTTP/1.0", post(version=b"HTTP/1.0"), to=200, closes=True),
    kind("HTTP/1.0 without a Host", post(version=b"HTTP/1.0", host=()), to=200, closes=True),
    kind("CONNECT", b"CONNECT example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n", to=400, closes=True),
    kind("a target of 65,535 bytes", post(target=b"/" + b"t" * 65_534), to=404),
    kind("a target of 65,536 bytes", post(target=b"/" + b"t" * 65_535), to=414, closes=True),
    kind("a target of 250 KB", post(target=b"/" + b"t" * 250_000), to=414, closes=True),
    kind("a target of 64 KiB in the query", post(target=_LONG + b"q" * 65_536), to=414, closes=True),
    kind("a control character in the target", post(target=b"/a\x01b"), to=400, closes=True),
    kind("a target that is no address", b"GET //[ HTTP/1.1\r\nHost: localhost\r\n\r\n", to=404),
    kind("the absolute form", post(target=b"http://localhost" + ENDPOINT.encode()), to=200),
    kind("an asterisk", b"OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n", to=404),
    kind("percent signs that mean nothing", post(target=b"/%zz%"), to=404),
    kind("encoded line breaks", post(target=b"/%0d%0aX-Injected:%201"), to=404),
    kind("dots that climb", post(target=b"/../../etc/passwd"), to=404),
    kind("a method nobody knows", post(method=b"BREW"), to=400, closes=True, parsers=("httptools",)),
    kind("a method nobody knows", post(method=b"BREW"), to=405, parsers=("h11",)),
]

HEADS = [
    kind("a head of 256 KiB", padded(256 * KIB), to=200),
    kind("a head of 256 KiB and a byte", padded(256 * KIB + 1), to=431, closes=True),
    kind(
        "the same in pieces",
        *(padded(256 * KIB + 1)[start : start + 50_000] for start in range(0, 262_146, 50_000)),
        to=431,
        closes=True,
    ),
    kind("a head of 300 KB", padded(300_000), to=431, closes=True),
    kind("a head of 400 KB", padded(400_000), to=431, closes=True),
    kind("a head without end", b"GET / HTTP/1.1\r\nHost: a\r\nX: ", *[b"a" * 65536] * 8, to=431, closes=True),
    kind("white space without end", b"GET / HTTP/1.1\r\nHost: a\r\nX:", *[b" " * 65536] * 8, to=431, closes=True),
    kind("a name of 300 KB", b"GET / HTTP/1.1\r\nHost: a\r\n" + b"n" * 300_000 + b": 1\r\n\r\n", to=431, closes=True),
    kind("1,001 fields", post(*[b"a: 1"] * 998), to=431, closes=True),
    kind("60,000 fields", post(*[b"a:"] * 60_000), to=431, closes=True),
    kind("no Host", post(host=()), to=400, closes=True),
    kind("an empty Host", post(host=(b"Host: ",)), to=400, closes=True),
    kind("two Hosts", post(host=(b"Host: localhost", b"Host: evil.example")), to=400, closes=True),
    kind("the same Host twice", post(host=(b"Host: localhost", b"Host: localhost")), to=400, closes=True),
    kind("a user in the Host", post(host=(b"Host: evil.example@localhost",)), to=400, closes=True),
    kind("a path in the Host", post(host=(b"Host: localhost/evil",)), to=400, closes=True),
    kind("a bracket in the Host", post(host=(b"Host: [",)), to=400, closes=True),
    kind("an address of IPv6 as the Host", post(host=(b"Host: [::1]:4012",)), to=200),
    kind("a space before the colon", post(b"X-A : 1"), to=400, closes=True),
    kind("no colon", post(b"X-A"), to=400, closes=True),
    kind("a NUL in a value", post(b"X-A: a\x00b"), to=400, closes=True),
    kind("a carriage return in a value", post(b"X-A: a\rb"), to=400, closes=True),
    kind("bytes that are no text in a value", post(b"X-A: \xff\xfe\x80"), to=200),
    kind("an escape sequence in a value", post(b"User-Agent: \x1b[2J"), to=400, closes=True),
]

FRAMING = [
    kind("two lengths that differ", post(b"Content-Length: 3"), to=400, closes=True),
    kind("a length that is no number", post(length=b"ten"), to=400, closes=True),
    kind("a length below zero", post(length=b"-1"), to=400, closes=True),
    kind("a length with a sign", post(length=b"+%d" % len(BODY)), to=400, closes=True),
    kind("a length of 30 digits", post(length=b"9" * 30), to=400, closes=True),
    kind(
        "a chunk size that is no number",
        post(b"Transfer-Encoding: chunked", body=b"zz\r\nabc\r\n0\r\n\r\n"),
        to=400,
        closes=True,
    ),
    kind(
        "a chunk size of 30 digits", post(b"Transfer-Encoding: chunked", body=b"f" * 30 + b"\r\n"), to=400, closes=True
    ),
    kind(
        "trailer fields that would be a token",
        _NO_TOKEN + chunked(BODY, trailer=b"Authorization: Bearer " + TOKEN.encode() + b"\r\n"),
        to=401,
    ),
    kind(
        "trailer fields that would be a preference",
        post(b"Transfer-Encoding: chunked", target=_LONG, body=chunked(BODY, trailer=b"Prefer: code=418\r\n")),
        to=200,
    ),
    kind(
        "a trailer field and a request behind it",
        post(b"Transfer-Encoding: chunked", body=chunked(BODY, trailer=b"Authorization: Bearer x\r\n"))
        + post(authorization=None),
        to=(200, 401),
    ),
    kind("20,000 trailer fields", post(b"Transfer-Encoding: chunked", body=chunked(BODY, trailer=_TRAILERS)), to=200),
    kind(
        "trailer fields of 600 KB",
        post(b"Transfer-Encoding: chunked", body=chunked(BODY, trailer=_TRAILERS * 3)),
        to=431,
        closes=True,
    ),
    kind("garbage behind a payment", post() + b"\x00garbage\r\n\r\n", to=(200, 400), closes=True),
    kind(
        "garbage behind three that take longer",
        post(target=_LONG) * 3 + b"\x00garbage\r\n\r\n",
        to=(200, 200, 200, 400),
        closes=True,
    ),
    kind(
        "a broken body behind two that take longer",
        post(target=_LONG) * 2 + post(b"Transfer-Encoding: chunked", target=_LONG, body=b"zz\r\n"),
        to=(200, 200, 400),
        closes=True,
    ),
    kind(
        "an offer of HTTP/2, as of Java",
        post(
            b"Connection: Upgrade, HTTP2-Settings",
            b"Upgrade: h2c",
            b"HTTP2-Settings: AAEAAEAAAAIAAAABAAMAAABkAAQBAAAAAAUAAEAA",
        ),
        to=200,
    ),
    kind(
        "the same with a request behind it",
        post(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAEAAEAA") + post(),
        to=(200, 200),
    ),
    kind(
        "an offer with a body in chunks",
        post(b"Connection: Upgrade", b"Upgrade: h2c", b"Transfer-Encoding: chunked", body=chunked(BODY[:9], BODY[9:])),
        to=200,
    ),
    kind(
        "an offer of a web socket",
        b"GET /livez HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        to=200,
    ),
    kind("a compressed body", post(b"Content-Encoding: gzip", body=gzip.compress(BODY)), to=400),
    kind("a body in UTF-16", post(body=BODY.decode().encode("utf-16")), to=400),
    kind("a body of brackets", post(body=b"[" * 900_000), to=400),
    kind("a body of three mebibytes", post(body=b" " * (3 << 20)), to=413),
    kind("a hundred payments at once", post() * 100, to=(200,) * 100),
]

KINDS: list[Kind] = [*REQUEST_LINES, *HEADS, *FRAMING, *ODDITIES]
