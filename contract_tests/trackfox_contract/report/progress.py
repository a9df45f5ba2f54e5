"""What a run is at, on one line of a terminal: phase, requests, and about how long it still takes."""

from __future__ import annotations

import sys
import time
from typing import TextIO

from trackfox_contract.judgement.evidence import requests

_WIDTH, _BAR, _TIMES_A_SECOND = 100, 20, 10


class Progress:
    """A line that is written over and over; on what is no terminal nothing is written.

    Args:
        stream: where it is written, standard error by default.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._shows = self._stream.isatty()
        self._started = time.monotonic()
        self._drawn = 0.0
        self._phase, self._part, self._parts, self._requests = "", 0, 0, 0

    def phase(self, words: str, part: int = 0, parts: int = 0) -> None:
        """Say what comes now, in the words of the contract, as the part of so many."""
        self._phase, self._part, self._parts = words, part, parts
        self._draw(now=True)

    def sent(self, count: int) -> None:
        """Say how many requests were sent so far."""
        self._requests = count
        self._draw(now=False)

    def pause(self) -> None:
        """Leave an empty line behind, for something else to be written there."""
        if self._shows and self._drawn:
            self._stream.write(f"\r{'':{_WIDTH}}\r")
            self._stream.flush()

    def close(self) -> None:
        """Write nothing any more."""
        self.pause()
        self._shows = False

    def _draw(self, *, now: bool) -> None:
        moment = time.monotonic()
        if not self._shows or (not now and moment - self._drawn < 1 / _TIMES_A_SECOND):
            return
        self._drawn = moment
        self._stream.write(f"\r{self._line(moment)[:_WIDTH]:<{_WIDTH}}")
        self._stream.flush()

    def _line(self, moment: float) -> str:
        sent = requests(self._requests)
        if not self._parts:
            return f"{sent}  {self._phase}"
        done = self._part / self._parts
        filled = round(done * _BAR)
        left = (moment - self._started) * (1 - done) / done if self._part else 0
        about = f"about {left:.0f} s left" if self._part else ""
        return f"[{'#' * filled}{'.' * (_BAR - filled)}] {sent}  {about:<18}  {self._phase}"
