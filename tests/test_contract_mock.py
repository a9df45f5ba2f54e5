"""The mock keeps the contract under every reading of every silence, and in every budget."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from functools import cache
from itertools import combinations, product

import pytest

from tests.services.examine import examine
from trackfox_contract.engine.settings import BUDGETS
from trackfox_contract.judgement.evidence import Evidence
from trackfox_contract.oracle.document import Document
from trackfox_contract.oracle.known import KnownWebsites
from trackfox_mock import SILENCES, Readings, Request, World, create_app

TIMES = 3


def mixes(seed: int) -> list[dict[str, str]]:
    """Readings of all silences, in which every value has its turn.

    A limited rate stays out, as it takes a clock of its own.
    """
    chance = random.Random(seed)  # noqa: S311 - not for secrets
    drawn = {name: chance.sample(list(one.values), len(one.values)) for name, one in SILENCES.items()}
    del drawn["rate-limit"]
    count = max(map(len, drawn.values()))
    return [{name: values[number % len(values)] for name, values in drawn.items()} for number in range(count)]


ALL_MIXES = {f"{seed}-{number}": mix for seed in range(TIMES) for number, mix in enumerate(mixes(seed))}


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


def test_every_reading_is_in_several_mixes_each_time_among_others() -> None:
    for name, silence in SILENCES.items():
        for value in silence.values if name != "rate-limit" else ():
            having = [mix for mix in ALL_MIXES.values() if mix[name] == value]
            assert len(having) >= TIMES
            assert all(one != other for one, other in combinations(having, 2))


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["writes", "safe"])
@pytest.mark.parametrize("mix", ALL_MIXES)
def test_the_mock_keeps_the_contract_however_it_reads_the_silences(mix: str, mode: str) -> None:
    world = World(readings=Readings().with_values(ALL_MIXES[mix]))
    assert seen_of(world, "quick", writes=mode == "writes").findings == [], ALL_MIXES[mix]


@pytest.mark.slow
@pytest.mark.parametrize("mode", ["writes", "safe"])
@pytest.mark.parametrize("value", SILENCES["rate-limit"].values)
def test_the_mock_keeps_the_contract_whether_it_limits_the_rate_or_not(
    time_of_the_mock: Callable[[], float], value: str, mode: str
) -> None:
    world = World(readings=Readings().with_values({"rate-limit": value}), clock=time_of_the_mock)
    seen = seen_of(world, "quick", writes=mode == "writes")
    assert seen.findings == []
    assert (seen.waits > 0) == (value != "none")


MIXES = {"default": {}, "a mix": ALL_MIXES["1-0"], "another mix": ALL_MIXES["2-0"]}
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
