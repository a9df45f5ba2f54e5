"""A bounded queue of what happens, for whoever watches: a slow reader loses the oldest, never holds up the mock."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from trackfox_mock.http.connections.connection import Connection
from trackfox_mock.journal.entries import Entry
from trackfox_mock.world.world import World

KEPT = 1000
"""Events that wait for a reader; of more, the oldest are lost."""


class Feed:
    """Requests as they come and as they are answered.

    Args:
        world: where they come.
        connection: of the one who watches; None in process.
        website_id: of which website; None of all.

    Attributes:
        is_gone: whether nobody watches any more.
    """

    def __init__(self, world: World, connection: Connection | None, website_id: str | None = None) -> None:
        self._world = world
        self._connection = connection
        self._happened: deque[tuple[str, Entry]] = deque(maxlen=KEPT)
        self._website_id = website_id
        self._bell = asyncio.Event()
        self._is_rung = self.is_gone = False
        self._loop = asyncio.get_running_loop()

    @contextmanager
    def open(self, receive: Callable[[], Awaitable[Any]] | None = None) -> Iterator[None]:
        """Watch for as long as the block lasts; `receive` is the ASGI one of who watches, which tells when it goes."""
        watching = [] if self._connection is None else [self._ring_at_the_end(self._connection)]
        watching += [] if receive is None else [self._ring_when_gone(receive)]
        tasks = [self._loop.create_task(work) for work in watching]
        self._world.listeners.append(self._completed)
        try:
            with self._world.noticing(self._received):
                yield
        finally:
            self._world.listeners.remove(self._completed)
            for task in tasks:
                task.cancel()

    @property
    def is_over(self) -> bool:
        """Whether the server is to stop, or nobody watches any more."""
        return self.is_gone or (self._connection is not None and self._connection.leaving.is_set())

    async def next(self, seconds: float) -> list[tuple[str, Entry]]:
        """What happened since the last time, waiting for it if need be; nothing when the time or the server is over."""
        if not self._happened and not self.is_over:
            try:
                async with asyncio.timeout(seconds):
                    await self._bell.wait()
            except TimeoutError:
                return []
        happened = list(self._happened)
        self._happened.clear()
        self._bell.clear()
        self._is_rung = False
        return happened

    def _received(self, entry: Entry) -> None:
        self._add("received", entry)

    def _completed(self, entry: Entry) -> None:
        self._add("completed", entry)

    def _add(self, event: str, entry: Entry) -> None:
        if self._website_id is not None and not entry.concerns(self._website_id):
            return
        self._happened.append((event, entry))
        if not self._is_rung:
            self._is_rung = True
            # The world may be used from another thread than the one that serves.
            self._loop.call_soon_threadsafe(self._bell.set)

    async def _ring_at_the_end(self, connection: Connection) -> None:
        await connection.leaving.wait()
        self._bell.set()

    async def _ring_when_gone(self, receive: Callable[[], Awaitable[Any]]) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.is_gone = True
        self._bell.set()
