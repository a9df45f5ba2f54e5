"""The shops under test: each flow's application with an outbox of its own, and a provider that posts to it."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from outbox import Outbox
from shop import create_app
from starlette.testclient import TestClient

from trackfox_mock import Trackfox, Webhook, webhook
from trackfox_mock.webhooks import PROVIDERS

SDKS = {"stripe": "stripe", "paddle": "paddle_billing", "lemonsqueezy": "hmac", "paypal": "cryptography"}
EMAIL = "customer@example.com"


def flow_of(provider: str) -> Any:
    """The module of a provider's flow; the test is skipped where the SDK that it verifies with is missing."""
    pytest.importorskip(SDKS[provider], reason=f"{provider} needs {SDKS[provider]}: pip install '.[examples]'")
    return importlib.import_module(f"{provider}_checkout")


@pytest.fixture
def outbox(tmp_path: Path, trackfox: Trackfox, monkeypatch: pytest.MonkeyPatch) -> Outbox:
    """An empty outbox of a shop whose provider knows every customer's e-mail; it does not wait between tries."""
    trackfox.setenv(monkeypatch)
    return Outbox(tmp_path / "shop.db", find_email=lambda _: EMAIL, pause=0)


class Shop:
    """A shop with one provider's webhook, and that provider."""

    def __init__(self, provider: str, client: TestClient, outbox: Outbox, trackfox: Trackfox) -> None:
        self.provider = provider
        self.client = client
        self._outbox = outbox
        self._trackfox = trackfox

    def sign(self, variant: str = "paid", **about: Any) -> Webhook:
        """A webhook about the visitor's checkout, which nobody has sent yet."""
        return self._trackfox.webhook(self.provider, variant=variant, email=EMAIL, **about)

    def receive(self, variant: str = "paid", **about: Any) -> int:
        """Have the provider send it; returns the status that the shop answered."""
        hook = self.sign(variant, **about)
        return self.client.post("/webhook", content=hook.body, headers=dict(hook.headers)).status_code

    @property
    def kept(self) -> list[tuple[str, str]]:
        """State and note of every row in the outbox."""
        with closing(self._outbox.connect()) as database:
            return database.execute("SELECT state, note FROM payments").fetchall()

    @property
    def states(self) -> list[str]:
        return [state for state, _ in self.kept]


@pytest.fixture(params=PROVIDERS)
def shop(
    request: pytest.FixtureRequest, outbox: Outbox, trackfox: Trackfox, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Shop]:
    """The shop of every provider in turn."""
    provider: str = request.param
    flow = flow_of(provider)
    monkeypatch.setenv(PROVIDERS[provider].SECRET_VARIABLE, PROVIDERS[provider].SECRET)
    if provider == "paypal":
        known = webhook("paypal", session_id="any", visitor_id="any").certificate
        monkeypatch.setattr(flow, "certificate", lambda _: known)
    with TestClient(create_app(flow.read, outbox)) as client:
        yield Shop(provider, client, outbox, trackfox)
