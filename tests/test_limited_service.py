"""Behind a rate limit the check says at once how long it will take, and which budget would be shorter."""

from __future__ import annotations

import asyncio

import pytest

from tests.services.examine import websites
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.settings import BUDGETS, Settings
from trackfox_contract.oracle.document import Document
from trackfox_contract.request.call import Call, post
from trackfox_contract.wire.client import Client
from trackfox_contract.wire.transport import Outcome, Response
from trackfox_mock import load_spec

CALL = post("/", b"{}", None)


class Limited:
    """A transport to a service that takes so many requests and then asks for patience, once."""

    timeout, connections = 1.0, 1

    def __init__(self, passing: int, asks: str) -> None:
        self.passing, self.asks = passing, asks
        self.arrived = 0

    async def exchange(self, call: Call, number: int) -> Outcome:  # noqa: ARG002 - a transport
        self.arrived += 1
        if self.arrived == self.passing + 1:
            return Response(429, (("Retry-After", self.asks),), b"")
        return Response(400, (), b"")

    async def close(self) -> None:
        """Nothing is open."""


@pytest.fixture
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    async def at_once(_: float) -> None:
        """Does not wait."""

    monkeypatch.setattr(asyncio, "sleep", at_once)


@pytest.mark.usefixtures("_no_waiting")
def test_a_long_wait_tells_at_once_how_many_requests_pass() -> None:
    transport, told = Limited(100, "40"), []
    client = Client(transport)
    client.on_limited = lambda rate: told.append((rate, transport.arrived))
    for _ in range(120):
        client.send(CALL)
    client.close()
    ((rate, arrived),) = told
    assert 0 < rate <= 100 / 40
    assert arrived == 101


def forecast(rate: float, budget: str) -> str:
    check = Check(
        Settings(
            "http://127.0.0.1:1", Document.of(load_spec()), websites(), allow_writes=True, budget=BUDGETS[budget],
            seed=1, timeout=1.0,
        )
    )  # fmt: skip
    check.client.close()
    return check.pace.forecast(rate)


def test_the_forecast_names_the_time_and_the_budgets_that_are_shorter() -> None:
    told = forecast(20, "thorough")
    assert told.startswith("about 1,200 requests a minute get through, which makes about ")
    assert "--budget quick would take about" in told
    assert "--budget standard would take about" in told


def test_where_no_budget_is_shorter_that_is_said() -> None:
    assert forecast(20, "quick").endswith("no smaller budget makes that much shorter")
