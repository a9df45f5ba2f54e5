"""h11, where httptools is not installed: the same bounds, and the same answers to what is refused."""

from __future__ import annotations

import re
from typing import Any

import h11
from h11 import _readers as readers

from trackfox_mock.http.connections.connection import Mixin
from trackfox_mock.http.connections.refusal import (
    LARGEST_HEAD,
    LARGEST_TARGET,
    MOST_FIELDS,
    NOT_HTTP,
    TOO_LARGE_A_HEAD,
    TOO_LONG_A_TARGET,
    Refusal,
    refusal_of,
)

_CONTROL = re.compile(rb"[\x00-\x08\x0a-\x1f\x7f]").search
_END_OF_HEAD = re.compile(rb"\n\r?\n")
_ORIGIN = re.compile(rb"^https?://[^/?#]*/?", re.IGNORECASE)


class WithoutTrailers(readers.ChunkedReader):
    """A body in chunks, whose trailer fields are checked, counted and forgotten, one after the other.

    h11 makes objects of them all, which nobody wants: they are no header fields (RFC 9110, 6.5.1).
    """

    def __init__(self) -> None:
        super().__init__()
        self._left = LARGEST_HEAD

    def __call__(self, buffer: Any) -> Any:
        """The next event; None where more has to come."""
        if not self._reading_trailer:
            return super().__call__(buffer)
        while (line := buffer.maybe_extract_next_line()) is not None:
            if line == b"\r\n":
                return h11.EndOfMessage()
            self._left -= len(line)
            if self._left < 0:
                raise h11.LocalProtocolError(TOO_LARGE_A_HEAD.sentence, TOO_LARGE_A_HEAD.status)
            list(readers._decode_header_lines([line.removesuffix(b"\r\n")]))  # noqa: SLF001 - as h11 does it
        return None


class Strict(h11.Connection):
    """A connection that knows what to answer to what it refuses: `refusal`."""

    def __init__(self) -> None:
        super().__init__(h11.SERVER, max_incomplete_event_size=LARGEST_HEAD)
        self.refusal = NOT_HTTP
        self._lines = 0  # that came, at least as many as the head at hand has

    def receive_data(self, data: bytes) -> None:
        """Take what came."""
        if self._has_come_to_an_end():
            return
        self._lines += data.count(b"\n")
        super().receive_data(data)

    def next_event(self) -> Any:
        """The next event.

        Raises:
            h11.RemoteProtocolError: what came is refused.
        """
        if self._has_come_to_an_end():
            return h11.NEED_DATA
        if self._lines > MOST_FIELDS and self.their_state is h11.IDLE:
            self._demand_few_lines()
        try:
            event = super().next_event()
        except h11.RemoteProtocolError as problem:
            if problem.error_status_hint == 431:
                self.refusal = TOO_LARGE_A_HEAD
            # h11 raises it from a frame that holds it: a cycle, with all that came over the connection.
            raise problem.with_traceback(None) from None
        return self._begun(event) if isinstance(event, h11.Request) else event

    def _begun(self, request: h11.Request) -> h11.Request:
        refusal = _refusal(request)
        if refusal is not None:
            self.refusal = refusal
            raise h11.RemoteProtocolError(refusal.sentence, refusal.status)
        if isinstance(self._reader, readers.ChunkedReader):
            self._reader = WithoutTrailers()
        return _in_origin_form(request)

    def _has_come_to_an_end(self) -> bool:
        """Whether nothing more is looked at, since the last request of the connection is there (RFC 9112, 9.6)."""
        return self.their_state is h11.MUST_CLOSE

    def _demand_few_lines(self) -> None:
        """Refuse a head of too many fields before each of them is made an object."""
        head = _END_OF_HEAD.split(self.trailing_data[0], maxsplit=1)[0]
        self._lines = head.count(b"\n")
        if self._lines > MOST_FIELDS:
            self.refusal = TOO_LARGE_A_HEAD
            raise h11.RemoteProtocolError(self.refusal.sentence, self.refusal.status)


def _refusal(request: h11.Request) -> Refusal | None:
    fields = list(request.headers)
    size = len(request.method) + len(request.target) + len(b"  HTTP/1.1\r\n\r\n")
    if request.method == b"CONNECT":
        return Refusal(400, "This is no proxy: CONNECT is not taken.")
    if len(request.target) > LARGEST_TARGET:
        return TOO_LONG_A_TARGET
    if size + sum(len(name) + len(value) + len(b": \r\n") for name, value in fields) > LARGEST_HEAD:
        return TOO_LARGE_A_HEAD
    is_framed_twice = {b"content-length", b"transfer-encoding"}.issubset(name for name, _ in fields)
    if is_framed_twice or any(map(_CONTROL, (value for _, value in fields))):
        return NOT_HTTP
    return refusal_of(request.http_version.decode(), fields)


def _in_origin_form(request: h11.Request) -> h11.Request:
    """The request with path and query alone as its target, which may name the host too (RFC 9112, 3.2.2)."""
    target = _ORIGIN.sub(b"/", request.target)
    if target == request.target:
        return request
    return h11.Request(
        method=request.method,
        headers=request.headers,
        target=target,
        http_version=request.http_version,
        _parsed=True,
    )


class H11Way(Mixin):  # type: ignore[misc]  # of no type, see there
    """h11, with a refusal that ends the connection as it does on httptools."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.conn = Strict()

    def waits_for(self) -> tuple[str, object] | None:
        """What the client is to do next, and a token of which of its kind it is; None where the turn is ours."""
        if self.flow.write_paused:
            return "unread", None
        if self.is_ending or self.flow.read_paused:
            return None
        if self.conn.their_state is h11.SEND_BODY:
            return "body", self.cycle
        if self.conn.their_state is not h11.IDLE or self.conn.our_state is not h11.IDLE:
            return None
        if self.conn.trailing_data[0]:
            return "head", self.cycle
        return None if self.timeout_keep_alive_task is not None else ("start", None)

    def refuse(self, refusal: Refusal) -> None:
        """End the connection with a refusal."""
        self.conn.refusal = refusal
        self.send_400_response("")

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - what uvicorn would say
        # An answer that is under way, or was given before all of its request came, is the last one.
        is_answered = self.conn.our_state not in {h11.IDLE, h11.SEND_RESPONSE}
        self.end_with(b"" if is_answered else self.conn.refusal.as_bytes())
        if self.cycle is not None and not self.cycle.response_complete:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
