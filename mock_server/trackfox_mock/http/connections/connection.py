"""What can be known of, and done to, the connection of a request.

A connection puts itself into the ASGI scope's state, so that a fault can break the very connection, and so that who
answers at length (an open stream, a hanging answer) is told when the server is to stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

from trackfox_mock.http.connections.patience import Room

ENTRY = "trackfox_mock.entry"
"""Under which the scope of a request has what became of it, for who has sent it from within."""

_KEY = "trackfox_mock.connection"
_LINGER_SECONDS = 1.0

Mixin: Any = object  # before a protocol of uvicorn's, whichever it is


class Connection(Protocol):
    """What can be known of, and done to, the connection of a request."""

    transport: asyncio.Transport
    leaving: asyncio.Event


def connection_of(scope: Mapping[str, Any]) -> Connection | None:
    """The connection that a request came over; None in process, or under another server."""
    connection: Connection | None = scope.get("state", {}).get(_KEY)
    return connection


class Reachable(Mixin):  # type: ignore[misc]  # of no type, see above
    """A `Connection`. uvicorn copies `app_state` into every scope, so a request costs nothing more."""

    room: Room

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.leaving = asyncio.Event()
        self.app_state: dict[str, Any] = {_KEY: self}
        self.received = 0  # bytes
        self.is_ending = False  # what still comes is not looked at
        self._has_ended = False

    def connection_made(self, transport: Any) -> None:
        has_place = self.room.has_place(len(self.connections))
        super().connection_made(transport)
        if not has_place:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        # Each would hold the connection in a cycle, until Python's collector comes.
        self.app_state, self.scope, self.cycle = {}, None, None

    def data_received(self, data: bytes) -> None:
        self.received += len(data)
        if not self.is_ending:
            super().data_received(data)

    def end_with(self, last: bytes) -> None:
        """Write the last bytes of this connection.

        It is closed a second later: closed at once with something unread, a connection is reset, and a client that is
        still sending would not see the answer.
        """
        if self._has_ended or self.transport.is_closing():
            return
        self.is_ending = self._has_ended = True
        self.flow.resume_reading()
        self.transport.write(last)
        if self.transport.can_write_eof():
            self.transport.write_eof()
            self.loop.call_later(_LINGER_SECONDS, self.transport.close)
        else:
            self.transport.close()  # as over TLS

    def shutdown(self) -> None:
        self.leaving.set()
        super().shutdown()
