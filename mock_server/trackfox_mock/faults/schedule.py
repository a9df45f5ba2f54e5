"""Which fault hits which request: by website, by number, by chance, for a time. Pure: the clock is an argument."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator
from copy import copy
from heapq import heapify, heappop, heappush, merge
from typing import Annotated

import msgspec

from trackfox_mock.faults.effects import Effect, Hit

SECONDS_TO_LIVE = 60.0

LONGEST = 1_000_000_000.0
"""Seconds that a fault may be said to live, some thirty years; one that stays has no such time."""

MOST = 10_000
"""Faults that may be scheduled at a time; of one website `MOST_OF_A_WEBSITE`, as a request looks at all of them."""

MOST_OF_A_WEBSITE = 1_000

_Count = Annotated[int, msgspec.Meta(ge=0)]


class Fault(
    Effect,
    frozen=True,
    rename={
        "probability": "errorProbability",
        "spare": "succeedFirst",
        "times": "failRequestCount",
        "seconds_to_live": "timeToLive",
    },
):
    """An effect, and which requests it hits: of those of one website, or of all.

    `spare` requests are left alone, then it hits `times` requests (None: all), each with `probability`, drawn from
    `seed`; after `seconds_to_live` seconds it is gone (None: it stays).
    """

    website_id: str | None = None
    probability: Annotated[float, msgspec.Meta(ge=0, le=1)] = 1.0
    seed: int | None = None
    spare: _Count = 0
    times: Annotated[int, msgspec.Meta(ge=1)] | None = None
    seconds_to_live: Annotated[float, msgspec.Meta(gt=0, le=LONGEST)] | None = SECONDS_TO_LIVE

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.replaces_answer or self.delay or self.dribble):
            raise ValueError(
                "came a fault that does nothing; expected status, fault, delayDistribution or chunkedDribbleDelay"
            )


class Kept(msgspec.Struct):
    """A scheduled fault with its counters, as it is kept over a restart."""

    fault_id: str
    fault: Fault
    expires_at: float | None
    seen: int


class Scheduled:
    """A fault with its counters.

    Args:
        number: counts from 1 within a world; `fault_id` is made of it, as `flt_1`.
        fault: what it does.
        now: seconds, by any clock that `hit` is asked by too.
    """

    def __init__(self, number: int, fault: Fault, now: float) -> None:
        self.number = number
        self.fault_id = f"flt_{number}"
        self.fault = fault
        self.expires_at = None if fault.seconds_to_live is None else now + fault.seconds_to_live
        self.seen = 0
        self.hits = 0
        self.is_first = False
        self._random = random.Random(fault.seed)  # noqa: S311 - repeatable on purpose

    def hit(self) -> Hit | None:
        """Count a request that it could hit; gives what hits it."""
        self.seen += 1
        fault = self.fault
        if self.seen <= fault.spare or self.is_spent or self._random.random() >= fault.probability:
            return None
        self.hits += 1
        delay = 0.0 if fault.delay is None else fault.delay.sample(self._random)
        return Hit(fault, delay, self.fault_id)

    def to_keep(self) -> Kept:
        """It and its counters, from which it goes on after a restart."""
        return Kept(self.fault_id, self.fault, self.expires_at, self.seen)

    def copy(self) -> Scheduled:
        """The same with counters and draws of its own."""
        other = copy(self)
        other._random = copy(self._random)  # noqa: SLF001 - of its own class
        return other

    @property
    def is_spent(self) -> bool:
        """Whether it has hit as often as it may."""
        return self.fault.times is not None and self.hits >= self.fault.times


class Faults:
    """The faults of a world, `scheduled` by their ids.

    Args:
        first: those it starts with, and goes back to.
        clock: gives the time that they start at, in seconds.

    `touched` has the ids of those that came, went or counted a request since somebody emptied it.
    """

    def __init__(self, first: Iterable[Fault] = (), clock: Callable[[], float] = time.time) -> None:
        self._first = tuple(first)
        self.scheduled: dict[str, Scheduled] = {}
        self._of: dict[str | None, dict[int, Scheduled]] = {}  # by website, and by number
        self._ends: list[tuple[float, str]] = []  # a heap of when faults expire, called off ones included
        self._last = 0
        self.touched: set[str] = set()
        if self._first:
            self.reset(None, clock())

    def __iter__(self) -> Iterator[Scheduled]:
        return iter(list(self.scheduled.values()))

    def add(self, fault: Fault, now: float) -> Scheduled:
        """Schedule a fault; the oldest one that hits a request wins.

        Raises:
            OverflowError: too many are scheduled already; the text says how many may be.
        """
        if len(self.scheduled) >= MOST or len(self._of.get(fault.website_id, ())) >= MOST_OF_A_WEBSITE:
            raise OverflowError(
                f"{MOST_OF_A_WEBSITE:,} faults of a website, and {MOST:,} in all, are as many as may be scheduled; "
                "call some off, or all: DELETE /__admin/faults."
            )
        self._last += 1
        return self._place(Scheduled(self._last, fault, now))

    def _place(self, scheduled: Scheduled) -> Scheduled:
        self.scheduled[scheduled.fault_id] = scheduled
        self._of.setdefault(scheduled.fault.website_id, {})[scheduled.number] = scheduled
        if scheduled.expires_at is not None:
            heappush(self._ends, (scheduled.expires_at, scheduled.fault_id))
            if len(self._ends) > 2 * MOST:
                self._ends = [end for end in self._ends if end[1] in self.scheduled]
                heapify(self._ends)
        self.touched.add(scheduled.fault_id)
        return scheduled

    def get(self, fault_id: str) -> Scheduled | None:
        """The fault of that id, if it is still scheduled."""
        return self.scheduled.get(fault_id)

    def remove(self, fault_id: str) -> None:
        """Call a fault off."""
        scheduled = self.scheduled.pop(fault_id, None)
        if scheduled is not None:
            of_website = self._of[scheduled.fault.website_id]
            del of_website[scheduled.number]
            if not of_website:
                del self._of[scheduled.fault.website_id]
            self.touched.add(fault_id)

    def clear(self, website_id: str | None = None) -> None:
        """Call all faults off, or those of one website."""
        for scheduled in self:
            if website_id in (None, scheduled.fault.website_id):
                self.remove(scheduled.fault_id)

    def reset(self, website_id: str | None, now: float) -> None:
        """Back to the first faults, or to the first ones of one website."""
        self.clear(website_id)
        for fault in self._first:
            if website_id in (None, fault.website_id):
                self.add(fault, now).is_first = True

    def to_keep(self, fault_id: str) -> Kept | None:
        """A fault that was scheduled since the start, with its counters; None where there is none."""
        scheduled = self.scheduled.get(fault_id)
        return None if scheduled is None or scheduled.is_first else scheduled.to_keep()

    def take_up(self, kept: Iterable[Kept]) -> None:
        """Schedule faults that were kept, counters and draws included, beside those that are there from the start."""
        for one in [one for one in self if not one.is_first]:
            self.remove(one.fault_id)
        for row in kept:
            self._take_up(row)

    def _take_up(self, row: Kept) -> None:
        number = int(row.fault_id.removeprefix("flt_"))
        if row.fault_id in self.scheduled:
            number = self._last + 1
        self._last = max(self._last, number)
        scheduled = Scheduled(number, row.fault, 0.0)
        scheduled.expires_at = row.expires_at
        self._place(scheduled)
        for _ in range(row.seen):
            scheduled.hit()

    def expire(self, now: float) -> None:
        """Drop the faults whose time to live is over."""
        while self._ends and self._ends[0][0] <= now:
            self.remove(heappop(self._ends)[1])

    def hit(self, website_id: str | None, now: float) -> Hit | None:
        """What hits a request of a website, if anything does; those of other websites are not looked at."""
        self.expire(now)
        own = self._of.get(website_id, {}).values() if website_id is not None else ()
        for scheduled in merge(own, self._of.get(None, {}).values(), key=_number):
            self.touched.add(scheduled.fault_id)
            if hit := scheduled.hit():
                return hit
        return None


def _number(scheduled: Scheduled) -> int:
    return scheduled.number
