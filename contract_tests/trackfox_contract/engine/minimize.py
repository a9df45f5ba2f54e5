"""Runs of requests in which an earlier one may change a later one, and the shortest history that shows it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from trackfox_contract.cases.scenarios import Scenario
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.evidence import CUT_SHORT
from trackfox_contract.engine.judge import Judgement
from trackfox_contract.wire.client import MOST_HANGS

_LONGEST = 4
_MOST_BLAMED = 4


def walk(check: Check, kinds: Sequence[Scenario], until: float, *, at_least: int = 0, lane: int = 7) -> None:
    """Sends kinds one after another on one connection; a kind that was answered wrongly is looked into once.

    Args:
        check: the run.
        kinds: what is sent, in order.
        until: when to stop, by the monotonic clock.
        at_least: so many are sent however long it takes, unless the service is slow.
        lane: the connection.
    """
    blamed: set[str] = set()
    for index, kind in enumerate(kinds):
        if time.monotonic() > until and (index >= at_least or check.client.is_slow):
            check.evidence.notes.append(CUT_SHORT)
            return
        verdict = check.send(kind.call, kind.clause_id, lane)
        check.recorder.count(verdict, kind.clause_id)
        if verdict.breaches and kind.name not in blamed:
            shortest_history(check, kinds[:index], kind, verdict)
            blamed.add(kind.name)
        if len(blamed) >= _MOST_BLAMED or check.client.hangs >= MOST_HANGS:
            return


def shortest_history(check: Check, history: Sequence[Scenario], kind: Scenario, verdict: Judgement) -> None:
    """Looks for the shortest history after which the kind is answered wrongly, and reports it."""
    for length in range(min(_LONGEST, len(history)) + 1):
        before = history[len(history) - length :]
        again = _replay(check, before, kind)
        if again.breaches:
            check.recorder.report(again, _title(kind, before), before=[earlier.call for earlier in before])
            if kind.is_valid and any(not earlier.is_valid for earlier in before):
                _changed_by_an_error(check, again, kind, before)
            elif kind.is_valid and not before and not check.broken_from_the_start:
                _changed_by_an_error(check, again, kind, history[-3:])
            return
    before = history[-3:]
    check.recorder.report(verdict, f"{kind.name}, once in a run of {len(history) + 1}", seen=f"1 of {len(history) + 1}")
    if kind.is_valid and not check.broken_from_the_start:
        _changed_by_an_error(check, verdict, kind, before)


def _replay(check: Check, before: Sequence[Scenario], kind: Scenario) -> Judgement:
    lane = 8
    for number, earlier in enumerate(before):
        check.client.send(earlier.call.on(fresh=True) if not number and len(before) > 1 else earlier.call, lane)
    return check.send(kind.call if before else kind.call.on(fresh=True), kind.clause_id, lane)


def _title(kind: Scenario, before: Sequence[Scenario]) -> str:
    return f"{kind.name}, after {', '.join(earlier.name for earlier in before)}" if before else kind.name


def _changed_by_an_error(check: Check, verdict: Judgement, kind: Scenario, before: Sequence[Scenario]) -> None:
    """A valid call that worked at first fails after errors: an error has changed something."""
    title = f"{kind.name} was answered well before, and not after errors"
    check.recorder.report(verdict, title, before=[earlier.call for earlier in before], about="event.only-on-success")
