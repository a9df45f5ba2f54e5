"""What one request does to the next: nothing. In every order, many times over, and many at once."""

from dataclasses import replace
from itertools import chain

import pytest

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.cases.scenarios import Scenario, every_order, everywhere, few, scenarios_of, where
from trackfox_contract.cases.table import Case, fields, oddities
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.generation import walk_at_random
from trackfox_contract.engine.minimize import walk
from trackfox_contract.engine.table import send_table
from trackfox_contract.wire.tripwire import STOPPED, StoppedError

_CONNECTIONS = 8
_ENOUGH = 400
_NEW_AMOUNTS = (7_013, 7_019, 7_027)
"""In cents; no other request of a run has them, so that nobody has looked them up before."""


def _scenarios(check: Check) -> list[Scenario]:
    scenarios = [scenario for scenario in scenarios_of(check.builder) if check.is_safe(scenario.call)]
    if len(few(scenarios)) < 2:
        raise StoppedError(STOPPED)
    return scenarios


@pytest.mark.clause("auth.missing", "auth.malformed", "auth.invalid", "field.required", "email.valid", "match.together")
def test_every_session_and_every_payment_is_treated_alike(check: Check) -> None:
    for builder in everywhere(check.builders):
        scenarios = (Case(scenario.clause_id, scenario.name, scenario.call) for scenario in scenarios_of(builder))
        rows = chain(scenarios, fields.absent(builder), fields.plainly_wrong(builder))
        if not _valid_call_fails(check, builder):
            send_table(check, (replace(row, name=f"{row.name} ({where(builder)})") for row in rows))


def _valid_call_fails(check: Check, builder: RequestBuilder) -> bool:
    """Whether a session or payment is refused outright: then nothing that is wrong with a request shows."""
    clause_id = "endpoint" if check.settings.allow_writes else "match.session"
    before = check.evidence.broken(clause_id)
    plain = builder if check.settings.allow_writes else builder.of_nobody()
    send_table(check, [Case(clause_id, f"a valid call ({where(plain)})", plain.call())])
    return check.evidence.broken(clause_id) > before


@pytest.mark.clause("event.only-on-success", "endpoint")
def test_the_order_of_requests_does_not_matter(check: Check) -> None:
    scenarios = _scenarios(check)
    until = check.pace.until(0.1)
    walk(check, [scenarios[number] for number in every_order(len(scenarios), 2)], until)
    if check.settings.budget.depth > 2 and not check.evidence.findings:
        chosen = few(scenarios)
        walk(check, [chosen[number] for number in every_order(len(chosen), 3)], until)


@pytest.mark.clause("event.only-on-success", "endpoint")
def test_odd_requests_change_nothing(check: Check) -> None:
    scenarios = few(_scenarios(check))
    rows = (row for row in oddities.before(check.builder) if check.is_safe(row.call))
    odd = [Scenario(row.name, row.clause_id, row.call) for row in rows]
    mixed = [scenario for one in odd for scenario in (one, scenarios[0], one, scenarios[-1])]
    walk(check, mixed, check.pace.until(0.04))


@pytest.mark.clause("event.only-on-success")
def test_many_errors_change_nothing(check: Check) -> None:
    scenarios = _scenarios(check)
    valid = [scenario for scenario in scenarios if scenario.is_valid]
    until = check.pace.until(0.08)
    for scenario in scenarios:
        if not scenario.is_valid and not check.evidence.findings:
            walk(check, [scenario] * check.settings.budget.repeats + valid * 2, until)
    if valid and not check.evidence.findings:
        check.evidence.requests["event.only-on-success"] += len(valid) * 2


@pytest.mark.clause("endpoint", "error.status")
@pytest.mark.generated
def test_a_long_run_ends_as_it_began(check: Check) -> None:
    scenarios = _scenarios(check)
    chance = check.pace.random("burst")
    weights = [5 if scenario.is_valid else 1 for scenario in scenarios]
    burst = chance.choices(scenarios, weights, k=check.settings.budget.burst)
    walk(check, burst, check.pace.until(0.12), at_least=_ENOUGH)


@pytest.mark.clause("endpoint", "error.status")
def test_answers_of_requests_at_the_same_time_are_not_mixed_up(check: Check) -> None:
    scenarios = _scenarios(check)
    chance = check.pace.random("crowd")
    crowd = [chance.choice(scenarios) for _ in range(check.settings.budget.burst // 5)]
    calls = [one.call.on(pieces=chance.choice((1, 2, 3)), pause=chance.choice((0, 0.001, 0.004))) for one in crowd]
    for scenario, round_trip in zip(crowd, check.client.send_all(calls, _CONNECTIONS), strict=True):
        if round_trip is None:
            continue
        judgement = check.judge.judge(round_trip, scenario.clause_id)
        check.recorder.count(judgement, scenario.clause_id)
        if judgement.breaches:
            check.recorder.report(judgement, f"{scenario.name}, with {_CONNECTIONS - 1} others at the same time")


@pytest.mark.clause("endpoint", "error.status")
def test_a_new_payment_that_comes_many_times_at_once_is_a_success_each_time(check: Check) -> None:
    if not check.settings.allow_writes:
        return
    for revenue in _NEW_AMOUNTS:
        call = check.builder.call({"revenue": revenue})
        for round_trip in check.client.send_all([call] * _CONNECTIONS, _CONNECTIONS):
            if round_trip is not None:
                judgement = check.judge.judge(round_trip, "endpoint")
                check.recorder.count(judgement, "endpoint")
                if judgement.breaches:
                    check.recorder.report(judgement, f"a new payment, {_CONNECTIONS} times at once")


@pytest.mark.clause("event.only-on-success", "endpoint")
@pytest.mark.generated
def test_no_walk_through_the_scenarios_changes_an_answer(check: Check) -> None:
    walk_at_random(check, _scenarios(check), check.pace.until(0.1))
