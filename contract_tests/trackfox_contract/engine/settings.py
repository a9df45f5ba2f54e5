"""What one run checks and how far it goes."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Any

from trackfox_contract.oracle.document import Document
from trackfox_contract.oracle.known import KnownWebsites
from trackfox_contract.wire.payments import PaymentReader
from trackfox_mock import Website

_TABLE_LIMIT = 2500
App = Callable[[Any, Any, Any], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Budget:
    """How much is generated beyond the table.

    Attributes:
        seconds: what all generated phases may take together.
        examples: generated requests a property.
        burst: requests of the long run, mixed of every kind.
        walks: random walks of the state machine.
        repeats: how often each error is repeated before a valid call.
        depth: how many kinds in a row are tried in every order.
        made: whether Schemathesis makes bodies from the document; loading it is a good part of a quick run.
    """

    seconds: float
    examples: int
    burst: int
    walks: int
    repeats: int
    depth: int
    made: bool = True


BUDGETS = MappingProxyType(
    {
        "quick": Budget(seconds=3, examples=25, burst=450, walks=8, repeats=12, depth=2, made=False),
        "standard": Budget(seconds=10, examples=40, burst=1000, walks=25, repeats=52, depth=3),
        "thorough": Budget(seconds=50, examples=500, burst=6000, walks=150, repeats=120, depth=3),
    }
)


@dataclass(frozen=True)
class Settings:
    """One run.

    Attributes:
        target: a base URL, or an ASGI app in this process.
        document: what the service is to keep.
        websites: the websites, tokens and sessions that it is known to have.
        allow_writes: whether existing sessions may be named, and so payments be created.
        budget: how much is generated.
        seed: the same seed makes the same requests.
        timeout: seconds that one request may take.
        payments: what reads the payments that the service has recorded, if anybody does.
        strict: whether what breaks the letter alone counts as broken, too.
        probe_existing: without writes, whether existing sessions may be named in what a right service refuses.
    """

    target: str | App
    document: Document
    websites: Sequence[Website]
    allow_writes: bool
    budget: Budget
    seed: int
    timeout: float
    payments: PaymentReader | None = None
    strict: bool = False
    probe_existing: bool = False

    @property
    def names_sessions(self) -> bool:
        """Whether existing sessions may be named at all."""
        return self.allow_writes or self.probe_existing

    @cached_property
    def known(self) -> KnownWebsites:
        """What the oracle knows."""
        return KnownWebsites(self.document, self.websites)

    @property
    def session_count(self) -> int:
        """How many sessions the run may pay for."""
        return _sessions_of(self.known.asked_about)

    @property
    def narrowing(self) -> str:
        """That a part of the websites and sessions is asked about alone; empty when it is all of them."""
        given, asked_about = _sessions_of(self.websites), self.known.asked_about
        if (len(self.websites), given) == (len(asked_about), self.session_count):
            return ""
        return (
            f"of {len(self.websites):,} websites with {given:,} sessions {len(asked_about)} with {self.session_count} "
            "are asked about, as each is tried with each other; put those that matter first"
        )

    @property
    def most_payments(self) -> int:
        """No run has more answers of success than this: every request that is sent, were each one."""
        return _TABLE_LIMIT + self.budget.burst * 2 + self.budget.examples * 8 + self.budget.walks * 20


def _sessions_of(websites: Iterable[Website]) -> int:
    return sum(len(website.sessions) for website in websites)
