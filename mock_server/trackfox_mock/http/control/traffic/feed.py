"""A bounded queue of what happens, for whoever watches: a slow reader loses the oldest, never holds up the mock."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager

from trackfox_mock.http.connections.connection import Connection
from trackfox_mock.journal.entries import Entry
from trackfox_mock.world.world import World

_KEPT = 1000


class Feed:
    """Requests as they come and as they are answered.

    Args:
        world: where they come.
        connection: of the one who watches; None in process.
    """

    def __init__(self, world: World, connection: Connection | None) -> None:
        self._world = world
        self._connection = connection
        self._happened: deque[tuple[str, Entry]] = deque(maxlen=_KEPT)
        self._bell = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    @contextmanager
    def open(self) -> Iterator[None]:
        """Watch for as long as the block lasts."""
        leaving = None if self._connection is None else self._loop.create_task(self._ring_at_the_end(self._connection))
        self._world.listeners.append(self._completed)
        try:
            with self._world.noticing(self._received):
                yield
        finally:
            self._world.listeners.remove(self._completed)
            if leaving is not None:
                leaving.cancel()

    @property
    def is_over(self) -> bool:
        """Whether the server is to stop."""
        return self._connection is not None and self._connection.leaving.is_set()

    async def next(self, seconds: float) -> list[tuple[str, Entry]]:
        """What happened since the last time, waiting for it if need be; nothing when the time or the server is over."""
        if not self._happened and not self.is_over:
            self._bell.clear()
            try:
                async with asyncio.timeout(seconds):
                    await self._bell.wait()
            except TimeoutError:
                return []
        return [self._happened.popleft() for _ in range(len(self._happened))]

    def _received(self, entry: Entry) -> None:
        self._add("received", entry)

    def _completed(self, entry: Entry) -> None:
        self._add("completed", entry)

    def _add(self, event: str, entry: Entry) -> None:
        self._happened.append((event, entry))
        # The world may be used from another thread than the one that serves.
        self._loop.call_soon_threadsafe(self._bell.set)

    async def _ring_at_the_end(self, connection: Connection) -> None:
        await connection.leaving.wait()
        self._bell.set()
