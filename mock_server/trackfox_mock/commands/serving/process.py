"""The process that serves: how it ends, and what Python's garbage collector is spared in it."""

from __future__ import annotations

import gc
import signal
from types import FrameType


def end_cleanly() -> None:
    """On SIGTERM as on Ctrl-C, and so when the terminal is closed; not if that is to be ignored, as under nohup."""

    def leave(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    def end(_: int, __: FrameType | None) -> None:
        signal.raise_signal(signal.SIGTERM)  # which uvicorn knows by then

    signal.signal(signal.SIGTERM, leave)
    hang_up = getattr(signal, "SIGHUP", None)
    if hang_up is not None and signal.getsignal(hang_up) is not signal.SIG_IGN:
        signal.signal(hang_up, end)


def spare_the_collector() -> None:
    """What the mock is made of stays: without this, Python's garbage collector walks through all of it again and again.

    And what requests leave behind is in no cycle, so there is less to look for than Python expects.
    """
    gc.freeze()
    gc.set_threshold(10_000, 20, 20)
    gc.enable()
