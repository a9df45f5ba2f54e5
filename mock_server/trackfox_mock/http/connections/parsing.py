"""httptools, strict where it is lenient: bounds on a head, its fields and its target, and offers of other protocols.

What is refused is answered in its turn: after the answers to all that the client asked before.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httptools

from trackfox_mock.http.connections.connection import Mixin
from trackfox_mock.http.connections.refusal import (
    LARGEST_HEAD,
    LARGEST_TARGET,
    MOST_FIELDS,
    NOT_HTTP,
    TOO_LARGE_A_HEAD,
    TOO_LONG_A_TARGET,
    Refusal,
)

_PIECE = 16 * 1024  # bytes that are parsed at a time, since a head may become too large

IDLE, HEAD, BODY = range(3)
"""What is read at the moment: nothing yet, a head, or a body with the trailer fields behind it."""


class Refused(Exception):  # noqa: N818 - it never leaves a connection
    """A callback of the parser refuses what it read."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


class _NoTrailers(list[tuple[bytes, bytes]]):
    """Where trailer fields go: they are no header fields (RFC 9110, 6.5.1), and nobody wants them."""

    def append(self, _: tuple[bytes, bytes]) -> None:
        """Forget it."""


NO_TRAILERS = _NoTrailers()


class Parsing(Mixin):  # type: ignore[misc]  # of no type, see there
    """Feeds the parser, and ends the connection with what is wrong, if anything is."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.parser: Any = self.parser
        self.headers: list[tuple[bytes, bytes]] = []
        self.reading = IDLE
        self.most = 0  # bytes that the head at hand has at most
        self._unused = 0  # bytes since the head, or the trailer fields, at hand began
        self.is_past_head = False
        self.idle_since: float | None = None
        self.piece = b""  # what is parsed
        self._line = b""  # the beginning of a head that is not whole yet
        self._running: Any = None  # the request that an application is answering
        self._refusal: Refusal | None = None
        self.offered: list[tuple[bytes, bytes]] | None = None  # the header fields of an offer of another protocol

    def data_received(self, data: bytes) -> None:
        if self.is_ending:
            return
        self._unset_keepalive_if_required()
        self.idle_since = None
        self.received += len(data)
        if self._unused + len(data) <= _PIECE:
            self._feed(data)
        else:
            self._feed_in_pieces(data)

    def _feed_in_pieces(self, data: bytes) -> None:
        """So that a head is refused at a bound, and hardly anything beyond it is stored."""
        while data and not self.is_ending:
            room = min(_PIECE, LARGEST_HEAD - self._unused)
            if room <= 0 or len(self.headers) > MOST_FIELDS:
                self.refuse(TOO_LARGE_A_HEAD)
                return
            piece, data = data[:room], data[room:]
            self._feed(piece)

    def _feed(self, data: bytes) -> None:
        self.is_past_head = False
        self.most = self._unused + len(data)
        self.piece = data
        behind_offer: bytes | None = None
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserUpgrade as upgrade:
            behind_offer = data[upgrade.args[0] :]
        except httptools.HttpParserError as problem:
            self._overhear(data)
            self.refuse(_refusal_behind(problem))
        # Not while the offer is handled: what is raised there would count as caused by it.
        if behind_offer is not None:
            self._overhear(data)
            self._decline(behind_offer)
        # Bytes that are no part of a body add to the head, or to the trailer fields, that are still open.
        self._unused = 0 if self.is_past_head else self.most
        if self.reading == HEAD:
            if b"\n" not in self._line:
                self._line += data
        elif self._line:
            self._line = b""

    def _overhear(self, data: bytes) -> None:
        """Tell the application, if it wants to know, of what may be meant for another kind of port."""
        overhear = getattr(self.app, "overhear", None)
        if overhear is not None:
            overhear(data)

    def _decline(self, rest: bytes) -> None:
        """Go on in HTTP/1.1, as a server may that is offered another protocol (RFC 9110, 7.8).

        The parser takes an offer as accepted; another one is told the head again without it.
        """
        assert self.offered is not None  # noqa: S101 - set when the head was read
        method, version = self.parser.get_method(), self.parser.get_http_version().encode()
        fields = [b"%b: %b\r\n" % field for field in self.offered if field[0] != b"upgrade"]
        head = b"%b %b HTTP/%b\r\n%b\r\n" % (method, self.url, version, b"".join(fields))
        self.parser = type(self.parser)(self)
        self.parser.set_dangerous_leniencies(lenient_data_after_close=True)
        self._feed(head)
        if rest and not self.is_ending:
            self._feed(rest)

    def forget(self) -> None:
        """Let go of all that a client sent, and of what waits for an answer, which knows this connection."""
        self.pipeline.clear()
        self.url = self.piece = self._line = b""
        self.headers, self.offered, self._running = [], None, None

    # What the parser found

    def on_message_begin(self) -> None:
        # uvicorn's makes an ASGI scope, which its own way alone needs.
        self.reading = HEAD
        self.url = b""
        self.headers = []
        self.is_past_head = False
        # Where it follows other requests in one piece, theirs count with it: the parser does not say where it began.
        self.most = len(self.piece)

    def begin_long(self, fields: Mapping[bytes, bytes]) -> None:
        """Go uvicorn's own way with the request whose head is read."""
        url, headers = self.url, self.headers
        super().on_message_begin()
        self.url, self.scope["headers"], self.headers = url, headers, headers
        self.expect_100_continue = fields.get(b"expect", b"").lower() == b"100-continue"
        super().on_headers_complete()

    def on_url(self, url: bytes) -> None:
        self.url += url
        if len(self.url) > LARGEST_TARGET:
            raise Refused(TOO_LONG_A_TARGET)

    def on_header(self, name: bytes, value: bytes) -> None:
        self.headers.append((name.lower(), value))

    def on_body(self, body: bytes) -> None:
        self.is_past_head = True
        super().on_body(body)

    def speaks_rtsp(self) -> bool:
        """Whether the request line names RTSP, of which the parser says no more than that its version is 1.0."""
        return b" RTSP/" in (self._line + self.piece if self._line else self.piece)

    def waits_for(self) -> tuple[str, object] | None:
        """What the client is to do next, and a token of which of its kind it is; None where the turn is ours."""
        if self.flow.write_paused:
            return "unread", None
        if self.is_ending or self.flow.read_paused or (self.is_answering() and not self._reads_running()):
            return None
        if self.reading == IDLE:
            is_timed = self.idle_since is not None or self.timeout_keep_alive_task is not None
            return None if is_timed else ("start", None)
        return ("head", self.headers) if self.reading == HEAD else ("body", self.url)

    def _reads_running(self) -> bool:
        return self.reading == BODY and self.cycle is self._running

    # What is refused

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - what uvicorn would say
        self.refuse(NOT_HTTP)

    def _start_asgi_task(self, cycle: Any, app: Any) -> None:
        self._running = cycle
        super()._start_asgi_task(cycle, app)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        if self.is_answering():  # uvicorn tells the newest request alone, which may wait behind this one
            self._running.disconnected = True
            self._running.message_event.set()

    def is_answering(self) -> bool:
        """Whether an application is at work on a request that is whole or not."""
        return self._running is not None and not self._running.response_complete

    def refuse(self, refusal: Refusal) -> None:
        """End the connection with a refusal, after the answers to what came before."""
        self.is_ending, self._refusal = True, refusal
        broken = self.cycle if self.reading == BODY and not self.reads_short else None
        if broken is not None:
            self._give_up(broken)
        if not self.is_answering():
            self.end_with(refusal.as_bytes() if broken is None or not broken.response_started else b"")

    def _give_up(self, broken: Any) -> None:
        """A request whose body is wrong gets no other answer than the refusal."""
        if self.pipeline and self.pipeline[0][0] is broken:
            self.pipeline.popleft()
        else:
            self._running = None
            broken.disconnected = True
            broken.message_event.set()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self._refusal is not None and not self.is_answering():
            self.end_with(self._refusal.as_bytes())


def _refusal_behind(problem: Exception) -> Refusal:
    cause = problem.__context__
    return cause.refusal if isinstance(cause, Refused) else NOT_HTTP
