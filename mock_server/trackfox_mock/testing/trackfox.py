"""What a test gets: a website of its own on a mock, and all that it needs to reach, break and assert."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

import msgspec

from trackfox_mock.errors import FaultError, TrackfoxMockError
from trackfox_mock.faults.schedule import Fault
from trackfox_mock.files.validation import described
from trackfox_mock.http.application import Receive, Scope, Send
from trackfox_mock.model import Session
from trackfox_mock.tenants.environment import environment
from trackfox_mock.testing.arrivals import Arrivals
from trackfox_mock.testing.intercept import NO_ADDRESS, blocked, intercepted
from trackfox_mock.webhooks import Webhook, environment_secret, webhook


class _Environment(Protocol):
    """What `pytest.MonkeyPatch` can do, as far as it is needed."""

    def setenv(self, name: str, value: str) -> None: ...


class Trackfox(Arrivals):
    """A website on a mock that belongs to one test.

    Args:
        host: the mock.
        readings: by silence, what is read otherwise than by default for this website.
    """

    # What the code under test needs

    @property
    def env(self) -> dict[str, str]:
        """The environment variables from which the code under test learns where and who it is."""
        return environment(self.base_url, self.api_token, self.session)

    def setenv(self, monkeypatch: _Environment) -> None:
        """Set the variables of `env` for as long as pytest's `monkeypatch` lasts."""
        for name, value in self.env.items():
            monkeypatch.setenv(name, value)

    @contextmanager
    def intercept(self) -> Iterator[None]:
        """Send this process's calls of the real service to the mock, for code that holds the address in its text.

        It works for httpx, httpx2, requests, urllib3, aiohttp, urllib and http.client, in threads and async code alike.
        Calls of other hosts are left alone, and so are other processes.

        Raises:
            TrackfoxMockError: this mock has no socket.
        """
        if self.base_url == NO_ADDRESS:
            raise TrackfoxMockError(
                "trackfox_app has no socket to send calls to; use the fixture trackfox to intercept them."
            )
        with ExitStack() as detours:
            for server in self._host.world.api.servers:
                detours.enter_context(intercepted(server, self.base_url))
            yield

    @contextmanager
    def no_real_calls(self) -> Iterator[None]:
        """Block this process's calls of the real service, as the fixtures do for every test.

        Raises, inside the block:
            RealHostError: the real service was called; the text names the two cures.
        """
        with blocked(self._host.world.api.servers, self._blocked.append):
            yield

    def webhook(self, provider: str, *, session: Session | None = None, **sale: Any) -> Webhook:
        """A provider's webhook about a payment in a session of this website, signed now.

        Args:
            provider: `stripe`, `paddle`, `lemonsqueezy` or `paypal`.
            session: `trackfox.session` by default.
            sale: what else `trackfox_mock.webhook` takes, as `amount_cents`, `email` and `variant`. Without a `secret`
                it is signed with the environment's, as STRIPE_WEBHOOK_SECRET, or else with the provider's test secret.

        Raises:
            WebhookError: there is no such provider or variant.
        """
        session = session or self.session
        ids = {"session_id": session.session_id, "visitor_id": session.visitor_id, "website_id": session.website_id}
        own = webhook(provider, **(ids | {"secret": environment_secret(provider)} | sale))
        self._signed[provider] = sale.get("secret") is None
        return own

    # What goes wrong on purpose

    def fail_next(self, status: int = 500, *, times: int = 1, phase: str = "before") -> None:
        """Answer the next requests of this website with a status.

        Args:
            status: from 200 to 599.
            times: how many requests.
            phase: `before` the service looks at the request, or `after-commit`: the payment is recorded, and only its
                acknowledgement is lost.

        Raises:
            FaultError: one of them is not possible.
        """
        self._schedule({"status": status, "failRequestCount": times, "phase": phase})

    def delay(self, milliseconds: float, *, times: int | None = None) -> None:
        """Answer the next requests of this website late; a fault that is asked for later waits until it is over.

        Args:
            milliseconds: 600,000 at most.
            times: how many requests; every one by default.

        Raises:
            FaultError: one of them is not possible.
        """
        delay = {"type": "fixed", "milliseconds": milliseconds}
        self._schedule({"delayDistribution": delay, "failRequestCount": times})

    def fault(self, name: str, *, times: int = 1, phase: str = "before") -> None:
        """Break the next answers of this website.

        Args:
            name: `CONNECTION_RESET_BY_PEER`, `EMPTY_RESPONSE`, `MALFORMED_RESPONSE_CHUNK`, `RANDOM_DATA_THEN_CLOSE`,
                `TRUNCATED_BODY`, `MALFORMED_BODY` or `HANG`.
            times: how many requests.
            phase: as for `fail_next`.

        Raises:
            FaultError: one of them is not possible.
        """
        self._schedule({"fault": name, "failRequestCount": times, "phase": phase})

    def _schedule(self, fault: Mapping[str, Any]) -> None:
        world = self._host.world
        # It goes with the website, so it needs no time to live.
        owned = {**fault, "website_id": self.website_id, "timeToLive": None}
        try:
            scheduled = msgspec.convert(owned, Fault)
        except msgspec.ValidationError as problem:
            raise FaultError(described(problem)) from None
        self._host.call(lambda: world.faults.add(scheduled, world.clock()))


class TrackfoxApp(Trackfox):
    """The same in process: an ASGI application, with no socket."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        await self._host.app(scope, receive, send)
