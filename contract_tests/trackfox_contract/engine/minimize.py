"""Runs of requests in which an earlier one may change a later one, and the shortest history that shows it."""

from __future__ import annotations

import time
from collections.abc import Sequence

from trackfox_contract.cases.scenarios import Scenario
from trackfox_contract.engine.check import Check
from trackfox_contract.judgement.judge import Judgement
from trackfox_contract.wire.client import MOST_HANGS

_LONGEST = 4
_MOST_BLAMED = 4


def walk(check: Check, scenarios: Sequence[Scenario], until: float, *, at_least: int = 0, connection: int = 7) -> None:
    """Sends scenarios one after another on one connection; a scenario that was answered wrongly is looked into once.

    Args:
        check: the run.
        scenarios: what is sent, in order.
        until: when to stop, by the monotonic clock.
        at_least: so many are sent however long it takes, unless the service is slow.
        connection: the connection.
    """
    blamed: set[str] = set()
    sent: list[Scenario] = []
    for index, scenario in enumerate(scenarios):
        if time.monotonic() > until and (index >= at_least or check.client.is_slow):
            check.evidence.cut_short("requests in a row")
            return
        if not check.is_safe(scenario.call):
            continue  # what is wrong in the same way was answered with success
        judgement = check.send(scenario.call, scenario.clause_id, connection)
        check.recorder.count(judgement, scenario.clause_id)
        if judgement.breaches and scenario.name not in blamed:
            shortest_history(check, sent, scenario, judgement)
            blamed.add(scenario.name)
        sent.append(scenario)
        if len(blamed) >= _MOST_BLAMED or check.client.hangs >= MOST_HANGS:
            return


def shortest_history(check: Check, history: Sequence[Scenario], scenario: Scenario, judgement: Judgement) -> None:
    """Looks for the shortest history after which the scenario is answered wrongly, and reports it."""
    if not check.is_safe(scenario.call):
        check.recorder.report(judgement, scenario.name, before=[earlier.call for earlier in history[-_LONGEST:]])
        return
    history = [earlier for earlier in history if check.is_safe(earlier.call)]
    for length in range(min(_LONGEST, len(history)) + 1):
        before = history[len(history) - length :]
        again = _replay(check, before, scenario)
        if again.breaches:
            check.recorder.report(again, _title(scenario, before), before=[earlier.call for earlier in before])
            if scenario.is_valid and any(not earlier.is_valid for earlier in before):
                _changed_by_an_error(check, again, scenario, before)
            elif scenario.is_valid and not before and not check.broken_from_the_start:
                _changed_by_an_error(check, again, scenario, history[-3:])
            return
    before = history[-3:]
    count = len(history) + 1
    check.recorder.report(judgement, f"{scenario.name}, once in a run of {count}", seen=f"1 of {count}")
    if scenario.is_valid and not check.broken_from_the_start:
        _changed_by_an_error(check, judgement, scenario, before)


def _replay(check: Check, before: Sequence[Scenario], scenario: Scenario) -> Judgement:
    connection = 8
    for number, earlier in enumerate(before):
        check.client.send(earlier.call.on(fresh=True) if not number and len(before) > 1 else earlier.call, connection)
    return check.send(scenario.call if before else scenario.call.on(fresh=True), scenario.clause_id, connection)


def _title(scenario: Scenario, before: Sequence[Scenario]) -> str:
    return f"{scenario.name}, after {', '.join(earlier.name for earlier in before)}" if before else scenario.name


def _changed_by_an_error(check: Check, judgement: Judgement, scenario: Scenario, before: Sequence[Scenario]) -> None:
    """A valid call that worked at first fails after errors: an error has changed something."""
    title = f"{scenario.name} was answered well before, and not after errors"
    check.recorder.report(judgement, title, before=[earlier.call for earlier in before], about="event.only-on-success")
