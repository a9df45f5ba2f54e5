"""The mock keeps the contract under every reading of every silence, and in every budget."""

from __future__ import annotations

import random

import pytest

from tests.services.examine import examine
from trackfox_contract.engine.settings import BUDGETS
from trackfox_mock import SILENCES, Readings, Request, World, create_app

READINGS = [(silence.id, value) for silence in SILENCES.values() for value in silence.values]


def a_mix(seed: int) -> dict[str, str]:
    """One reading of every silence, drawn; a limited rate stays out, since the check waits for minutes then."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    return {name: chance.choice(list(silence.values)) for name, silence in SILENCES.items() if name != "rate-limit"}


def findings(readings: dict[str, str], budget: str, *, writes: bool) -> list[object]:
    """What the check finds wrong with the mock under these readings, which must be nothing."""
    world = World(readings=Readings().with_values(readings))
    return [*examine(create_app(world), known=world.fixtures, writes=writes, budget=BUDGETS[budget]).findings]


@pytest.mark.slow
@pytest.mark.parametrize("writes", [True, False], ids=["writes", "safe"])
@pytest.mark.parametrize(("silence", "value"), READINGS)
def test_the_mock_keeps_the_contract_however_it_reads_a_silence(silence: str, value: str, writes: bool) -> None:  # noqa: FBT001 - a parameter of the test
    assert findings({silence: value}, "quick", writes=writes) == []


@pytest.mark.slow
@pytest.mark.parametrize("writes", [True, False], ids=["writes", "safe"])
@pytest.mark.parametrize("readings", [{}, a_mix(1), a_mix(2)], ids=["default", "a mix", "another mix"])
@pytest.mark.parametrize("budget", ["standard", "thorough"])
def test_the_mock_keeps_the_contract_in_every_budget(budget: str, readings: dict[str, str], writes: bool) -> None:  # noqa: FBT001 - the same
    assert findings(readings, budget, writes=writes) == []


@pytest.mark.parametrize("depth", [200, 900, 1015])
def test_a_wrong_body_that_is_also_nested_deeply_is_refused(world: World, depth: int) -> None:
    body = b'{"email": "nobody", "x": ' + b"[" * depth + b"]" * depth + b"}"
    headers = ((b"authorization", b"Bearer tf_your_api_token_here"), (b"content-type", b"application/json"))
    request = Request("POST", world.api.path, headers, body, body_size=len(body))
    assert world.answer(request).decision.reply.status == 400
