"""What a run has seen, clause by clause, as data that can travel from one process to another."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field
from typing import Any

_COUNTERS = ("requests", "undecided", "statuses")


CUT_SHORT = "a part of the run was cut short, as its time was over: the rest of what this seed makes was not sent"
"""A note."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One broken clause, with the smallest request that shows it.

    Attributes:
        clause_id: the clause.
        case: what was special about the request.
        came: what was answered.
        expected: what would have been legal.
        curl: the request as a command, its token as `$TRACKFOX_API_TOKEN`.
        before: requests that must come before it, oldest first.
        seen: how often it was seen, as `3 of 3`.
    """

    clause_id: str
    case: str
    came: str
    expected: str
    curl: str
    before: tuple[str, ...] = ()
    seen: str = ""


@dataclass(slots=True)
class Evidence:
    """What one test, or a whole run, has seen.

    Attributes:
        requests: how many requests decided about each clause.
        undecided: how many were sent about a clause without deciding it, by clause.
        unsent: how many cases of a clause were left out, and why.
        findings: what was broken.
        statuses: how often each status was reached.
        payments: how many requests were answered as a success.
        sent: how many requests were sent in all.
        waits: how often the service answered 429 and was waited for.
        notes: what a reader should know about how far this went.
    """

    requests: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    unsent: dict[str, dict[str, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    statuses: Counter[str] = field(default_factory=Counter)
    payments: int = 0
    sent: int = 0
    waits: int = 0
    notes: list[str] = field(default_factory=list)

    def leave_out(self, clause_id: str, reason: str, count: int = 1) -> None:
        """Notes that cases of a clause were not sent."""
        reasons = self.unsent.setdefault(clause_id, {})
        reasons[reason] = reasons.get(reason, 0) + count

    def add(self, other: Evidence) -> None:
        """Takes in what another test has seen."""
        self.requests += other.requests
        self.undecided += other.undecided
        self.statuses += other.statuses
        self.findings += other.findings
        self.payments += other.payments
        self.sent += other.sent
        self.waits += other.waits
        self.notes = list(dict.fromkeys(self.notes + other.notes))
        for clause_id, reasons in other.unsent.items():
            for reason, count in reasons.items():
                self.leave_out(clause_id, reason, count)

    def dump(self) -> dict[str, Any]:
        """The evidence as plain JSON data."""
        counters = {name: dict(getattr(self, name)) for name in _COUNTERS}
        return {
            **counters,
            "unsent": self.unsent,
            "findings": [asdict(finding) for finding in self.findings],
            "payments": self.payments,
            "sent": self.sent,
            "waits": self.waits,
            "notes": self.notes,
        }

    @classmethod
    def load(cls, data: dict[str, Any]) -> Evidence:
        """Evidence from what `dump` made."""
        findings = [Finding(**{**row, "before": tuple(row["before"])}) for row in data["findings"]]
        counters = {name: Counter(data[name]) for name in _COUNTERS}
        return cls(**{**data, **counters, "findings": findings})
