"""The mock keeps the contract under every reading of every silence, and in every budget."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from functools import cache
from itertools import product

import pytest

from tests.services.examine import examine
from trackfox_contract.engine.settings import BUDGETS
from trackfox_contract.judgement.evidence import Evidence
from trackfox_contract.oracle.document import Document
from trackfox_contract.oracle.oracle import KnownWebsites
from trackfox_mock import SILENCES, Readings, Request, World, create_app

READINGS = [(silence.id, value) for silence in SILENCES.values() for value in silence.values]


def a_mix(seed: int) -> dict[str, str]:
    """One reading of every silence, drawn; a limited rate stays out, as it takes a clock of its own."""
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    return {name: chance.choice(list(silence.values)) for name, silence in SILENCES.items() if name != "rate-limit"}


@cache
def facts_of_the_mock() -> KnownWebsites:
    """The built-in document and fixtures."""
    world = World()
    return KnownWebsites(Document.of(world.api), world.fixtures)


@pytest.fixture
def time_of_the_mock(monkeypatch: pytest.MonkeyPatch) -> Callable[[], float]:
    """A clock that goes on when the check waits, so that nobody waits for a rate limit's next second."""
    now, take_turns = [0.0], asyncio.sleep

    async def wait(seconds: float) -> None:
        now[0] += seconds
        await take_turns(0)

    monkeypatch.setattr(asyncio, "sleep", wait)
    return lambda: now[0]


_PATIENCE = 10.0  # seconds for an answer: the mock owes none so late, but a machine that does much else may pause


def seen_of(world: World, budget: str, *, writes: bool) -> Evidence:
    """What the check sees of a mock."""
    app = create_app(world)
    return examine(app, facts=facts_of_the_mock(), writes=writes, budget=BUDGETS[budget], timeout=_PATIENCE)


@pytest.mark.slow
@pytest.mark.parametrize("writes", [True, False], ids=["writes", "safe"])
@pytest.mark.parametrize(("silence", "value"), READINGS)
def test_the_mock_keeps_the_contract_however_it_reads_a_silence(
    time_of_the_mock: Callable[[], float],
    silence: str,
    value: str,
    writes: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    world = World(readings=Readings().with_values({silence: value}), clock=time_of_the_mock)
    seen = seen_of(world, "quick", writes=writes)
    assert seen.findings == []
    assert (seen.waits > 0) == (silence == "rate-limit" and value != "none")


MIXES = {"default": {}, "a mix": a_mix(1), "another mix": a_mix(2)}
IN_BUDGETS = [
    *product(["standard"], MIXES, ["writes", "safe"]),
    # The thorough one sends the same and more of what is generated, for half a minute: each mix and each mode once.
    ("thorough", "default", "writes"),
    ("thorough", "a mix", "safe"),
    ("thorough", "another mix", "writes"),
]


@pytest.mark.slow
@pytest.mark.parametrize(("budget", "mix", "mode"), IN_BUDGETS)
def test_the_mock_keeps_the_contract_in_every_budget(budget: str, mix: str, mode: str) -> None:
    world = World(readings=Readings().with_values(MIXES[mix]))
    assert seen_of(world, budget, writes=mode == "writes").findings == []


@pytest.mark.parametrize("depth", [200, 900, 1015])
def test_a_wrong_body_that_is_also_nested_deeply_is_refused(world: World, depth: int) -> None:
    body = b'{"email": "nobody", "x": ' + b"[" * depth + b"]" * depth + b"}"
    headers = ((b"authorization", b"Bearer tf_your_api_token_here"), (b"content-type", b"application/json"))
    request = Request("POST", world.api.path, headers, body, body_size=len(body))
    assert world.answer(request).decision.reply.status == 400
