"""The report as data: every clause kept, broken, or not checked and why, from what a run has seen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any, Literal

from trackfox_contract.engine.settings import Settings
from trackfox_contract.judgement.evidence import Evidence, Finding
from trackfox_contract.oracle.clauses import CLAUSES, Clause
from trackfox_contract.oracle.document import Document
from trackfox_contract.report.causes import Cause, causes_of
from trackfox_contract.request.curl import without_user
from trackfox_contract.request.redaction import Redactor
from trackfox_mock import clause_words

Verdict = Literal["kept", "broken", "not checked"]
_NEEDED = ("400", "401", "404")


@dataclass(frozen=True, slots=True)
class Row:
    """A clause and what became of it.

    Attributes:
        clause: the clause.
        verdict: kept, broken or not checked.
        requests: how many requests decided about it.
        findings: what broke it, the plainest first.
        why: why it was not checked, or what of it was not.
    """

    clause: Clause
    verdict: Verdict
    requests: int
    findings: tuple[Finding, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole report.

    Attributes:
        rows: a row a clause, in the contract's order.
        causes: why clauses were broken, first what tells most.
        evidence: what was seen.
        missing: statuses that were never reached, though a run without them proves nothing.
        seconds: how long it took.
        target: what was checked.
        seed: the seed that repeats the run.
        allow_writes: whether payments were allowed.
        probe_existing: whether existing sessions were named without that.
        variables: by `website_id`, the environment variable that holds its token in the commands.
    """

    rows: tuple[Row, ...]
    causes: tuple[Cause, ...]
    evidence: Evidence
    missing: tuple[str, ...]
    seconds: float
    target: str
    seed: int
    allow_writes: bool
    probe_existing: bool = False
    variables: Mapping[str, str] = field(default_factory=dict)

    @property
    def broken(self) -> list[Row]:
        """The clauses that were broken."""
        return [row for row in self.rows if row.verdict == "broken"]

    @property
    def exit_code(self) -> int:
        """0 when every checked clause was kept, 1 when one was broken, 4 when too little was reached to say so."""
        if self.broken:
            return 1
        return 4 if self.missing else 0

    def dump(self) -> dict[str, Any]:
        """The report as JSON data."""
        return {
            "target": self.target,
            "exit_code": self.exit_code,
            "seed": self.seed,
            "allow_writes": self.allow_writes,
            "probe_existing": self.probe_existing,
            "seconds": round(self.seconds, 2),
            "requests": self.evidence.sent,
            "payments": self.evidence.payments,
            "statuses": dict(sorted(self.evidence.statuses.items())),
            "never_reached": list(self.missing),
            "waited_for": self.evidence.waits,
            "unstable": self.evidence.unstable,
            "recorded": self.evidence.recorded,
            "notes": self.evidence.remarks,
            "token_variables": dict(self.variables),
            "causes": [_cause_data(cause) for cause in self.causes],
            "clauses": [_row_data(row) for row in self.rows],
        }


def _cause_data(cause: Cause) -> dict[str, Any]:
    return {
        "sentence": cause.sentence,
        "clauses": list(cause.clause_ids),
        "requests": cause.count,
        "findings": [asdict(finding) for finding in cause.findings],
    }


def _row_data(row: Row) -> dict[str, Any]:
    return {
        "id": row.clause.clause_id,
        "says": row.clause.says,
        "sentence": row.clause.sentence,
        "place": row.clause.place,
        "verdict": row.verdict,
        "requests": row.requests,
        "why": row.why,
        "findings": [asdict(finding) for finding in row.findings],
    }


def settle(settings: Settings, evidence: Evidence, seconds: float) -> Ledger:
    """Makes the report of a run.

    Args:
        settings: what was checked and how.
        evidence: what was seen.
        seconds: how long it took.
    """
    clauses = [worded(clause, settings.document) for clause in CLAUSES.values() if _applies(clause, settings)]
    rows = tuple(_row(clause, settings, evidence) for clause in clauses)
    wanted = (str(settings.document.success_status), *_NEEDED) if settings.allow_writes else _NEEDED
    target = without_user(settings.target) if isinstance(settings.target, str) else "the mock in this process"
    missing = tuple(status for status in wanted if not evidence.statuses[status])
    variables = Redactor(settings.websites).variables
    return Ledger(
        rows,
        causes_of(evidence),
        evidence,
        missing,
        seconds,
        target,
        settings.seed,
        settings.allow_writes,
        settings.probe_existing,
        variables,
    )


def worded(clause: Clause, document: Document) -> Clause:
    """The clause with the words that it rests on and the place where they stand, both of the checked document."""
    refusal = document.api.descriptions.get(document.invalid_status, "")
    words = clause_words(document.api, clause.clause_id, clause.field) or refusal
    return replace(clause, sentence=words, place=document.place(clause.place))


def _applies(clause: Clause, settings: Settings) -> bool:
    """`field.schema` is a row only when the document says more of a field than the built-in one does."""
    plain = {"type", "description", "title", "example", "examples", "format", "minimum"}
    usual = {"session_id", "visitor_id", "website_id", "revenue", "email"}
    fields: Mapping[str, Mapping[str, Any]] = settings.document.fields
    edited = set(fields) != usual or any(set(schema) - plain for schema in fields.values())
    return clause.clause_id != "field.schema" or edited or settings.document.schema.get("additionalProperties") is False


def _row(clause: Clause, settings: Settings, evidence: Evidence) -> Row:
    own = [finding for finding in evidence.findings if finding.clause_id == clause.clause_id]
    counted = (finding for finding in own if settings.strict or not finding.is_lenient)
    findings = tuple(sorted(counted, key=lambda one: one.plainness))
    requests = evidence.requests[clause.clause_id]
    if findings:
        return Row(clause, "broken", max(requests, evidence.broken(clause.clause_id)), findings, "")
    is_probed = settings.probe_existing and clause.shown_by_probing and requests
    if clause.needs_write and not settings.allow_writes and not is_probed:
        return Row(clause, "not checked", 0, (), f"{clause.needs_write}; needs --allow-writes")
    why = "; ".join(filter(None, (*_lenient(own), _left_out(clause, evidence))))
    if clause.unobservable and not requests:
        return Row(clause, "not checked", 0, (), why or clause.unobservable)
    return Row(
        clause,
        "kept" if requests else "not checked",
        requests,
        (),
        why or ("" if requests else _undecided(clause, evidence)),
    )


def _lenient(findings: Iterable[Finding]) -> Iterable[str]:
    return dict.fromkeys(f"lenient: it {finding.cause}" for finding in findings)


def _left_out(clause: Clause, evidence: Evidence) -> str:
    reasons = [f"{count} not sent: {reason}" for reason, count in evidence.unsent.get(clause.clause_id, {}).items()]
    if hidden := evidence.undecided[clause.clause_id]:
        reasons.append(
            f"{hidden} undecided: something else that is wrong with them explains the answer too{_cure(clause)}"
        )
    return "; ".join(reasons)


def _cure(clause: Clause) -> str:
    return "; needs --allow-writes" if clause.clause_id != "error.status" else ""


def _undecided(clause: Clause, evidence: Evidence) -> str:
    """Why nothing decided about a clause of which nothing was left out."""
    if clause.clause_id.startswith("success."):
        return "no valid call was answered with success, so that there was none to look at"
    if clause.clause_id == "event.only-on-success":
        return "a valid call has to succeed, and errors to be answered as documented, before it shows"
    if evidence.remarks:
        return f"the run did not come to it: {evidence.remarks[0]}"
    return f"none of the {evidence.sent:,} requests was about it"
