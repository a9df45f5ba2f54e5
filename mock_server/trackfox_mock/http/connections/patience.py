"""How long a client may take: connections that only cost are ended, and there are no more than can be served."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from trackfox_mock.http.connections.refusal import Refusal

RESERVED = 64
"""Descriptors that are kept for files, and for the server itself."""

_MOST = 10_000

_TOO_SLOW = Refusal(408, "The request took too long to come; send it again, and all of it.")


class Patience(Struct, frozen=True):
    """What is waited for, in seconds; a body may take longer as long as it comes at `least_rate` bytes a second.

    `start` is how long a connection may say nothing, `head` how long a request's head may take, `body` how long its
    body, and `unread` how long a client may leave answers unread.
    """

    start: float = 60.0
    head: float = 30.0
    body: float = 30.0
    least_rate: int = 500
    unread: float = 60.0

    def is_over(self, what: str, seconds: float, received: int) -> bool:
        """Whether `what` took too long, in which so many bytes came."""
        allowed: float = getattr(self, what)
        return seconds > (allowed + received / self.least_rate if what == "body" else allowed)


class Watch:
    """Looks at all connections now and then. What they are at costs a request nothing.

    Args:
        patience: how long they may take.
    """

    def __init__(self, patience: Patience) -> None:
        self._patience = patience
        self._seen: dict[Any, tuple[str, object, float, int]] = {}

    async def keep(self, connections: Iterable[Any]) -> None:
        """Look at them until cancelled."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(min(1.0, self._patience.head / 2))
            self.look([one for one in connections if hasattr(one, "waits_for")], loop.time())

    def look(self, connections: Iterable[Any], now: float) -> None:
        """End those that took too long for what they were at when they were last looked at."""
        seen, self._seen = self._seen, {}
        for connection in connections:
            waits_for = connection.waits_for()
            if waits_for is None:
                continue
            what, which = waits_for
            before = seen.get(connection)
            if before is None or before[0] != what or before[1] is not which:
                before = what, which, now, connection.received
            self._seen[connection] = before
            if self._patience.is_over(what, now - before[2], connection.received - before[3]):
                give_up(connection, what)


def give_up(connection: Any, what: str) -> None:
    """End a connection: with 408 where a request has begun."""
    if what == "unread":
        connection.transport.abort()
    elif what == "start":
        connection.transport.close()
    else:
        connection.refuse(_TOO_SLOW)


def most_connections() -> int:
    """As many as there are descriptors for, 10,000 at most."""
    try:
        import resource  # noqa: PLC0415 - not on Windows
    except ImportError:
        return _MOST
    limit, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if limit == resource.RLIM_INFINITY else max(min(limit - RESERVED, _MOST), 1)


class Room:
    """How many connections there may be; that there are no more is said once.

    Args:
        most: as many.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._is_told = False

    def has_place(self, there_are: int) -> bool:
        """Whether one more may come."""
        if there_are < self.most:
            return True
        if not self._is_told:
            self._is_told = True
            logging.getLogger("trackfox_mock").warning(
                "trackfox-mock: %d connections are open, and further ones are closed at once; `ulimit -n` says how "
                "many descriptors there are.",
                there_are,
            )
        return False
