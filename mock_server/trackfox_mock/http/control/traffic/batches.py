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
"""Requests in a batch. Nobody reads more at once, and to write them takes time that the mock has better use for."""


class Batches:
    """The newest requests since the last batch, each once it is answered; one that a fault holds back at once, too.

    Args:
        world: where they come.
        connection: of the one who looks on; None in process.
    """

    def __init__(self, world: World, connection: Connection | None) -> None:
        self._world = world
        self._connection = connection
        self._waiting: deque[Entry] = deque(maxlen=MOST)
        self._came = 0
        self._bell = asyncio.Event()
        self._is_rung = False
        self._loop = asyncio.get_running_loop()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Look on for as long as the block lasts."""
        leaving = None if self._connection is None else self._loop.create_task(self._ring_at_the_end(self._connection))
        self._world.listeners.append(self._add)
        try:
            with self._world.noticing(self._held_back):
                yield
        finally:
            self._world.listeners.remove(self._add)
            if leaving is not None:
                leaving.cancel()

    @property
    def is_over(self) -> bool:
        """Whether the server is to stop."""
        return self._connection is not None and self._connection.leaving.is_set()

    async def next(self, seconds: float) -> tuple[list[Entry], int]:
        """The batch, and how many were dropped since the last; an empty one when the time or the server is over."""
        if not self._waiting and not self.is_over:
            try:
                async with asyncio.timeout(seconds):
                    await self._bell.wait()
            except TimeoutError:
                return [], 0
        entries, came = list(self._waiting), self._came
        self._waiting.clear()
        self._came = 0
        self._bell.clear()
        self._is_rung = False
        return entries, came - len(entries)

    def _held_back(self, entry: Entry) -> None:
        if entry.fault is not None:
            self._add(entry)

    def _add(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._came += 1
        if not self._is_rung:
            self._is_rung = True
            # The world may be used from another thread than the one that serves.
            self._loop.call_soon_threadsafe(self._bell.set)

    async def _ring_at_the_end(self, connection: Connection) -> None:
        await connection.leaving.wait()
        self._bell.set()
