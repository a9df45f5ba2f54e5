"""What a fault does to an answer: another status, a lost or broken answer, a delay, a slow body. Pure: no socket.

A status or one of `FAULTS` replaces the answer, a delay or a dribble only slows it. Where it replaces the answer, its
phase says when: `before` the service looks at the request, or `after-commit`, when the payment is recorded already and
only the acknowledgement is lost.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
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

_Status = Annotated[int, msgspec.Meta(ge=200, le=599)]
_Milliseconds = Annotated[float, msgspec.Meta(ge=0, le=600_000)]


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
    def alone(self) -> Effect:
        """The same without whatever else a fault is."""
        return Effect(self.status, self.fault, self.delay, self.dribble, self.phase)

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


class Hit(msgspec.Struct):
    """An effect that hits a request.

    `delay` is in milliseconds; `fault_id` is that of a scheduled fault; `applied` is what the Preference-Applied header
    says; `reply` is what is sent, whole or broken, once that is known.
    """

    effect: Effect
    delay: float = 0.0
    fault_id: str | None = None
    applied: str = ""
    reply: Reply | None = None
