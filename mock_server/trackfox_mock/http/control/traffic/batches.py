"""Requests in batches for who looks on: bounded, the oldest dropped and counted, with next to no work a request."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from trackfox_mock.http.connections.connection import Connection
from trackfox_mock.journal.entries import Entry
from trackfox_mock.world.world import World

MOST = 40
"""Requests in a batch."""

FEW = 5
"""Requests in a batch where more came than it holds: nobody can read more, and the mock has better use for its time."""

SECONDS_BETWEEN = 0.1
_LOOKED_AT = 20


class Batches:
    """The newest requests since the last batch, each once it is answered; one that is held back after a while, too.

    A request costs one append to a bounded queue: nobody is woken for it, and the batches are taken by the clock.

    Args:
        world: where they come.
        connection: of the one who looks on; None in process.
    """

    def __init__(self, world: World, connection: Connection | None) -> None:
        self._world = world
        self._connection = connection
        self._waiting: deque[Entry] = deque(maxlen=MOST)
        self._last = self._newest()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Look on for as long as the block lasts."""
        listener = self._waiting.append
        self._world.listeners.append(listener)
        try:
            yield
        finally:
            self._world.listeners.remove(listener)

    @property
    def is_over(self) -> bool:
        """Whether the server is to stop."""
        return self._connection is not None and self._connection.leaving.is_set()

    async def next(self, seconds: float) -> tuple[list[Entry], int]:
        """The next batch and how many requests were dropped before it; without any when the time is up.

        Args:
            seconds: how long it is waited for a request.
        """
        for _ in range(max(1, round(seconds / SECONDS_BETWEEN))):
            await asyncio.sleep(SECONDS_BETWEEN)
            if self._waiting or self.is_over:
                break
        entries = [self._waiting.popleft() for _ in range(len(self._waiting))] or self._held_back()
        dropped = self._dropped(entries)
        if dropped and len(entries) > FEW:
            dropped += len(entries) - FEW
            del entries[:-FEW]
        self._last = max([self._last, *(entry.number for entry in entries)])
        return entries, dropped

    def _dropped(self, entries: list[Entry]) -> int:
        """How many requests came since the last batch that are not in this one: their numbers have no gaps."""
        fresh = [entry.number for entry in entries if entry.number > self._last]
        return max(fresh) - self._last - len(fresh) if fresh else 0

    def _held_back(self) -> list[Entry]:
        """Requests that came and have no answer yet, where no other came."""
        newest = list(self._world.journal)[-_LOOKED_AT:]
        return [entry for entry in newest if entry.number > self._last]

    def _newest(self) -> int:
        return max((entry.number for entry in self._world.journal), default=0)
