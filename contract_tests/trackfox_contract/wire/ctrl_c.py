"""Ctrl-C, raised between two requests and nowhere else."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Coroutine

_T = TypeVar("_T")
_STUCK = 1.0  # seconds


class _CtrlC:
    """Ends the requests under way, and is raised by who sent them.

    Where Python raises it at once, it may come in a callback of asyncio's or Hypothesis's: that loses it, and prints a
    traceback. However often it comes until the end, and npm passes it on a second time, it is one.
    """

    def __init__(self) -> None:
        self._came: float | None = None  # by the monotonic clock, until it is raised
        self._was_raised = False
        self._under_way: asyncio.Task[object] | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Here `run` raises it, or else the end of the block; where somebody handles it already, that stays so."""
        in_main = threading.current_thread() is threading.main_thread()
        if not in_main or signal.getsignal(signal.SIGINT) is not signal.default_int_handler:
            yield
            return
        signal.signal(signal.SIGINT, self._take)
        try:
            yield
            self._raise_if_it_came()
        finally:
            signal.signal(signal.SIGINT, signal.default_int_handler)
            self._came, self._was_raised = None, False

    def run(self, loop: asyncio.AbstractEventLoop, coroutine: Coroutine[object, object, _T]) -> _T:
        """What a coroutine returns.

        Raises:
            KeyboardInterrupt: Ctrl-C came since the last one, or while it ran; it was cancelled, then.
        """
        with self.held():
            self._under_way = task = loop.create_task(coroutine)
            if self._came is not None:
                task.cancel()
            try:
                return loop.run_until_complete(task)
            except asyncio.CancelledError:
                self._raise_if_it_came()
                raise
            finally:
                self._under_way = None

    def _take(self, *_: object) -> None:
        if self._was_raised:
            return
        if self._came is None:
            self._came = time.monotonic()
        elif time.monotonic() - self._came > _STUCK:
            self._raise_if_it_came()
        if self._under_way is not None:
            self._under_way.get_loop().call_soon_threadsafe(self._under_way.cancel)

    def _raise_if_it_came(self) -> None:
        if self._came is not None:
            self._came, self._was_raised = None, True
            raise KeyboardInterrupt


ctrl_c = _CtrlC()
"""There is one, as a process has one handler of a signal."""
