"""An answer as the bytes of HTTP/1.1 (RFC 9112), written in one piece."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from trackfox_mock.model import Reply, phrase_of

_WITHOUT_BODY = (204, 304)


def wire(reply: Reply, extra: Iterable[tuple[bytes, bytes]]) -> bytes:
    """All bytes of an answer on a connection that stays open, but for what the reply itself says about that.

    Args:
        reply: what is answered; it is sent chunked where no Content-Length is among its header fields.
        extra: further header fields; no name or value may hold a line break.
    """
    head, tail = _frame(reply)
    return b"\r\n".join([head, *map(b": ".join, extra), tail])


@lru_cache(maxsize=256)
def _frame(reply: Reply) -> tuple[bytes, bytes]:
    """What stands before and after the further header fields: the same for every answer of one kind."""
    names = {name.lower() for name, _ in reply.headers}
    fields, body = [*reply.headers], reply.body
    if b"content-length" not in names and reply.status not in _WITHOUT_BODY:
        fields.append((b"transfer-encoding", b"chunked"))
        body = (b"%x\r\n%b\r\n" % (len(body), body) if body else b"") + b"0\r\n\r\n"
    start = b"HTTP/1.1 %d %b" % (reply.status, phrase_of(reply.status).encode())
    return b"\r\n".join([start, *map(b": ".join, fields)]), b"\r\n" + body
