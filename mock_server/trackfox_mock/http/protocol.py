"""HTTP off the wire: uvicorn's protocol, with a bound on the request head and a short way to the documented endpoint.

The protocol puts itself into the ASGI scope's state, so that a fault can break the very connection, and so that who
answers at length (an open stream, a hanging answer) is told when the server is to stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, Protocol

from trackfox_mock.http.wire import wire
from trackfox_mock.model import Headers, Reply, Request

LARGEST_HEAD = 256 * 1024
"""Bytes of request line and header fields; a client that sends more is answered 431 and hung up on."""

_KEY = "trackfox_mock.connection"


class Connection(Protocol):
    """What can be known of, and done to, the connection of a request."""

    transport: asyncio.Transport
    leaving: asyncio.Event


class DirectHandler(Protocol):
    """An application that answers some requests as soon as they are read, without ASGI between."""

    def takes(self, method: bytes, url: bytes, fields: Mapping[bytes, bytes]) -> bool:
        """Whether a request with this head is one of them; `fields` has the last value of each header field."""

    @property
    def body_limit(self) -> int:
        """The largest body in bytes that is looked at; of a larger one only the size is."""

    def respond(self, request: Request, client: str, send: Callable[[Reply, Headers], None]) -> None:
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
        self._most = 0  # bytes of a head that ends in the data at hand

    def data_received(self, data: bytes) -> None:
        headers = self.headers
        self._most = self._unused + len(data)
        super().data_received(data)
        # Bytes that began no request, and were no part of a body, add to a head that is still open.
        self._unused = len(data) + (self._unused if self.headers is headers else 0)
        if self._unused > LARGEST_HEAD and not self.transport.is_closing():
            self.transport.write(_TOO_LARGE)
            self.transport.close()

    def on_body(self, body: bytes) -> None:
        super().on_body(body)
        self._unused = 0


class _Batch:
    """The requests that came in one turn of the event loop, answered one after the other when all are read.

    A system call leaves the processor's caches to the kernel's code; ten answers in a row cost a good deal less than
    ten answers with a system call before each.
    """

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def add(self, loop: asyncio.AbstractEventLoop, answer: Callable[[], None]) -> None:
        """Have a request answered at the end of this turn."""
        if not self._waiting:
            loop.call_soon(self.end)
        self._waiting.append(answer)

    def end(self) -> None:
        """Answer what waits."""
        waiting, self._waiting = self._waiting, []
        for answer in waiting:
            answer()


class _Direct(_Mixin):  # type: ignore[misc]  # of no type, see above
    """httptools, with a short way to an application that is a `DirectHandler`.

    uvicorn makes a task, an event, two messages and a timer of every request, which takes longer than what the mock
    does with it. A request that the handler takes needs none of them. Everything else goes uvicorn's way: what may
    take a while (the control API, faults, CORS), HTTP/1.0, `Expect`, a request whose predecessor is not answered yet,
    and all requests while the client reads no answers. It goes once what came before it is answered.
    """

    batch: _Batch

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._handler: DirectHandler | None = self.app if hasattr(self.app, "takes") else None
        self._arriving: Headers | None = None  # the header fields of a request that goes the short way
        self._parts: list[bytes] = []
        self._size = self._head_size = 0
        self._is_last = False
        self._idle_since: float | None = None
        self._idle_timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        self._idle_since = None
        super().data_received(data)

    def on_message_begin(self) -> None:
        # uvicorn's makes an ASGI scope, which its own way alone needs.
        self.url = b""
        self.headers: list[tuple[bytes, bytes]] = []

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_headers_complete(self) -> None:
        url, headers = self.url, self.headers
        fields = dict(headers)
        if self._goes_direct(fields):
            # Trailer fields, which may follow a body in chunks, are no header fields: their list is another.
            self._arriving, self.headers = headers, []
            self._parts, self._size, self._head_size = [], 0, self._most
        else:
            self.batch.end()
            super().on_message_begin()
            self.url = url
            self.headers += headers
            self.expect_100_continue = fields.get(b"expect", b"").lower() == b"100-continue"
            super().on_headers_complete()

    def _goes_direct(self, fields: Mapping[bytes, bytes]) -> bool:
        parser, handler = self.parser, self._handler
        return (
            handler is not None
            and (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
            and not self.transport.is_closing()
            and parser.should_keep_alive()
            and parser.get_http_version() == "1.1"
            and not parser.should_upgrade()
            and b"expect" not in fields
            and handler.takes(parser.get_method(), self.url, fields)
        )

    def on_body(self, body: bytes) -> None:
        if self._arriving is None or self._handler is None:
            super().on_body(body)
            return
        self._unused = 0
        self._size += len(body)
        self._parts.append(body)
        if self._size > self._handler.body_limit:
            self._parts.clear()

    def on_message_complete(self) -> None:
        headers, self._arriving = self._arriving, None
        if headers is None or self._handler is None:
            super().on_message_complete()
            return
        method, path = _text(self.parser.get_method()), _text(self.url)
        request = Request(method, path, headers, b"".join(self._parts), b"", self._size, self._head_size)
        self.batch.add(self.loop, partial(self._respond, self._handler, request))

    def _respond(self, handler: DirectHandler, request: Request) -> None:
        if self.transport.is_closing():
            return  # an answer before this one ended the connection
        try:
            handler.respond(request, self.client[0] if self.client else "", self._send)
        except Exception:
            self.logger.exception("Exception in the mock")
            self._is_last = True
            self._send(_FAILURE, ())
        self.server_state.total_requests += 1
        self._idle_since = self.loop.time()
        if self._idle_timer is None:
            self._idle_timer = self.loop.call_later(self.timeout_keep_alive, self._close_when_idle)

    def _send(self, reply: Reply, extra: Headers) -> None:
        fields = [*self.server_state.default_headers, *extra]
        if self._is_last:
            fields.append(_CLOSE)
        self.transport.write(wire(reply, fields))
        if self._is_last or _CLOSE in reply.headers:
            self.transport.close()

    def _close_when_idle(self) -> None:
        """One timer serves many requests: it looks again where there was one in the meantime."""
        self._idle_timer = None
        if self._idle_since is None or self.transport.is_closing():
            return
        left = self._idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._idle_timer = self.loop.call_later(left, self._close_when_idle)
        else:
            self.timeout_keep_alive_handler()

    # What else may happen to a connection comes after the answers to what it asked before

    def send_400_response(self, msg: str) -> None:
        self.batch.end()
        super().send_400_response(msg)

    def eof_received(self) -> None:
        self.batch.end()
        super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        super().connection_lost(exc)

    def shutdown(self) -> None:
        self.batch.end()
        if self._arriving is None:
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
    return type("MockProtocol", (_Direct, _Bounded, _Reachable, HttpToolsProtocol), {"batch": _Batch()})


# Few methods and paths go the short way, and the journal keeps the texts: one of each is enough.
_text = lru_cache(maxsize=16)(bytes.decode)

_CLOSE = (b"connection", b"close")
_FAILURE = Reply(
    500, ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"21")), b"Internal Server Error"
)
_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
