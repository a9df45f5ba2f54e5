"""What may legally be answered, and why: the result of asking the oracle."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

Stage = Literal[
    "header",
    "token",
    "website",
    "form",
    "ids",
    "required",
    "type",
    "revenue type",
    "email type",
    "revenue",
    "email",
    "other",
    "match",
]
"""Which of a service's checks a fault belongs to. Safe mode learns for each whether it comes before the match."""


@dataclass(frozen=True, slots=True)
class Offence:
    """One clause that a request breaks.

    Attributes:
        clause_id: the clause.
        statuses: what may be answered to it.
        stage: the check that sees it.
    """

    clause_id: str
    statuses: frozenset[int]
    stage: Stage


@dataclass(frozen=True, slots=True)
class Expectation:
    """The set of statuses that a request may be answered with.

    Attributes:
        faults: what is wrong with the request; when there are several, each one's status is legal (silence `order`).
        success: the documented status of success.
        also: statuses that a silence allows beside that.
        undecided: only a 5xx, a drop or a hang is a defect: the document says nothing about such a request.
        other_method: the method is not the documented one, so a payment must not be made.
    """

    faults: tuple[Offence, ...] = ()
    success: int = 200
    also: frozenset[int] = field(default_factory=frozenset)
    undecided: bool = False
    other_method: bool = False

    @property
    def statuses(self) -> frozenset[int]:
        """Every status that is legal. Empty for a request about which nothing is documented."""
        if self.undecided or self.other_method:
            return frozenset()
        if not self.faults:
            return self.also | {self.success}
        return self.also.union(*(fault.statuses for fault in self.faults))

    @property
    def clauses(self) -> tuple[str, ...]:
        """The clauses at stake, each once."""
        return tuple(dict.fromkeys(fault.clause_id for fault in self.faults)) or ("endpoint",)
