"""What a run has seen, clause by clause, as data that can travel from one process to another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from typing import Any

_COUNTERS = ("requests", "undecided", "statuses")


CUT_SHORT = "cut short, as its time was over: the rest of what this seed makes was not sent"
"""The end of a note that begins with the name of a part of the run."""

_KEPT, _COMPARED = 3, 50


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
        cause: why it was answered so, in the sentence that all findings of one cause share.
        is_lenient: whether it breaks the letter alone: it is told apart, and fails a run that is strict.
    """

    clause_id: str
    case: str
    came: str
    expected: str
    curl: str
    before: tuple[str, ...] = ()
    seen: str = ""
    cause: str = ""
    is_lenient: bool = False

    @property
    def plainness(self) -> tuple[int, bool, bool, int]:
        """The lower, the plainer: without earlier requests, a valid call as it is, a usual head, a short request."""
        is_usual = "-H 'Content-Type: application/json' \\\n  -H 'Accept: application/json'" in self.curl
        return len(self.before), not self.case.startswith("a valid call"), not is_usual, len(self.curl)


@dataclass(slots=True)
class Evidence:
    """What one test, or a whole run, has seen.

    Attributes:
        requests: how many requests decided about each clause.
        undecided: how many were sent about a clause without deciding it, by clause.
        unsent: how many cases of a clause were left out, and why.
        findings: what was broken: of each clause and cause the plainest ones.
        found: how many requests broke each clause, by cause.
        statuses: how often each status was reached.
        payments: how many requests were answered as a success.
        sent: how many requests were sent in all.
        waits: how often the service answered 429 and was waited for.
        unstable: how many answers got lost on the way, and came when they were asked for again.
        recorded: what may have been recorded without writes, by the values that were sent.
        warning: how to find that, and what it means; empty when nothing was.
        notes: what a reader should know about how far this went.
    """

    requests: Counter[str] = field(default_factory=Counter)
    undecided: Counter[str] = field(default_factory=Counter)
    unsent: dict[str, dict[str, int]] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    found: dict[str, dict[str, int]] = field(default_factory=dict)
    statuses: Counter[str] = field(default_factory=Counter)
    payments: int = 0
    sent: int = 0
    waits: int = 0
    unstable: int = 0
    recorded: list[dict[str, Any]] = field(default_factory=list)
    warning: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def remarks(self) -> list[str]:
        """All that a reader should know beside the findings, in sentences without their full stop."""
        waits = f"the service answered 429 to {requests(self.waits)} and was waited for" if self.waits else ""
        lost = (
            f"{requests(self.unstable)} had to be sent again: the answer got lost on the way, as between a proxy and "
            "its backend; unstable, and no finding"
            if self.unstable
            else ""
        )
        return [remark for remark in (self.warning, waits, lost, *self.notes) if remark]

    def leave_out(self, clause_id: str, reason: str, count: int = 1) -> None:
        """Notes that cases of a clause were not sent."""
        reasons = self.unsent.setdefault(clause_id, {})
        reasons[reason] = reasons.get(reason, 0) + count

    def keep(self, finding: Finding, count: int = 1) -> None:
        """Counts a finding for its clause and cause, and keeps it if it is one of the plainest."""
        by_cause = self.found.setdefault(finding.clause_id, {})
        by_cause[finding.cause] = by_cause.get(finding.cause, 0) + count
        alike = [one for one in self.findings if (one.clause_id, one.cause) == (finding.clause_id, finding.cause)]
        self.findings.append(finding)
        if len(alike) >= _KEPT:
            self.findings.remove(max((*alike, finding), key=lambda one: one.plainness))

    def has_enough(self, clause_id: str, cause: str) -> bool:
        """Whether so many findings were compared that a further one need only be counted."""
        return self.found.get(clause_id, {}).get(cause, 0) >= _COMPARED

    def count_again(self, clause_ids: Iterable[str], cause: str) -> None:
        """Counts a further finding of clauses and a cause that have enough of them."""
        for clause_id in clause_ids:
            self.found[clause_id][cause] += 1

    def broken(self, clause_id: str) -> int:
        """How many requests broke a clause."""
        return sum(self.found.get(clause_id, {}).values())

    def cut_short(self, part: str) -> None:
        """Notes that the time of a part of the run was over before its end."""
        self.notes.append(f"{part} was {CUT_SHORT}")

    def add(self, other: Evidence) -> None:
        """Takes in what another test has seen."""
        self.requests += other.requests
        self.undecided += other.undecided
        self.statuses += other.statuses
        self._add_findings(other)
        self.payments += other.payments
        self.sent += other.sent
        self.waits += other.waits
        self.unstable += other.unstable
        self.recorded += other.recorded
        self.warning = other.warning or self.warning
        self.notes = list(dict.fromkeys(self.notes + other.notes))
        for clause_id, reasons in other.unsent.items():
            for reason, count in reasons.items():
                self.leave_out(clause_id, reason, count)

    def _add_findings(self, other: Evidence) -> None:
        for finding in other.findings:
            self.keep(finding, 0)
        for clause_id, causes in other.found.items():
            by_cause = self.found.setdefault(clause_id, {})
            for cause, count in causes.items():
                by_cause[cause] = by_cause.get(cause, 0) + count

    def dump(self) -> dict[str, Any]:
        """The evidence as plain JSON data."""
        counters = {name: dict(getattr(self, name)) for name in _COUNTERS}
        return {
            **counters,
            "unsent": self.unsent,
            "findings": [asdict(finding) for finding in self.findings],
            "found": self.found,
            "payments": self.payments,
            "sent": self.sent,
            "waits": self.waits,
            "unstable": self.unstable,
            "recorded": self.recorded,
            "warning": self.warning,
            "notes": self.notes,
        }

    @classmethod
    def load(cls, data: dict[str, Any]) -> Evidence:
        """Evidence from what `dump` made."""
        findings = [Finding(**{**row, "before": tuple(row["before"])}) for row in data["findings"]]
        counters = {name: Counter(data[name]) for name in _COUNTERS}
        return cls(**{**data, **counters, "findings": findings})


def requests(count: int) -> str:
    """So many requests, in words."""
    return "1 request" if count == 1 else f"{count:,} requests"
