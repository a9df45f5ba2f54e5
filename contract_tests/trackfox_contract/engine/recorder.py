"""Keeps what was judged as evidence: counts for each clause, and findings that hold no secret."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from trackfox_contract.judgement.cause import cause_of
from trackfox_contract.judgement.evidence import Evidence, Finding
from trackfox_contract.request.curl import curl
from trackfox_contract.request.redaction import Redactor
from trackfox_contract.wire.transport import Response

if TYPE_CHECKING:
    from trackfox_contract.engine.settings import Settings
    from trackfox_contract.judgement.judge import Judgement
    from trackfox_contract.request.call import Call

_LONGEST_NAME, _LONGEST_ANSWER = 200, 160
_CONFLICT = 409


class Recorder:
    """Writes the evidence of a run.

    Args:
        settings: the service, as curl commands name it, and the websites whose tokens are secret.

    Attributes:
        evidence: what was seen since the last `take`.
        redactor: what keeps the tokens out of it.
    """

    def __init__(self, settings: Settings) -> None:
        self.evidence = Evidence()
        self.redactor = Redactor(settings.websites)
        self._document = settings.document
        self._base_url = settings.target if isinstance(settings.target, str) else None

    def count(self, judgement: Judgement, clause_id: str) -> None:
        """Counts a request for the clauses that it decided about; one whose answer hides that is undecided."""
        decides = bool(judgement.breaches) or _decides(judgement, clause_id)
        (self.evidence.requests if decides else self.evidence.undecided)[clause_id] += 1
        if isinstance(judgement.round_trip.outcome, Response):
            self.evidence.requests.update(_also_decided(judgement, clause_id))

    def report(
        self,
        judgement: Judgement,
        name: str,
        *,
        seen: str = "",
        before: Sequence[Call] = (),
        about: str = "",
        cause: str = "",
        leniency: str = "",
    ) -> None:
        """Keeps the breaches of a judgement as findings.

        Args:
            judgement: what was found.
            name: what was special about the request.
            seen: how often it was seen, as `3 of 3`.
            before: the requests that came before it, if they matter.
            about: another clause than the one that was judged.
            cause: why it was answered so, where that is known better than from the answer.
            leniency: what the service does, if it breaks the letter alone.
        """
        cause = cause or leniency or cause_of(self._document, judgement, about)
        clauses = dict.fromkeys(about or breach.clause_id for breach in judgement.breaches)
        if all(self.evidence.has_enough(clause_id, cause) for clause_id in clauses):
            return self.evidence.count_again(clauses, cause)
        before = before or _earlier_payment(judgement)
        command, *earlier = map(self._curl, (judgement.round_trip.call, *before))
        breach = judgement.breaches[0]
        finding = Finding(
            clause_id="",
            case=self.redactor.shown(name, _LONGEST_NAME),
            came=self.redactor.shown(breach.came, _LONGEST_ANSWER),
            expected=breach.expected,
            curl=command,
            before=tuple(earlier),
            seen=seen,
            cause=cause,
            is_lenient=bool(leniency),
        )
        for clause_id in clauses:
            self.evidence.keep(replace(finding, clause_id=clause_id))
        return None

    def has_told(self, call: Call) -> bool:
        """Whether a finding since the last `take` is about that call."""
        curl = self._curl(call)
        return any(finding.curl == curl for finding in self.evidence.findings)

    def _curl(self, call: Call) -> str:
        return curl(self.redactor, self._base_url, call)

    def take(self) -> Evidence:
        """The evidence since the last time."""
        taken, self.evidence = self.evidence, Evidence()
        return taken


def _earlier_payment(judgement: Judgement) -> Sequence[Call]:
    """The payment that came before, where a valid call is refused as a repeated one: the same call, sent once more."""
    expectation = judgement.expectation
    is_valid = not expectation.faults and not expectation.other_method
    return [judgement.round_trip.call] if is_valid and judgement.round_trip.status == _CONFLICT else []


def _decides(judgement: Judgement, clause_id: str) -> bool:
    """Whether a legal answer shows that a clause is kept: nothing else that is wrong with the request explains it."""
    status, faults = judgement.round_trip.status, judgement.expectation.faults
    if not faults or clause_id == "error.status":
        return True
    explaining = {fault.clause_id for fault in faults if status in fault.statuses}
    if clause_id == "auth.website":  # an unknown website has no token that could be another's
        return explaining == {clause_id} and all(404 not in fault.statuses for fault in faults)
    if clause_id in judgement.expectation.clauses or clause_id in ("match.session", "match.visitor"):
        return explaining == {clause_id}
    return len(explaining) == 1 and not (clause_id.startswith("match.") and status != 404)


def _also_decided(judgement: Judgement, clause_id: str) -> list[str]:
    """The clauses that an answer decides about, whatever it was asked for."""
    is_success = not judgement.breaches and judgement.round_trip.status == judgement.expectation.success
    successful = ["success.status", "success.body"] if is_success else []
    return [*successful, *(["error.status"] if clause_id != "error.status" else [])]
