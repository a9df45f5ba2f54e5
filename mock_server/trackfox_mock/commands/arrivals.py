"""What came while a command ran, whatever its tests reset meanwhile."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

from trackfox_mock.journal.entries import Entry
from trackfox_mock.journal.expectations import meets, unexpected
from trackfox_mock.world.log import entry_row, text_line
from trackfox_mock.world.world import World

_KEPT = 10_000
_LINES = 50


class Arrivals:
    """Counts of every request of a world from now on, with the newest as lines and rows.

    Args:
        world: whose requests.
        with_rows: whether rows for a report are kept, 10,000 at most.
    """

    def __init__(self, world: World, *, with_rows: bool) -> None:
        self._world = world
        self.total = self.attributed = self.refused = self.faulted = 0
        self.expected = self.advised = self.surprises = 0
        self.lines: deque[str] = deque(maxlen=_LINES)
        self.rows: deque[dict[str, Any]] = deque(maxlen=_KEPT if with_rows else 0)
        self._missed: deque[str] = deque(maxlen=_LINES)
        world.listeners.append(self)

    def __call__(self, entry: Entry) -> None:
        """Count a request that was answered."""
        met = self._world.expectations.met_by(entry) | set(entry.expects)
        surprises = unexpected(entry, met)
        self.total += 1
        self.advised += entry.is_advised
        self.surprises += bool(surprises)
        self._count(entry, surprises)
        self._missed += [f"request {entry.number} expected {rule}" for rule in entry.expects if not meets(entry, rule)]
        self.lines.append(text_line(self._world, entry))
        if self.rows.maxlen:
            self.rows.append(entry_row(self._world, entry))

    def _count(self, entry: Entry, surprises: set[str]) -> None:
        if entry.outcome == "refused":
            self.refused += 1
            self.expected += entry.decision.rule not in surprises
        elif entry.outcome == "faulted":
            self.faulted += 1
        elif entry.outcome == "attributed":
            self.attributed += 1

    @property
    def missed(self) -> Iterator[str]:
        """What was expected and never came, a sentence each."""
        yield from (f"{what}, and was not refused so" for what in self._missed)
        standing = [one.expectation for one in self._world.expectations if not one.came]
        for expectation in [*self._world.expectations.missed, *standing]:
            whose = f" on {expectation.website_id!r}" if expectation.website_id else ""
            yield f"{expectation.rule} was expected{whose}, and never came"
