"""The faults of nodes that share a store: the same ones everywhere, counted and drawn together."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from zlib import crc32

from msgspec.structs import replace

from trackfox_mock.faults.schedule import Fault, Faults, Kept, Scheduled


class SharedFaults(Faults):
    """`Faults` that go on from wherever another node has left them.

    Args:
        first: those it starts with, and goes back to.
        clock: gives the time that they start at, in seconds.
        origin: the same on all nodes; a fault without a seed gets one that is made of it.
    """

    def __init__(self, first: Iterable[Fault], clock: Callable[[], float], origin: str) -> None:
        self._origin = origin
        self._taken_up: dict[str, Scheduled] = {}
        super().__init__(first, clock)

    def add(self, fault: Fault, now: float) -> Scheduled:
        """Schedule a fault; see `Faults`."""
        if fault.seed is None:
            fault = replace(fault, seed=crc32(f"{self._origin} {self._last + 1}".encode()))
        return super().add(fault, now)

    def all_to_keep(self) -> list[Kept]:
        """All faults with their counters, those from the start too."""
        return [scheduled.to_keep() for scheduled in self]

    def take_up(self, kept: Iterable[Kept]) -> None:
        """Have these faults and no others, counters and draws included."""
        self.clear()
        taken_up = {row.fault_id: self._resumed(row) for row in kept}
        self._taken_up = {fault_id: scheduled.copy() for fault_id, scheduled in taken_up.items()}
        for scheduled in taken_up.values():
            self._last = max(self._last, scheduled.number)
            self._place(scheduled)

    def _resumed(self, row: Kept) -> Scheduled:
        """A fault as it was left; what was drawn until it was taken up the last time is not drawn again."""
        known = self._taken_up.get(row.fault_id)
        if known is None or known.fault != row.fault or known.seen > row.seen:
            known = Scheduled(int(row.fault_id.removeprefix("flt_")), row.fault, 0.0)
        scheduled = known.copy()
        scheduled.expires_at = row.expires_at
        for _ in range(row.seen - known.seen):
            scheduled.hit()
        return scheduled
