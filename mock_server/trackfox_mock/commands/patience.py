"""Waiting for others as long as was said and no longer: a time-out of a socket begins anew with every byte."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

Result = TypeVar("Result")


def within(seconds: float, ask: Callable[[], Result]) -> Result:
    """What `ask` returns, or raises; it goes on in a thread that keeps no process alive.

    Raises:
        TimeoutError: it did neither in so many seconds.
    """
    done: Future[Result] = Future()

    def work() -> None:
        try:
            done.set_result(ask())
        except Exception as problem:  # noqa: BLE001 - raised where it is waited for
            done.set_exception(problem)

    threading.Thread(target=work, daemon=True).start()
    return done.result(seconds)
