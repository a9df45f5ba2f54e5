"""HTTP off the wire: uvicorn's protocol, with a bound on the request head and a short way to the documented endpoint.

The protocol puts itself into the ASGI scope's state, so that a fault can break the very connection, and so that who
answers at length (an open stream, a hanging answer) is told when the server is to stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from mock_server.model import Headers, Reply, Request
from mock_server.wire import wire

LARGEST_HEAD = 256 * 1024
"""Bytes of request line and header fields; a client that sends more is answered 431 and hung up on."""

_KEY = "trackfox_mock.connection"


class Connection(Protocol):
    """What can be known of, and done to, the connection of a request."""

    transport: asyncio.Transport
    leaving: asyncio.Event


class Door(Protocol):
    """An application that answers some requests as soon as they are read, without ASGI between."""

    def opens(self, method: bytes, url: bytes, headers: Headers) -> bool:
        """Whether a request with this head is one of them."""

    @property
    def body_limit(self) -> int:
        """The largest body in bytes that is looked at; of a larger one only the size is."""

    def answer(self, request: Request, client: str, send: Callable[[Reply, Headers], None]) -> None:
        """Answer it by one call of `send`, with the reply and further header fields."""


def connection_of(scope: Mapping[str, Any]) -> Connection | None:
    """The connection that a request came over; None in process, or under another server."""
    connection: Connection | None = scope.get("state", {}).get(_KEY)
    return connection


_Mixin: Any = object  # before a protocol of uvicorn's, whichever it is


class _Reachable(_Mixin):  # type: ignore[misc]  # of no type, see above
    """A `Connection`. uvicorn copies `app_state` into every scope, so a request costs nothing more."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.leaving = asyncio.Event()
        self.app_state: dict[str, Any] = {_KEY: self}

    def shutdown(self) -> None:
        self.leaving.set()
        super().shutdown()


class _Bounded(_Mixin):  # type: ignore[misc]  # of no type, see above
    """httptools, with a bound on the head of a request."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._unused = 0

    def data_received(self, data: bytes) -> None:
        request = self.scope
        super().data_received(data)
        # Bytes that began no request, and were no part of a body, add to a head that is still open.
        self._unused = len(data) + (self._unused if self.scope is request else 0)
        if self._unused > LARGEST_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._unused = 0


class _Arrival:
    """A request whose head is complete, and that is answered as soon as its body is."""

    def __init__(self, headers: Headers) -> None:
        self.headers = headers
        self.parts: list[bytes] = []
        self.size = 0

    def add(self, part: bytes, limit: int) -> None:
        self.size += len(part)
        self.parts.append(part)
        if self.size > limit:
            self.parts.clear()


class _Direct(_Mixin):  # type: ignore[misc]  # of no type, see above
    """httptools, with a short way to an application that is a `Door`.

    uvicorn makes a task, an event and two messages of every request, which takes longer than what the mock does with
    it. A request that the door opens for needs none of them. Everything else goes uvicorn's way: what may take a while
    (the control API, faults, CORS), HTTP/1.0, `Expect`, a request whose predecessor is not answered yet, and all
    requests while the client reads no answers.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._door: Door | None = self.app if hasattr(self.app, "opens") else None
        self._arrival: _Arrival | None = None
        self._is_last = False

    def on_headers_complete(self) -> None:
        if self._opens():
            # Trailer fields, which may follow a body in chunks, are no header fields: their list is another.
            self._arrival = _Arrival(self.headers)
            self.headers: list[tuple[bytes, bytes]] = []
        else:
            super().on_headers_complete()

    def _opens(self) -> bool:
        parser, door = self.parser, self._door
        return (
            door is not None
            and (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
            and not self.transport.is_closing()
            and not self.expect_100_continue
            and parser.should_keep_alive()
            and parser.get_http_version() == "1.1"
            and not parser.should_upgrade()
            and door.opens(parser.get_method(), self.url, self.headers)
        )

    def on_body(self, body: bytes) -> None:
        if self._arrival is None or self._door is None:
            super().on_body(body)
        else:
            self._arrival.add(body, self._door.body_limit)
            self._unused = 0

    def on_message_complete(self) -> None:
        arrival, self._arrival = self._arrival, None
        if arrival is None or self._door is None:
            super().on_message_complete()
            return
        method, path, body = self.parser.get_method().decode(), self.url.decode(), b"".join(arrival.parts)
        request = Request(method, path, arrival.headers, body, b"", arrival.size)
        try:
            self._door.answer(request, self.client[0] if self.client else "", self._send)
        except Exception:
            # httptools would call it a broken request.
            self.logger.exception("Exception in the mock")
            self._is_last = True
            self._send(_FAILURE, ())
        self.on_response_complete()

    def _send(self, reply: Reply, extra: Headers) -> None:
        fields = [*self.server_state.default_headers, *extra]
        if self._is_last:
            fields.append(_CLOSE)
        self.transport.write(wire(reply, fields))
        if self._is_last or _CLOSE in reply.headers:
            self.transport.close()

    def shutdown(self) -> None:
        if self._arrival is None:
            super().shutdown()
        else:
            self.leaving.set()
            self._is_last = True


def protocol_class() -> Any:
    """The protocol to hand to uvicorn: httptools where it is installed, else h11, which has a bound of its own."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415 - may be absent
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: PLC0415 - the other choice

        return type("MockProtocol", (_Reachable, H11Protocol), {})
    return type("MockProtocol", (_Direct, _Bounded, _Reachable, HttpToolsProtocol), {})


_CLOSE = (b"connection", b"close")
_FAILURE = Reply(
    500, ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"21")), b"Internal Server Error"
)
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
