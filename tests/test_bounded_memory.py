"""A day's traffic does not fill the memory."""

from __future__ import annotations

from typing import Any

import psutil
import pytest

from tests.conftest import ENDPOINT, request
from trackfox_mock import Request, World

MEBIBYTE = 1024 * 1024


def resident() -> float:
    return psutil.Process().memory_info().rss / MEBIBYTE


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["refused", "attributed"])
def test_many_requests_take_no_more_memory_than_the_first_ten_thousand(kind: str) -> None:
    world = World(payments_limit=1000)
    sent = [request(revenue=revenue if kind == "attributed" else -revenue) for revenue in range(1, 5001)]

    def traffic(count: int) -> None:
        for number in range(count):
            world.finish(world.answer(sent[number % len(sent)]), 0.0)

    traffic(10_000)
    before = resident()
    traffic(190_000)
    assert resident() - before < 1  # five bytes a request
    assert world.journal.count(outcome=kind) == 200_000
    assert len(list(world.journal)) == 1000


@pytest.mark.parametrize(
    "odd",
    [
        {"headers": [(b"x" * 200_000, b"1")]},
        {"headers": [(b"cookie", b"c" * 8000)] * 30},
        {"headers": [(b"a", b"")] * 60_000},
        {"path": "/" + "p" * 200_000},
        {"query": b"q" * 200_000},
        {"body": b"[" * 900_000},
    ],
    ids=["a long name", "a repeated field", "many fields", "a long path", "a long query", "a large body"],
)
def test_of_an_odd_request_only_the_beginning_is_kept(odd: dict[str, Any]) -> None:
    world = World()
    world.answer(Request(**{"method": "POST", "path": ENDPOINT, **odd}))
    (entry,) = world.journal
    kept = entry.request
    assert len(kept.headers) <= 64
    fields = b"".join(name + value for name, value in kept.headers)
    assert len(kept.path) + len(kept.query) + len(fields) + len(kept.body) <= 64 * 1024
