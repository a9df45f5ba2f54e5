"""Requests that are no HTTP/1.1, or more than anybody sends: what is wrong with them, and the answer to it."""

from __future__ import annotations

import re

from msgspec import Struct

from trackfox_mock.http.connections.wire import wire
from trackfox_mock.model import Headers, Reply

LARGEST_HEAD = 256 * 1024
"""Bytes of request line and header fields, and of trailer fields; a client that sends more is answered 431."""

LARGEST_TARGET = 64 * 1024 - 1
"""Bytes of the request target, the address with its query; a longer one is answered 414."""

MOST_FIELDS = 1000
"""Header fields of a request; one that has more is answered 431."""

# What may stand in a Host field (RFC 3986, 3.2.2 and 3.2.3): a name or an address, and a port.
_is_host = re.compile(rb"(?:\[[0-9A-Fa-f:.]+\]|[\w.~!$&'()*+,;=%-]+)(?::\d*)?", re.ASCII).fullmatch


class Refusal(Struct, frozen=True):
    """An answer that ends the connection; `sentence` says what came and what was expected."""

    status: int
    sentence: str

    def as_bytes(self) -> bytes:
        """The whole answer."""
        body = f"{self.sentence}\n".encode()
        fields = ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)))
        return wire(Reply(self.status, fields, body), [(b"connection", b"close")])


NOT_HTTP = Refusal(400, "What came is not HTTP/1.1 (RFC 9112).")
TOO_LARGE_A_HEAD = Refusal(431, "The head of the request is too large; expected at most 256 KiB in 1,000 fields.")
TOO_LONG_A_TARGET = Refusal(414, "The address is too long; expected at most 65,535 bytes.")
_ANOTHER_VERSION = Refusal(400, "The request is not of a version that is spoken here; expected HTTP/1.1 or HTTP/1.0.")
_NO_HOST = Refusal(400, "The request has no Host field, or more than one; HTTP/1.1 wants one (RFC 9112, 3.2).")
_ODD_HOST = Refusal(400, "The Host field is no name or address with a port (RFC 9112, 3.2).")


def refusal_of(version: str, fields: Headers) -> Refusal | None:
    """What is wrong with the head of a request, whichever parser read it; None where nothing is."""
    hosts = [value for name, value in fields if name == b"host"]
    if version not in {"1.1", "1.0"}:
        return _ANOTHER_VERSION
    if len(fields) > MOST_FIELDS:
        return TOO_LARGE_A_HEAD
    if len(hosts) > 1 or (not hosts and version == "1.1"):
        return _NO_HOST
    return None if all(map(_is_host, hosts)) else _ODD_HOST
