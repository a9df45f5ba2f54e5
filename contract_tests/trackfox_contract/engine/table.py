"""Sends rows of the table: none depends on another, so some are under way at once, more to a slow service."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING

from trackfox_contract.wire.transport import NoResponse
from trackfox_contract.wire.tripwire import StoppedError

if TYPE_CHECKING:
    from trackfox_contract.cases.table import Case
    from trackfox_contract.engine.check import Check
    from trackfox_contract.judgement.judge import Judgement
    from trackfox_contract.request.call import Call
    from trackfox_contract.wire.client import RoundTrip

_CONNECTIONS = 8
_REPEATS = 2
_NEEDS_WRITES = "it names an existing session; needs --allow-writes"
_MIGHT_BE_LENIENT = (
    "some frameworks take it by default, and a payment would be recorded; needs --allow-writes or --strict"
)
_TOO_SLOW = "the service is too slow for all of them"
_HUNG = "the service hung too often"
_WITHOUT, _OF_NOBODY = "without a token", "with ids of nobody"
_TAKEN = (200, 401, 404)  # the body was read as one that names all fields


def send_table(check: Check, *cases: Iterable[Case]) -> None:
    """Sends every row that may be sent and that there is time for, and keeps what was found."""
    rows, left = check.pace.affordable(list(_safe(check, chain(*cases))))
    for row in left:
        check.evidence.leave_out(row.clause_id, _TOO_SLOW)
    connections = _CONNECTIONS if check.client.is_slow else check.client.transport.connections
    for row, round_trip in zip(rows, check.client.send_all([row.call for row in rows], connections), strict=True):
        if round_trip is None:
            check.evidence.leave_out(row.clause_id, _reason(check, row.call) or _HUNG)
        else:
            _keep(check, row, round_trip)


def _safe(check: Check, rows: Iterable[Case]) -> Iterable[Case]:
    is_probing, is_strict = check.settings.probe_existing, check.settings.strict
    for row in rows:
        if is_probing and row.leniency and not is_strict:
            check.evidence.leave_out(row.clause_id, _MIGHT_BE_LENIENT)
        elif not (reason := _reason(check, row.call)):
            yield row
        elif is_probing and check.is_safe(nobodys := _of_nobody(check, row.call)):
            yield replace(row, name=f"{row.name}, {_OF_NOBODY}", call=nobodys)
        elif not is_probing and check.is_safe(shut_out := row.call.with_header("Authorization")):
            yield replace(row, name=f"{row.name}, {_WITHOUT}", call=shut_out)
        else:
            check.evidence.leave_out(row.clause_id, reason)


def _of_nobody(check: Check, call: Call) -> Call:
    """The same call with ids of nobody wherever a known session's stand as they are."""
    builder, body = check.builder.of_nobody(), call.body
    for website in check.settings.known.asked_about:
        for session in website.sessions:
            body = body.replace(session.session_id.encode(), builder.unknown("session").encode())
            body = body.replace(session.visitor_id.encode(), builder.unknown("visitor").encode())
    return call.with_body(body)


def _reason(check: Check, call: Call) -> str:
    """Why a call may not be sent; empty when it may."""
    problem = check.why_unsafe(call)
    if problem is None or check.settings.probe_existing or isinstance(problem, StoppedError):
        return str(problem or "")
    return _NEEDS_WRITES


def _keep(check: Check, row: Case, round_trip: RoundTrip) -> None:
    judgement = check.judge.judge(round_trip, row.clause_id)
    check.recorder.count(judgement, row.clause_id)
    if judgement.breaches:
        leniency = row.leniency if judgement.round_trip.status in _TAKEN else ""
        check.recorder.report(judgement, row.name, seen=_again(check, row, judgement), leniency=leniency)


def _again(check: Check, row: Case, judgement: Judgement) -> str:
    """How often it happens, asked again on new connections; not asked of a service that hangs, nor after a success."""
    if isinstance(judgement.round_trip.outcome, NoResponse) or not check.is_safe(row.call):
        return ""
    repeats = [check.send(row.call.on(fresh=True), row.clause_id) for _ in range(_REPEATS)]
    return f"{1 + sum(bool(again.breaches) for again in repeats)} of {1 + _REPEATS}"
