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

_LANES = 8
_ENOUGH = 400


def _kinds(check: Check) -> list[Scenario]:
    return [kind for kind in scenarios_of(check.builder) if check.is_safe(kind.call)]


@pytest.mark.clause("auth.missing", "auth.malformed", "auth.invalid", "field.required", "email.valid", "match.together")
def test_every_session_and_every_payment_is_treated_alike(check: Check) -> None:
    for ground in everywhere(check.builders):
        kinds = (Case(kind.clause_id, kind.name, kind.call) for kind in scenarios_of(ground))
        rows = chain(kinds, fields.absent(ground), fields.plainly_wrong(ground))
        if not _valid_call_fails(check, ground):
            send_table(check, (replace(row, name=f"{row.name} ({where(ground)})") for row in rows))


def _valid_call_fails(check: Check, ground: RequestBuilder) -> bool:
    """Whether a session or payment is refused outright: then nothing that is wrong with a request shows."""
    before = len(check.evidence.findings)
    if ground.writes:
        send_table(check, [Case("endpoint", f"a valid call ({where(ground)})", ground.call())])
    return any(finding.clause_id == "endpoint" for finding in check.evidence.findings[before:])


@pytest.mark.clause("event.only-on-success", "endpoint")
def test_the_order_of_requests_does_not_matter(check: Check) -> None:
    kinds = _kinds(check)
    until = check.pace.until(0.1)
    walk(check, [kinds[number] for number in every_order(len(kinds), 2)], until)
    if check.settings.budget.depth > 2 and not check.evidence.findings:
        chosen = few(kinds)
        walk(check, [chosen[number] for number in every_order(len(chosen), 3)], until)


@pytest.mark.clause("event.only-on-success", "endpoint")
def test_odd_requests_change_nothing(check: Check) -> None:
    kinds = few(_kinds(check))
    odd = [
        Scenario(row.name, row.clause_id, row.call) for row in oddities.before(check.builder) if check.is_safe(row.call)
    ]
    walk(check, [kind for one in odd for kind in (one, kinds[0], one, kinds[-1])], check.pace.until(0.04))


@pytest.mark.clause("event.only-on-success")
def test_many_errors_change_nothing(check: Check) -> None:
    kinds = _kinds(check)
    valid = [kind for kind in kinds if kind.is_valid]
    until = check.pace.until(0.08)
    for kind in kinds:
        if not kind.is_valid and not check.evidence.findings:
            walk(check, [kind] * check.settings.budget.repeats + valid * 2, until)
    if valid and not check.evidence.findings:
        check.evidence.requests["event.only-on-success"] += len(valid) * 2


@pytest.mark.clause("endpoint", "error.status")
@pytest.mark.generated
def test_a_long_run_ends_as_it_began(check: Check) -> None:
    kinds = _kinds(check)
    chance = check.pace.random("burst")
    weights = [5 if kind.is_valid else 1 for kind in kinds]
    walk(check, chance.choices(kinds, weights, k=check.settings.budget.burst), check.pace.until(0.12), at_least=_ENOUGH)


@pytest.mark.clause("endpoint", "error.status")
def test_answers_of_requests_at_the_same_time_are_not_mixed_up(check: Check) -> None:
    kinds = _kinds(check)
    chance = check.pace.random("crowd")
    crowd = [chance.choice(kinds) for _ in range(check.settings.budget.burst // 5)]
    calls = [kind.call.on(pieces=chance.choice((1, 2, 3)), pause=chance.choice((0, 0.001, 0.004))) for kind in crowd]
    for kind, exchange in zip(crowd, check.client.send_all(calls, _LANES), strict=True):
        if exchange is None:
            continue
        verdict = check.judge.judge(exchange, kind.clause_id)
        check.recorder.count(verdict, kind.clause_id)
        if verdict.breaches:
            check.recorder.report(verdict, f"{kind.name}, with {_LANES - 1} others at the same time")


@pytest.mark.clause("event.only-on-success", "endpoint")
@pytest.mark.generated
def test_no_walk_through_the_kinds_changes_an_answer(check: Check) -> None:
    walk_at_random(check, _kinds(check), check.pace.until(0.1))
