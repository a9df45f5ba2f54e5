"""What to break on purpose: which fault hits which request. Pure: no clock, no socket.

A fault replaces the answer (a status, or one of `FAULTS`), delays it, or sends it slowly. Where it replaces the answer,
its phase says when: `before` the service looks at the request, or `after-commit`, when the payment is recorded already
and only the acknowledgement is lost. A fault that only delays leaves the service's own answer as it is.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Annotated, Literal

import msgspec

from trackfox_mock.errors import suggestion
from trackfox_mock.model import Reply

FAULTS: Mapping[str, str] = {
    "CONNECTION_RESET_BY_PEER": "the connection is reset",
    "EMPTY_RESPONSE": "the connection is closed without a byte",
    "MALFORMED_RESPONSE_CHUNK": "a status line, then a chunk that is none, then the connection is closed",
    "RANDOM_DATA_THEN_CLOSE": "bytes that are not HTTP, then the connection is closed",
    "TRUNCATED_BODY": "half of the body that Content-Length promises, then the connection is closed",
    "MALFORMED_BODY": "whole as HTTP, but the JSON in it breaks off",
    "HANG": "no answer until the client gives up",
}
"""By name what the client gets. The first four are WireMock's."""

PHASES = ("before", "after-commit")
SECONDS_TO_LIVE = 60.0

_Status = Annotated[int, msgspec.Meta(ge=200, le=599)]
_Milliseconds = Annotated[float, msgspec.Meta(ge=0, le=600_000)]
_Count = Annotated[int, msgspec.Meta(ge=0)]


class Fixed(msgspec.Struct, frozen=True, tag_field="type", tag="fixed", forbid_unknown_fields=True):
    """Always the same delay."""

    milliseconds: _Milliseconds

    def sample(self, _: random.Random) -> float:
        """One delay, in milliseconds."""
        return self.milliseconds


class Uniform(msgspec.Struct, frozen=True, tag_field="type", tag="uniform", forbid_unknown_fields=True):
    """Any delay between two bounds, each as likely."""

    lower: _Milliseconds
    upper: _Milliseconds

    def __post_init__(self) -> None:
        if self.lower > self.upper:
            raise ValueError(f"came a delay between {self.lower:g} and {self.upper:g}; expected the smaller one first")

    def sample(self, source: random.Random) -> float:
        """One delay, in milliseconds."""
        return source.uniform(self.lower, self.upper)


class LogNormal(msgspec.Struct, frozen=True, tag_field="type", tag="lognormal", forbid_unknown_fields=True):
    """Mostly around the median, now and then much longer, as real services are."""

    median: _Milliseconds
    sigma: Annotated[float, msgspec.Meta(ge=0, le=10)]

    def sample(self, source: random.Random) -> float:
        """One delay, in milliseconds; never longer than ten minutes."""
        return min(self.median * source.lognormvariate(0, self.sigma), 600_000)


class Dribble(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename={"chunks": "numberOfChunks", "milliseconds": "totalDuration"},
):
    """A body that is sent in so many pieces, spread over so many milliseconds (WireMock's `chunkedDribbleDelay`)."""

    chunks: Annotated[int, msgspec.Meta(ge=1, le=1000)]
    milliseconds: _Milliseconds


class Effect(
    msgspec.Struct,
    frozen=True,
    forbid_unknown_fields=True,
    rename={"delay": "delayDistribution", "dribble": "chunkedDribbleDelay"},
):
    """What a fault does to an answer."""

    status: _Status | None = None
    fault: str | None = None
    delay: Fixed | Uniform | LogNormal | None = None
    dribble: Dribble | None = None
    phase: Literal["before", "after-commit"] = "before"

    def __post_init__(self) -> None:
        if self.fault is not None and self.fault not in FAULTS:
            raise ValueError(f"came the fault {self.fault!r}; {suggestion(self.fault, FAULTS)}")
        if self.fault is not None and self.status is not None:
            raise ValueError("came a status and a fault; expected one of them, as only one can be the answer")
        if self.phase == "after-commit" and not self.replaces_answer:
            raise ValueError(
                "came after-commit without a status or a fault; expected one of them, as a delay loses no answer"
            )

    @property
    def replaces_answer(self) -> bool:
        """Whether the client gets something else than the service's answer."""
        return self.status is not None or self.fault is not None

    @property
    def name(self) -> str:
        """What the journal calls it: one of `FAULTS`, `STATUS`, `DELAY` or `DRIBBLE`."""
        return self.fault or ("STATUS" if self.status else "DELAY" if self.delay else "DRIBBLE")

    @property
    def sentence(self) -> str:
        """What it does, for a person."""
        what = FAULTS[self.fault] if self.fault else f"answered {self.status}" if self.status else "the answer is slow"
        when = ", before the service looked" if self.phase == "before" else ", after the payment was recorded"
        return f"fault {self.name}: {what}{when if self.replaces_answer else ''}"


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
    seconds_to_live: Annotated[float, msgspec.Meta(gt=0)] | None = SECONDS_TO_LIVE

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (self.replaces_answer or self.delay or self.dribble):
            raise ValueError(
                "came a fault that does nothing; expected status, fault, delayDistribution or chunkedDribbleDelay"
            )


class Hit(msgspec.Struct):
    """A fault that hits a request.

    `delay` is in milliseconds; `fault_id` is that of a scheduled fault; `applied` is what the Preference-Applied header
    says; `reply` is what is sent, whole or broken, once that is known.
    """

    effect: Effect
    delay: float = 0.0
    fault_id: str | None = None
    applied: str = ""
    reply: Reply | None = None


class Scheduled:
    """A fault with its counters.

    Args:
        fault_id: as `flt_1`.
        fault: what it does.
        now: seconds, by any clock that `hit` is asked by too.
    """

    def __init__(self, fault_id: str, fault: Fault, now: float) -> None:
        self.fault_id = fault_id
        self.fault = fault
        self.expires_at = None if fault.seconds_to_live is None else now + fault.seconds_to_live
        self.seen = 0
        self.hits = 0
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

    @property
    def is_spent(self) -> bool:
        """Whether it has hit as often as it may."""
        return self.fault.times is not None and self.hits >= self.fault.times


class Faults:
    """The scheduled faults of a world; false while there is none.

    Args:
        first: those it starts with, and goes back to.
        clock: gives the time that they start at, in seconds.
    """

    def __init__(self, first: Iterable[Fault] = (), clock: Callable[[], float] = time.time) -> None:
        self._first = tuple(first)
        self._scheduled: dict[str, Scheduled] = {}
        self._last = 0
        if self._first:
            self.reset(None, clock())

    def __bool__(self) -> bool:
        return bool(self._scheduled)

    def __iter__(self) -> Iterator[Scheduled]:
        return iter(list(self._scheduled.values()))

    def add(self, fault: Fault, now: float) -> Scheduled:
        """Schedule a fault; the oldest one that hits a request wins."""
        self._last += 1
        scheduled = Scheduled(f"flt_{self._last}", fault, now)
        self._scheduled[scheduled.fault_id] = scheduled
        return scheduled

    def get(self, fault_id: str) -> Scheduled | None:
        """The fault of that id, if it is still scheduled."""
        return self._scheduled.get(fault_id)

    def remove(self, fault_id: str) -> None:
        """ParsedRequest a fault off."""
        self._scheduled.pop(fault_id, None)

    def clear(self, website_id: str | None = None) -> None:
        """ParsedRequest all faults off, or those of one website."""
        for scheduled in self:
            if website_id in (None, scheduled.fault.website_id):
                self.remove(scheduled.fault_id)

    def reset(self, website_id: str | None, now: float) -> None:
        """Back to the first faults, or to the first ones of one website."""
        self.clear(website_id)
        for fault in self._first:
            if website_id in (None, fault.website_id):
                self.add(fault, now)

    def expire(self, now: float) -> None:
        """Drop the faults whose time to live is over."""
        for scheduled in self:
            if scheduled.expires_at is not None and scheduled.expires_at <= now:
                self.remove(scheduled.fault_id)

    def hit(self, website_id: str | None, now: float) -> Hit | None:
        """What hits a request of a website, if anything does."""
        self.expire(now)
        for scheduled in self:
            if scheduled.fault.website_id in (None, website_id) and (hit := scheduled.hit()):
                return hit
        return None
