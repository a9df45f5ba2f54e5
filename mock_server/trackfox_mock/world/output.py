"""Text on its way to a terminal, a file or a pipe, which never holds up who writes it."""

from __future__ import annotations

import os
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import TextIO

from click import unstyle

KEPT = 1024 * 1024
"""Bytes that wait to be written; where nobody reads them, further lines are dropped and counted."""

_LEAVE_SECONDS = 1.0


class Output:
    """Writes texts, each with a line break behind it, in a thread of its own.

    A reader that does not read, a full disk or a broken pipe costs lines and nothing else.

    Args:
        stream: standard output, or standard error.
        note: the line that says how many were dropped, once somebody reads again.
        colour: whether styles are kept; None keeps them for a terminal.
    """

    def __init__(self, stream: TextIO, note: Callable[[int], str], *, colour: bool | None = None) -> None:
        self._descriptor = stream.fileno()
        self._encoding = stream.encoding or "utf-8"
        self._note = note
        self._colour = stream.isatty() if colour is None else colour
        self._waiting: deque[bytes] = deque()
        self._size = 0  # bytes that wait, those that are being written included
        self._dropped = 0
        self._is_closed = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def __call__(self, text: str) -> None:
        """Have a text written; drop it, if too much waits already."""
        with self._changed:
            if self._is_closed or not text:
                return
            if self._size > KEPT:
                self._dropped += text.count("\n") + 1
                return
            if self._dropped:
                text, self._dropped = f"{self._note(self._dropped)}\n{text}", 0
            self._add(text)

    def end(self) -> None:
        """Wait until all is written, for a second at most."""
        with self._changed:
            if self._dropped and self._size <= KEPT:
                self._add(self._note(self._dropped))
                self._dropped = 0
            self._changed.wait_for(lambda: self._is_closed or not self._size, _LEAVE_SECONDS)

    def _add(self, text: str) -> None:
        data = f"{text if self._colour else unstyle(text)}\n".encode(self._encoding, "replace")
        self._waiting.append(data)
        self._size += len(data)
        self._changed.notify_all()
        if self._thread is None:
            # A daemon, so that nobody waits at the end for a reader that never comes.
            self._thread = threading.Thread(target=self._work, name="trackfox-mock output", daemon=True)
            self._thread.start()

    def _work(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                data = b"".join(self._waiting)
                self._waiting.clear()
            is_closed = self._write(data)
            with self._changed:
                self._size -= len(data)
                self._is_closed = is_closed
                self._changed.notify_all()
            if is_closed:
                return

    def _write(self, data: bytes) -> bool:
        """Write it as far as that is possible; gives whether nobody will ever read more."""
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except BlockingIOError:
                select.select([], [self._descriptor], [])
            except BrokenPipeError:
                return True
            except OSError:
                # No room on the disk, or a terminal that has gone: perhaps there is some for what comes later.
                self._dropped += data.count(b"\n")
                return False
        return False
