"""Why an answer is wrong, in the sentence that a developer needs: findings with the same sentence have one cause."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackfox_contract.wire.transport import NoResponse

if TYPE_CHECKING:
    from trackfox_contract.judgement.judge import Judgement
    from trackfox_contract.oracle.document import Document

OWN_VALUE = "refuses the check's own"
"""How the sentence begins that is told before all others: nothing else can be judged while it holds."""

GONE = "ends at one of these requests: nobody listens any more"
"""What is told of a service before the rest, since it explains all that is refused afterwards."""

CHANGED = "a valid call is answered otherwise after errors"

_NO_ANSWER = {
    "dropped": "drops the connection",
    "hang": "does not answer in time",
    "garbage": "answers what is not HTTP",
    "endless": "answers more than 8 MiB",
}
_NOBODY_THERE = {"gone": GONE, "refused": "refuses the connection"}
_DOCUMENTED = (400, 401, 404)
_REFUSALS = {409: "answers 409 to a payment that came before: a repeated call is a success, too"}
_FAILURE = 500


def cause_of(document: Document, judgement: Judgement, about: str = "") -> str:
    """The sentence.

    Args:
        document: which statuses it names.
        judgement: an answer that breaks a clause.
        about: the clause, where it is another than the one that was judged.
    """
    if about:
        return CHANGED
    clause_id, outcome = judgement.breaches[0].clause_id, judgement.round_trip.outcome
    if clause_id == "success.body":
        return "a success does not say what the document says"
    if isinstance(outcome, NoResponse):
        wanted = _wanted(document, judgement, clause_id)
        return _NOBODY_THERE.get(outcome.kind) or _NO_ANSWER.get(outcome.kind, outcome.kind) + wanted
    if _is_refusal_of_a_valid_call(judgement, outcome.status):
        return _REFUSALS.get(outcome.status, f"refuses a valid call with {outcome.status}")
    if 200 <= outcome.status < 300 and (judgement.expectation.faults or judgement.expectation.other_method):
        return f"accepts what breaks {_broken(judgement, clause_id)}"
    return f"answers {outcome.status}{_wanted(document, judgement, clause_id)}{_advice(outcome.status)}"


def _broken(judgement: Judgement, clause_id: str) -> str:
    """The clause that a call breaks; one that was sent as a valid call breaks another than it was sent for."""
    is_valid = clause_id == "endpoint" and not judgement.expectation.other_method
    return judgement.expectation.clauses[0] if is_valid else clause_id


def _is_refusal_of_a_valid_call(judgement: Judgement, status: int) -> bool:
    """Whether a valid call is refused by a status that says so; another status where a silence allows 400 is a slip."""
    expectation = judgement.expectation
    may_refuse = bool(expectation.also) and status not in _DOCUMENTED
    return not expectation.faults and not expectation.other_method and not may_refuse and 400 <= status < _FAILURE


def _wanted(document: Document, judgement: Judgement, clause_id: str) -> str:
    """The status that the document gives such a request; silences may allow others beside it."""
    faults = judgement.expectation.faults
    if judgement.expectation.undecided or judgement.expectation.other_method:
        return " to an odd request"
    if not faults:
        refusals = judgement.expectation.also & {document.invalid_status, *_DOCUMENTED}
        return f" where the document says {min(refusals, default=document.success_status)}"
    fault = next((fault for fault in faults if fault.clause_id == clause_id), faults[0])
    is_invalid = document.invalid_status in fault.statuses
    return f" where the document says {document.invalid_status if is_invalid else min(fault.statuses)}"


def _advice(status: int) -> str:
    if status >= _FAILURE:
        return ": catch what fails there"
    return "" if status in _DOCUMENTED else ": map it"
