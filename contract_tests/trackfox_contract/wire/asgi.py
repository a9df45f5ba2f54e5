"""The transport without a socket: requests handed straight into an ASGI app in this process."""

from __future__ import annotations

import asyncio
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from trackfox_contract.request.call import on_the_wire, sent_headers
from trackfox_contract.wire.transport import ENDLESS, EndlessError, NoResponse, Outcome, Response, demand_an_end

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from trackfox_contract.request.call import Call, Headers

_REMEMBERED = 8


class _Sent(list["MutableMapping[str, Any]"]):
    """What an app has sent, which is not without end."""

    size = 0

    async def add(self, message: MutableMapping[str, Any]) -> None:
        """Takes a message, or raises an `EndlessError`."""
        self.size += len(message.get("body", b""))
        demand_an_end(self.size)
        self.append(message)
        if message.get("more_body"):
            await asyncio.sleep(0)  # so that the clock ends an app that sends for ever


class AsgiTransport:
    """The same requests, handed to an ASGI app in this process. An exception counts as the 500 a server makes of it.

    Args:
        app: the ASGI app.
        timeout: seconds that one request may take.

    Attributes:
        connections: one, since the app works in our own thread.
    """

    connections = 1

    def __init__(self, app: Callable[[Any, Any, Any], Awaitable[None]], timeout: float) -> None:
        self.app, self.timeout = app, timeout
        self._clients: dict[int, int] = {}

    async def exchange(self, call: Call, number: int) -> Outcome:
        """Calls the app once; the connection of that number shows as the client's port, which stays the same."""
        if call.wire.fresh:
            self._clients[number] = self._clients.get(number, 40000 + number) + 100
        gone = asyncio.Event()
        parts = _asgi_parts(call)
        sent = _Sent()

        async def receive() -> dict[str, Any]:
            if call.wire.pieces > 1:
                await asyncio.sleep(call.wire.pause and 0)
            if not parts:
                await gone.wait()
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: MutableMapping[str, Any]) -> None:
            await sent.add(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                gone.set()

        try:
            async with asyncio.timeout(self.timeout):
                await self.app(self._scope(call, number), receive, send)
        except TimeoutError:
            return NoResponse("hang", f"no whole answer within {self.timeout:g} s")
        except Exception as problem:  # noqa: BLE001 - a server answers 500 to whatever an app raises
            return _ended_by(problem, sent)
        return _asgi_reply(sent)

    def _scope(self, call: Call, number: int) -> dict[str, Any]:
        path, _, query = call.target.partition("?")
        headers = list(_raw_headers(call.headers))
        if call.wire.chunked:
            headers.append((b"transfer-encoding", b"chunked"))
        elif call.body or call.method in ("POST", "PUT", "PATCH"):
            headers.append((b"content-length", str(len(call.body)).encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": call.method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", self._clients.get(number, 40000 + number)),
            "server": ("testserver", 80),
        }

    async def close(self) -> None:
        """Does nothing, since no connection is kept open."""


@lru_cache(_REMEMBERED)  # calls that differ in the body alone come in a row and have the same headers
def _raw_headers(headers: Headers) -> list[tuple[bytes, bytes]]:
    sent = ((name.lower().encode("latin-1"), on_the_wire(value.strip(" \t"))) for name, value in sent_headers(headers))
    return [(b"host", b"testserver"), *sent]


def _asgi_parts(call: Call) -> list[bytes]:
    if call.wire.pieces <= 1:
        return [call.body]
    count = max(1, min(call.wire.pieces, len(call.body) or 1))
    size = -(-len(call.body) // count) or 1
    return [call.body[start : start + size] for start in range(0, len(call.body), size)] or [b""]


def _ended_by(problem: Exception, sent: _Sent) -> Outcome:
    if isinstance(problem, EndlessError):
        return ENDLESS
    if not sent:
        return Response(500, (("content-type", "text/plain"),), type(problem).__name__.encode())
    return NoResponse("dropped", f"the app raised {type(problem).__name__}")


def _asgi_reply(sent: list[MutableMapping[str, Any]]) -> Outcome:
    if not sent or sent[0]["type"] != "http.response.start":
        return NoResponse("dropped", "the app ended without an answer")
    bodies = [message for message in sent[1:] if message["type"] == "http.response.body"]
    if not bodies or bodies[-1].get("more_body"):
        return NoResponse("dropped", "the app ended in the middle of an answer")
    headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in sent[0].get("headers", ()))
    return Response(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in bodies))
