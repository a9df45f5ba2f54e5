"""A short way to an application that answers at once, past uvicorn's tasks, messages and timers."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, Protocol

from trackfox_mock.http.connections.connection import Mixin
from trackfox_mock.http.connections.parsing import BODY, IDLE, NO_TRAILERS, Refused
from trackfox_mock.http.connections.refusal import Refusal, refusal_of
from trackfox_mock.http.connections.wire import wire
from trackfox_mock.model import Headers, Reply, Request


class DirectHandler(Protocol):
    """An application that answers some requests as soon as they are read, without ASGI between."""

    def takes(self, method: bytes, url: bytes, fields: Mapping[bytes, bytes]) -> bool:
        """Whether a request with this head is one of them; `fields` has the last value of each header field."""

    @property
    def body_limit(self) -> int:
        """The largest body in bytes that is looked at; of a larger one only the size is."""

    def settle(self) -> None:
        """Send the answers that waited for the end of this turn of the event loop, if any did."""

    def respond(self, request: Request, client: str, send: Callable[[Reply, Headers], None]) -> None:
        """Answer it by one call of `send`, with the reply and further header fields."""


class Batch:
    """The requests that came in one turn of the event loop, answered one after the other when all are read.

    A system call leaves the processor's caches to the kernel's code; ten answers in a row cost a good deal less than
    ten answers with a system call before each.
    """

    def __init__(self) -> None:
        self._waiting: list[Callable[[], None]] = []

    def add(self, loop: asyncio.AbstractEventLoop, handler: DirectHandler, answer: Callable[[], None]) -> None:
        """Have a request answered at the end of this turn."""
        if not self._waiting:
            loop.call_soon(self.end)
            self._handler = handler
        self._waiting.append(answer)

    def end(self) -> None:
        """Answer what waits."""
        waiting, self._waiting = self._waiting, []
        for answer in waiting:
            answer()
        if waiting:
            self._handler.settle()


class ShortWay(Mixin):  # type: ignore[misc]  # of no type, see there
    """httptools, with a short way to an application that is a `DirectHandler`.

    uvicorn makes a task, an event, two messages and a timer of every request, which takes longer than what the mock
    does with it. A request that the handler takes needs none of them. Everything else goes uvicorn's way: what may
    take a while (the control API, faults, CORS), HTTP/1.0, `Expect`, a request whose predecessor is not answered yet,
    and all requests while the client reads no answers. It goes once what came before it is answered.
    """

    batch: Batch
    offered: Any  # see `Parsing`

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._handler: DirectHandler | None = self.app if hasattr(self.app, "takes") else None
        self._host: bytes | None = None  # the one of the request before
        self._arriving: Headers | None = None  # the header fields of a request that goes the short way
        self._parts: list[bytes] = []
        self._size = self._head_size = 0
        self._is_last = False
        self._idle_timer: asyncio.TimerHandle | None = None

    @property
    def reads_short(self) -> bool:
        """Whether the body of a request that goes the short way is being read."""
        return self._arriving is not None

    def on_headers_complete(self) -> None:
        parser = self.parser
        if self.offered is not None:
            self.headers = self.offered
            self.offered = None
        elif parser.should_upgrade():
            self._offer()
            return
        headers, version = self.headers, parser.get_http_version()
        fields = dict(headers)
        # Nearly every request is of 1.1, names the host of the one before it, and no field twice.
        if version != "1.1" or not len(fields) == len(headers) <= 64 or fields.get(b"host", b"") != self._host:
            self._check(version, headers)
        if self._goes_direct(version, fields):
            self._arriving = headers
            self._parts, self._size, self._head_size = [], 0, self.most
        else:
            self.batch.end()
            self.begin_long(fields)
        self.reading, self.is_past_head = BODY, True
        self.headers = NO_TRAILERS

    def _offer(self) -> None:
        if self.parser.get_method() == b"CONNECT":
            raise Refused(Refusal(400, "This is no proxy: CONNECT is not taken."))
        self.offered = self.headers

    def _check(self, version: str, headers: Headers) -> None:
        refusal = refusal_of("RTSP" if version == "1.0" and self.speaks_rtsp() else version, headers)
        if refusal is not None:
            raise Refused(refusal)
        self._host = next((value for name, value in headers if name == b"host"), None)

    def _goes_direct(self, version: str, fields: Mapping[bytes, bytes]) -> bool:
        parser, handler = self.parser, self._handler
        return (
            handler is not None
            and (self.cycle is None or self.cycle.response_complete)
            and not self.flow.write_paused
            and not self.transport.is_closing()
            and parser.should_keep_alive()
            and version == "1.1"
            and b"expect" not in fields
            and handler.takes(parser.get_method(), self.url, fields)
        )

    def on_body(self, body: bytes) -> None:
        if self._arriving is None or self._handler is None:
            super().on_body(body)
            return
        self.is_past_head = True
        self._size += len(body)
        self._parts.append(body)
        if self._size > self._handler.body_limit:
            self._parts.clear()

    def on_message_complete(self) -> None:
        if self.offered is not None:
            return  # the head alone is over, see `_decline`
        self.reading = IDLE
        headers, self._arriving = self._arriving, None
        if headers is None or self._handler is None:
            super().on_message_complete()
            return
        method, path = _text(self.parser.get_method()), _text(self.url)
        request = Request(method, path, headers, b"".join(self._parts), b"", self._size, self._head_size)
        self.batch.add(self.loop, self._handler, partial(self._respond, self._handler, request))

    def _respond(self, handler: DirectHandler, request: Request) -> None:
        if self.is_ending or self.transport.is_closing():
            return  # an answer before this one ended the connection
        try:
            handler.respond(request, self.client[0] if self.client else "", self._send)
        except Exception:
            self.logger.exception("Exception in the mock")
            self._is_last = True
            self._send(_FAILURE, ())
        self.server_state.total_requests += 1
        self.idle_since = self.loop.time()
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
        """One timer serves many requests: it looks again where there was one in the meantime.

        A connection that an answer is still due on is not idle; uvicorn sets a timer of its own behind that answer.
        """
        self._idle_timer = None
        if self.idle_since is None or self.reading != IDLE or self.is_answering() or self.transport.is_closing():
            return
        left = self.idle_since + self.timeout_keep_alive - self.loop.time()
        if left > 0:
            self._idle_timer = self.loop.call_later(left, self._close_when_idle)
        else:
            self.timeout_keep_alive_handler()

    # What else may happen to a connection comes after the answers to what it asked before

    def refuse(self, refusal: Refusal) -> None:
        self.batch.end()
        super().refuse(refusal)

    def eof_received(self) -> None:
        self.batch.end()
        super().eof_received()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._idle_timer is not None:
            self._idle_timer.cancel()
        super().connection_lost(exc)
        self._parts = []
        self.forget()

    def shutdown(self) -> None:
        self.batch.end()
        if self._arriving is None:
            super().shutdown()
        else:
            self.leaving.set()
            self._is_last = True


# Few methods and paths go the short way, and the journal keeps the texts: one of each is enough.
_text = lru_cache(maxsize=16)(bytes.decode)

_CLOSE = (b"connection", b"close")
_FAILURE = Reply(
    500, ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"21")), b"Internal Server Error"
)
