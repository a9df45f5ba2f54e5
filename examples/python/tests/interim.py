"""Until the plugin's `trackfox` fixture: the real mock with the few names that these tests use."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import pytest

from mock_server import PaymentEvent, World, create_app, running


class TrackFox:
    """One mock, its only visitor, and what arrived."""

    def __init__(self, world: World, base_url: str) -> None:
        self._world = world
        self.base_url = base_url
        self.session = SimpleNamespace(session_id="tf_session_id", visitor_id="tf_visitor_id")
        self.failures: list[int] = []
        self.failed: list[Any] = []

    def reset(self) -> None:
        self._world.reset()
        self.failures.clear()
        self.failed.clear()

    def setenv(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TRACKFOX_BASE_URL", self.base_url)
        monkeypatch.setenv("TRACKFOX_WEBSITE_ID", "your_website_id")
        monkeypatch.setenv("TRACKFOX_API_TOKEN", "tf_your_api_token_here")

    def fail_next(self, status: int = 500, times: int = 1) -> None:
        self.failures += [status] * times

    @property
    def payments(self) -> list[PaymentEvent]:
        return [entry.payment for entry in self._world.journal if entry.payment]

    @property
    def requests(self) -> list[Any]:
        return [*self._world.journal, *self.failed]

    def assert_attributed(self, revenue: int, email: str) -> None:
        assert (revenue, email) in [(payment.revenue, payment.email) for payment in self.payments]

    def assert_attributed_once(self) -> None:
        assert len(self.payments) == 1

    def assert_nothing_attributed(self) -> None:
        assert self.payments == []


@contextmanager
def interim_trackfox() -> Iterator[TrackFox]:
    world = World()
    app = create_app(world)

    async def failing(scope: Any, receive: Any, send: Any) -> None:
        if not trackfox.failures:
            await app(scope, receive, send)
            return
        trackfox.failed.append(await receive())
        await send({"type": "http.response.start", "status": trackfox.failures.pop(0), "headers": []})
        await send({"type": "http.response.body", "body": json.dumps({"error": "asked for"}).encode()})

    with running(failing) as base_url:
        trackfox = TrackFox(world, base_url)
        yield trackfox
