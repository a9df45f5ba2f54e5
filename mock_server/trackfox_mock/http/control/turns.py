"""Long work in short turns: what is asked of the control API never keeps a payment waiting for long."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar, cast

from starlette.responses import StreamingResponse

_TURN_SECONDS = 0.005

Item = TypeVar("Item")


async def in_turns(items: Iterable[Item]) -> AsyncIterator[Item]:
    """The same items; in between, others get their turn."""
    began = time.perf_counter()
    for item in items:
        yield item
        if time.perf_counter() - began > _TURN_SECONDS:
            await asyncio.sleep(0)
            began = time.perf_counter()


async def through(steps: Generator[None, None, Item]) -> Item:
    """What long work returns that is written in small steps; between them, others get their turn."""
    began = time.perf_counter()
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("Item", end.value)
        if time.perf_counter() - began > _TURN_SECONDS:
            await asyncio.sleep(0)
            began = time.perf_counter()


@contextmanager
def uncollected() -> Iterator[None]:
    """Python's collector pauses: what is read meanwhile is in no cycle, and to look through it keeps others waiting."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


class Stream(StreamingResponse):
    """Starlette's, without the cycles that a task group leaves: who goes away is freed at once."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002 - as ASGI has it
        """Send it, until it is over or its client has left."""
        sending = asyncio.ensure_future(self.stream_response(send))
        leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not sending.done():
                sending.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        if not sending.cancelled():
            sending.result()


def stream(
    start: bytes,
    items: Iterable[Item],
    write: Callable[[Item], bytes],
    end: bytes,
    *,
    between: bytes = b",",
    media_type: str = "application/json",
) -> Stream:
    """An answer that is written item by item, so that no more than a few of them are in memory at once."""

    async def parts() -> AsyncIterator[bytes]:
        separator, waiting = b"", start
        async for item in in_turns(items):
            waiting += separator + write(item)
            separator = between
            if len(waiting) > 65536:
                yield waiting
                waiting = b""
        yield waiting + end

    return Stream(parts(), media_type=media_type)
