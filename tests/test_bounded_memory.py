"""A day's traffic does not fill the memory."""

from __future__ import annotations

import psutil
import pytest

from mock_server import World
from tests.conftest import request

MEBIBYTE = 1024 * 1024


def resident() -> float:
    return psutil.Process().memory_info().rss / MEBIBYTE


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["refused", "attributed"])
def test_a_million_requests_take_no_more_memory_than_the_first_ten_thousand(kind: str) -> None:
    world = World(payments_limit=1000)
    sent = [request(revenue=revenue if kind == "attributed" else -revenue) for revenue in range(1, 5001)]

    def traffic(count: int) -> None:
        for number in range(count):
            world.finish(world.answer(sent[number % len(sent)]), 0.0)

    traffic(10_000)
    before = resident()
    traffic(990_000)
    assert resident() - before < 5
    assert world.journal.count(outcome=kind) == 1_000_000
    assert len(list(world.journal)) == 1000
