"""Kinds that other servers were fooled by: preambles, two framings at once, numbers as other languages write them."""

from __future__ import annotations

from tests.conftest import ENDPOINT
from tests.hostile.kind import Kind, kind
from tests.hostile.wire import BODY, chunked, post

_CHUNKED = b"Transfer-Encoding: chunked"
_LENGTH = b"Content-Length: %d" % len(BODY)
_ALONE = ("httptools",), ("h11",)


def _refused(name: str, *sent: bytes, to: int = 400) -> Kind:
    return kind(name, *sent, to=to, closes=True)


def _either(name: str, sent: bytes, httptools: int, h11: int) -> list[Kind]:
    """RFC 9112 leaves it open, and the parsers differ; a refusal ends the connection."""
    answers = zip((httptools, h11), _ALONE, strict=True)
    return [kind(name, sent, to=to, closes=to == 400, parsers=parsers) for to, parsers in answers]


PREAMBLES = [
    _refused("a preamble of the PROXY protocol", b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n" + post()),
    _refused("the same in its second version", b"\r\n\r\n\x00\r\nQUIT\n\x21\x11\x00\x0c" + bytes(12) + post()),
    _refused("a field before the first line", b"Host: localhost\r\n" + post()),
    _refused("a space before the first field", b"POST / HTTP/1.1\r\n Host: localhost\r\n\r\n"),
    *_either("empty lines before the first one", b"\r\n\r\n" + post(), 200, 400),
    *_either("two spaces in the first line", b"GET  /livez HTTP/1.1\r\nHost: a\r\n\r\n", 200, 400),
    *_either("the authority form", b"GET localhost:80 HTTP/1.1\r\nHost: localhost\r\n\r\n", 400, 404),
    kind("the absolute form of another host", post(target=b"http://evil.example" + ENDPOINT.encode()), to=200),
    _refused("a target beyond ASCII", post(target=b"/\xc3\xa9")),
]

FIELDS = [
    _refused("a NUL in a name", post(b"X-\x00A: a")),
    _refused("an empty name", post(b": a")),
    _refused("a name beyond ASCII", post(b"X-\xc3\xa9: a")),
    *_either("a value on two lines", post(b"X-A: a\r\n b"), 400, 200),
    *_either("line feeds alone", post().replace(b"\r\n", b"\n"), 400, 200),
    kind("an expectation that nobody knows", post(b"Expect: 200-ok"), to=200),
    kind("the same expectation twice", post(b"Expect: 100-continue", b"Expect: 100-continue"), to=(100, 200)),
    kind("a Connection that names Host and Authorization", post(b"Connection: Host, Authorization"), to=200),
]

LENGTHS = [
    _refused("a length with an underscore", post(length=b"1_0")),
    _refused("a length in Arabic digits", post(length=b"\xd9\xa1\xd9\xa2")),
    _refused("a length in hexadecimal digits", post(length=b"0x10")),
    _refused("a length with a space inside", post(length=b"1 0")),
    _refused("an empty length", post(length=b"")),
    *_either("the same length twice", post(_LENGTH), 400, 200),
    *_either("the same length twice in a field", post(length=b"%d, %d" % (len(BODY), len(BODY))), 400, 200),
    _refused("chunks and a length", post(_CHUNKED, b"Content-Length: 5", body=chunked(BODY))),
    _refused("a length and chunks", post(b"Content-Length: 5", _CHUNKED, body=chunked(BODY))),
    _refused("chunks that are no last coding", post(b"Transfer-Encoding: chunked, identity", body=chunked(BODY))),
    _refused("a coding that is none", post(b"Transfer-Encoding: identity")),
    _refused("a coding almost named chunked", post(b"Transfer-Encoding: xchunked", body=chunked(BODY))),
    _refused("chunked behind a vertical tab", post(b"Transfer-Encoding: \x0bchunked", body=chunked(BODY))),
    _refused("a space before that colon", post(b"Transfer-Encoding : chunked", body=chunked(BODY))),
    _refused("chunked twice", post(_CHUNKED, _CHUNKED, body=chunked(BODY))),
    kind("two requests, the first to be the last", post(b"Connection: close") + post(), to=200, closes=True),
]

CHUNKS = [
    *(
        _refused(f"a chunk of {size.decode()} bytes", post(_CHUNKED, body=size + b"\r\nabcde\r\n0\r\n\r\n"))
        for size in (b"0x5", b"-5", b"+5", b"1_0", b"")
    ),
    _refused("a chunk longer than was said", post(_CHUNKED, body=b"3\r\nabcde\r\n0\r\n\r\n")),
    _refused("a trailer field without a colon", post(_CHUNKED, body=chunked(BODY, trailer=b"x\r\n"))),
    _refused("a trailer field on two lines", post(_CHUNKED, body=chunked(BODY, trailer=b"X: a\r\n b\r\n"))),
    _refused("a chunk extension of a mebibyte", post(_CHUNKED, body=b"5;" + b"e" * (1 << 20) + b"\r\n"), to=431),
    kind("a chunk extension", post(_CHUNKED, body=b"%x;a=b\r\n%b\r\n0\r\n\r\n" % (len(BODY), BODY)), to=200),
    kind("ten thousand chunks of a byte", post(_CHUNKED, body=chunked(*[b" "] * 10_000, BODY)), to=200),
]

ODDITIES = [*PREAMBLES, *FIELDS, *LENGTHS, *CHUNKS]
