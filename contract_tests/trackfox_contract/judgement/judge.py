"""Compares what came with what is legal, and names the clauses that were broken."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from trackfox_contract.wire.answers import told
from trackfox_contract.wire.transport import NoResponse, Response

if TYPE_CHECKING:
    from collections.abc import Sequence

    from trackfox_contract.oracle.document import Document
    from trackfox_contract.oracle.expectation import Expectation, Stage
    from trackfox_contract.oracle.known import KnownWebsites
    from trackfox_contract.request.call import Call
    from trackfox_contract.wire.client import RoundTrip

ANY_CLAUSE = "error.status"
"""Cases that are about this clause alone: a wrong answer below 500 breaks the clause that the oracle names."""

_NO_MATCH, _NOT_IMPLEMENTED = 404, 501
_LARGE = 1 << 16


@dataclass(frozen=True, slots=True)
class Breach:
    """A clause that an answer breaks: what came, and what was expected, in words."""

    clause_id: str
    came: str
    expected: str


@dataclass(frozen=True, slots=True)
class Judgement:
    """A round trip and what was found about it."""

    round_trip: RoundTrip
    expectation: Expectation
    breaches: Sequence[Breach]


class Judge:
    """Has the oracle say what an answer may be, and compares.

    Args:
        known: the document, and the websites that the service knows.

    Attributes:
        answered_first: the stages that this service is known to check before it looks for a match (safe mode).
        doubted: the stages whose faults a service that does not know the given sessions may answer with 404.
    """

    def __init__(self, known: KnownWebsites) -> None:
        self.known = known
        self.answered_first: frozenset[Stage] = frozenset()
        self.doubted: frozenset[Stage] = frozenset()

    def expect(self, call: Call) -> Expectation:
        """What is legal, with what is known of this service's order in safe mode."""
        expectation = self.known.expect(call, self.answered_first)
        if self.doubted and any(fault.stage in self.doubted for fault in expectation.faults):
            return replace(expectation, also=expectation.also | {_NO_MATCH})
        return expectation

    def judge(self, round_trip: RoundTrip, clause_id: str) -> Judgement:
        """Judges a round trip, which is about that clause."""
        expectation = self.expect(round_trip.call)
        about = expectation.clauses[0] if clause_id == ANY_CLAUSE and (round_trip.status or 500) < 500 else clause_id
        return Judgement(round_trip, expectation, breaches(self.known.document, expectation, round_trip, about))


def breaches(document: Document, expectation: Expectation, round_trip: RoundTrip, clause_id: str) -> list[Breach]:
    """Finds the clauses that one answer breaks.

    Args:
        document: what success looks like.
        expectation: what is legal.
        round_trip: what was sent and what came.
        clause_id: the clause that the request is about.

    Returns:
        One breach a clause, none when the answer is legal.
    """
    outcome = round_trip.outcome
    if isinstance(outcome, Response) and _is_legal(expectation, outcome.status):
        return _success(document, round_trip.call, outcome) if outcome.status == expectation.success else []
    wanted = describe(expectation)
    if isinstance(outcome, NoResponse):
        large = len(round_trip.call.body) > _LARGE
        if outcome.kind == "dropped" and (413 in expectation.statuses or (large and 411 in expectation.statuses)):
            return []  # who refuses a body unread may close before all of it is sent, and the answer may be lost
        return _each((clause_id, "error.status"), told(outcome), wanted)
    came = told(outcome)
    if expectation.other_method:
        return _other_method(document, outcome, clause_id, came)
    if outcome.status >= 500:
        return _each((clause_id, "error.status"), came, wanted)
    return _each(_wrong_status(document, outcome, expectation, clause_id), came, wanted)


def _is_legal(expectation: Expectation, status: int) -> bool:
    return status in expectation.statuses or (expectation.undecided and status < 500)


def _wrong_status(document: Document, reply: Response, expectation: Expectation, clause_id: str) -> tuple[str, ...]:
    """The clauses that a status breaks: its own, and `error.status` when the status does not mean what it says."""
    if 200 <= reply.status < 300:
        if expectation.success in expectation.statuses:
            return (clause_id, "success.status") if clause_id == "endpoint" else ("success.status",)
        return (clause_id,) if _message(reply) == document.message else (clause_id, "error.status")
    return (clause_id, "error.status") if expectation.faults else (clause_id,)


def _each(clause_ids: tuple[str, ...], came: str, expected: str) -> list[Breach]:
    return [Breach(clause_id, came, expected) for clause_id in dict.fromkeys(clause_ids)]


def _other_method(document: Document, reply: Response, clause_id: str, came: str) -> list[Breach]:
    if 500 <= reply.status != _NOT_IMPLEMENTED:
        return _each(("error.status",), came, "405, 404 or 401, never a 5xx")
    if 200 <= reply.status < 300 and _message(reply) == document.message:
        return _each((clause_id,), came, "405, 404 or 401: no payment by another method")
    return []


def _success(document: Document, call: Call, reply: Response) -> list[Breach]:
    expected = f"application/json with the message {document.message!r}"
    content_type = reply.header("content-type")
    if content_type.split(";")[0].strip().lower() != "application/json":
        return [Breach("success.body", f"content type {content_type!r} in {told(reply)}", expected)]
    unwanted = [coding for coding in reply.codings if not call.accepts_coding(coding)]
    if unwanted:
        came = f"{reply.status}, its body as {unwanted[0]}"
        return [Breach("success.body", came, f"{expected}, as Accept-Encoding rules {unwanted[0]} out")]
    if reply.is_readable and _message(reply) != document.message:
        return [Breach("success.body", told(reply), expected)]
    return []


def _message(reply: Response) -> object:
    """The reply's message, or None when the body is no JSON object that has one."""
    try:
        body = json.loads(reply.text())
    except (ValueError, RecursionError):
        return None
    return body.get("message") if isinstance(body, dict) else None


def describe(expectation: Expectation) -> str:
    """What is legal, in words."""
    if expectation.undecided:
        return "any answer that is not a 5xx"
    statuses = sorted(expectation.statuses)
    return " or ".join(map(str, statuses)) if statuses else "405, 404 or 401"
