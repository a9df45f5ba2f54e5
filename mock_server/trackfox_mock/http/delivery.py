"""How an answer that a fault hits is sent: late, slowly, in pieces, or not at all.

On uvicorn the connection itself is in the ASGI scope's state (see `connection.py`), so that bytes outside HTTP can be
written and the connection be reset. In process there is none: there a lost or broken answer is a `LostAnswerError`
raised out of the application, which in-process clients pass on to whoever called them.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

from trackfox_mock.errors import LostAnswerError
from trackfox_mock.faults.effects import FAULTS, Dribble, Hit
from trackfox_mock.http.connections.connection import Connection, connection_of
from trackfox_mock.model import Headers, Reply, phrase_of

_NOT_HTTP = b"\x16\x9c\xc5 neither HTTP nor anything else \xff\xfe\x00\x8a\x0b"


class Delivery:
    """Sends one answer.

    Args:
        scope: the request's ASGI scope.
        receive: the same request's.
        send: the same request's.
    """

    def __init__(
        self, scope: Any, receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]
    ) -> None:
        self._connection = connection_of(scope)
        self._receive = receive
        self._send = send

    async def _whole(self, reply: Reply, extra: Headers) -> None:
        await self._send({"type": "http.response.start", "status": reply.status, "headers": [*reply.headers, *extra]})
        await self._send({"type": "http.response.body", "body": reply.body})

    async def broken(self, hit: Hit, reply: Reply, extra: Headers) -> Reply | None:
        """Send it as a fault has it.

        Returns:
            what was sent, if it was an answer at all.

        Raises:
            LostAnswerError: there is no connection that could be broken.
        """
        if hit.applied:
            extra = [*extra, (b"preference-applied", hit.applied.encode())]
        await self._pause(hit.delay / 1000)
        if hit.effect.fault == "MALFORMED_BODY":
            reply = _cut(reply)
        elif hit.effect.fault is not None:
            await self._lose(hit.effect.fault, reply, extra)
            return None
        if hit.effect.dribble is None:
            await self._whole(reply, extra)
        else:
            await self._dribble(hit.effect.dribble, reply, extra)
        return reply

    async def _dribble(self, dribble: Dribble, reply: Reply, extra: Headers) -> None:
        await self._send({"type": "http.response.start", "status": reply.status, "headers": [*reply.headers, *extra]})
        length = -(-len(reply.body) // dribble.chunks) or 1
        pieces = [reply.body[start : start + length] for start in range(0, len(reply.body), length)]
        for piece in pieces:
            await self._pause(dribble.milliseconds / 1000 / len(pieces))
            await self._send({"type": "http.response.body", "body": piece, "more_body": True})
        await self._send({"type": "http.response.body"})

    async def _lose(self, fault: str, reply: Reply, extra: Headers) -> None:
        connection = self._connection
        if connection is None:
            raise LostAnswerError(f"{fault}: {FAULTS[fault]}. In process there is no connection, so this is raised.")
        if fault == "HANG":
            await self._gone(connection)
        if connection.transport.is_closing():
            # Nobody is left to be told: the client did not wait for a late answer.
            return
        connection.transport.write(_BYTES[fault](reply, extra))
        if fault == "CONNECTION_RESET_BY_PEER":
            _reset(connection.transport)
        else:
            connection.transport.close()
        await self._gone(connection)

    async def _gone(self, connection: Connection) -> None:
        """Wait until the client has gone, or the server is to stop."""
        leaving = asyncio.ensure_future(connection.leaving.wait())
        gone = asyncio.ensure_future(self._disconnected())
        done, waiting = await asyncio.wait((leaving, gone), return_when=asyncio.FIRST_COMPLETED)
        for task in waiting:
            task.cancel()
        if leaving in done:
            connection.transport.close()

    async def _disconnected(self) -> None:
        while (await self._receive())["type"] != "http.disconnect":
            pass

    async def _pause(self, seconds: float) -> None:
        """Wait; no longer than until the server is to stop."""
        if self._connection is None:
            await asyncio.sleep(seconds)
        elif seconds:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._connection.leaving.wait(), seconds)


def _cut(reply: Reply) -> Reply:
    """The answer with half of its body, and a Content-Length that says so."""
    body = reply.body[: len(reply.body) // 2]
    headers = [(name, value) for name, value in reply.headers if name.lower() != b"content-length"]
    return Reply(reply.status, (*headers, (b"content-length", b"%d" % len(body))), body)


def _truncated(reply: Reply, extra: Headers) -> bytes:
    phrase = phrase_of(reply.status).encode()
    fields = [(name, value) for name, value in (*reply.headers, *extra) if name.lower() != b"content-length"]
    head = [b"HTTP/1.1 %d %s" % (reply.status, phrase), *(b"%s: %s" % field for field in fields)]
    head.append(b"content-length: %d" % max(len(reply.body), 1))
    return b"\r\n".join(head) + b"\r\n\r\n" + reply.body[: len(reply.body) // 2]


_BYTES: dict[str, Callable[[Reply, Headers], bytes]] = {
    "CONNECTION_RESET_BY_PEER": lambda _, __: b"",
    "EMPTY_RESPONSE": lambda _, __: b"",
    "HANG": lambda _, __: b"",
    "MALFORMED_RESPONSE_CHUNK": lambda _, __: b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n" + _NOT_HTTP,
    "RANDOM_DATA_THEN_CLOSE": lambda _, __: _NOT_HTTP,
    "TRUNCATED_BODY": _truncated,
}


def _reset(transport: asyncio.Transport) -> None:
    """Close with RST instead of FIN: that is what a socket does whose lingering time is zero."""
    connected = transport.get_extra_info("socket")
    if connected is not None:
        with socket.socket(fileno=socket.dup(connected.fileno())) as same:
            same.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
