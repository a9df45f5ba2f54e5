"""An event loop on which nobody waits: where nothing is to be done, its clock goes on to what is due next."""

from __future__ import annotations

import asyncio
import atexit
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

Result = TypeVar("Result")

# What is awaited never comes: the loop has nothing to do, and nothing is due.
_FOR_EVER = 10_000_000.0


class Hastened(asyncio.SelectorEventLoop):
    """A loop with a clock of its own; what would go to a thread is done at once."""

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Impatient(self))
        self.problems: list[dict[str, Any]] = []
        self.set_exception_handler(lambda _, context: self.problems.append(context))

    def time(self) -> float:
        return self.now

    def run_in_executor(self, executor: Any, func: Callable[..., Any], *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]  # any function goes
        del executor
        future = self.create_future()
        try:
            future.set_result(func(*args))
        except Exception as problem:  # noqa: BLE001 - it is raised where it is awaited
            future.set_exception(problem)
        return future


class _Impatient(selectors.DefaultSelector):
    def __init__(self, loop: Hastened) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> Any:
        events = super().select(0)
        if not events and (timeout is None or timeout > 0):
            if self._loop.now > _FOR_EVER:
                raise TimeoutError("it waits for ever")
            self._loop.now += 86_400 if timeout is None else max(timeout, 1e-6)
        return events


LOOP = Hastened()
"""One for all."""
atexit.register(LOOP.close)


def at_once(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """Run it to its end, however long that takes by its own clock; nothing is raised where nobody looks."""
    LOOP.now = 0.0
    LOOP.problems.clear()
    result = LOOP.run_until_complete(coroutine)
    assert not LOOP.problems, LOOP.problems
    return result
