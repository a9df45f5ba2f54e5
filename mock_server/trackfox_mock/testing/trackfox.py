"""What a test gets: a website of its own on a mock, with a token, a session, and all that it needs to assert."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

import msgspec

from trackfox_mock.decision.rules import demand_known
from trackfox_mock.document.readings import SILENCES
from trackfox_mock.errors import FaultError, TrackfoxMockError
from trackfox_mock.faults.schedule import Fault
from trackfox_mock.files.validation import described
from trackfox_mock.http.application import Receive, Scope, Send
from trackfox_mock.model import Session, Website
from trackfox_mock.tenants.environment import environment
from trackfox_mock.testing import verdict
from trackfox_mock.testing.exchange import Exchange
from trackfox_mock.testing.host import Host
from trackfox_mock.testing.intercept import NO_ADDRESS, blocked, intercepted
from trackfox_mock.testing.payment import Payment, differences, payment_of
from trackfox_mock.webhooks import Webhook, environment_secret, webhook

_TICK_SECONDS = 0.002
_ATTRIBUTION = {"source": "google", "medium": "cpc", "campaign": "launch"}


class _Environment(Protocol):
    """What `pytest.MonkeyPatch` can do, as far as it is needed."""

    def setenv(self, name: str, value: str) -> None: ...


class Trackfox:
    """A website on a mock that belongs to one test.

    Args:
        host: the mock.
        readings: by silence, what is read otherwise than by default for this website.
    """

    def __init__(self, host: Host, readings: Mapping[str, str] | None = None) -> None:
        self._host = host
        self._readings = dict(readings or {})
        self._others: list[Trackfox] = []
        self._waited = 0
        self._signed: dict[str, bool] = {}  # by provider, whether its last webhook had a secret of our choice
        self._expected: set[str] = set()
        self.base_url = host.base_url
        self.url = host.base_url + host.world.api.path
        self.website_id = f"web_{secrets.token_hex(6)}"
        self.api_token = f"tf_mock_{secrets.token_hex(12)}"
        self.session = self._session(f"vis_{secrets.token_hex(6)}", _ATTRIBUTION)
        self._last_number = host.call(self._arrive)

    def _arrive(self) -> int:
        world = self._host.world
        world.store.add(Website(self.website_id, self.api_token, sessions=(self.session,)))
        world.services.read_website(self.website_id, self._readings)
        self._host.guests.append(self)
        return max((entry.number for entry in world.journal), default=0)

    def leave(self) -> None:
        """Remove the website with its payments, requests and readings, and those of `other_website`."""
        for other in self._others:
            other.leave()
        self._host.call(self._leave)

    def _leave(self) -> None:
        self._host.world.administration.remove_website(self.website_id)
        self._host.guests.remove(self)

    # What the code under test needs

    @property
    def env(self) -> dict[str, str]:
        """The environment variables from which the code under test learns where and who it is."""
        return environment(self.base_url, self.api_token, self.session)

    def setenv(self, monkeypatch: _Environment) -> None:
        """Set the variables of `env` for as long as pytest's `monkeypatch` lasts."""
        for name, value in self.env.items():
            monkeypatch.setenv(name, value)

    def new_session(self, visitor_id: str | None = None, /, **attribution: Any) -> Session:
        """Add a visitor's session to the website.

        Args:
            visitor_id: whose; a new visitor's by default.
            attribution: its attribution context, as `source="newsletter"`.
        """
        session = self._session(visitor_id or f"vis_{secrets.token_hex(6)}", attribution)
        self._host.call(lambda: self._host.world.store.add_session(session))
        return session

    def _session(self, visitor_id: str, attribution: Mapping[str, Any]) -> Session:
        return Session(self.website_id, f"ses_{secrets.token_hex(6)}", visitor_id, time.time(), attribution)

    def other_website(self) -> Trackfox:
        """Another website with a token and a session of its own; it goes when this one goes."""
        other = Trackfox(self._host, self._readings)
        self._others.append(other)
        return other

    def reading(self, **values: str) -> None:
        """Read silences otherwise from now on, as `reading(order="body-first", error_body="html")`.

        Raises:
            ReadingValueError: a silence or a value does not exist.
        """
        self._readings |= {silence.replace("_", "-"): value for silence, value in values.items()}
        self._host.call(lambda: self._host.world.services.read_website(self.website_id, self._readings))
        for other in self._others:
            other.reading(**values)

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
        with blocked(self._host.world.api.servers):
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

    # What arrived

    @property
    def payments(self) -> list[Payment]:
        """The payments attributed on this website, the earliest first."""
        return self._host.call(
            lambda: [payment_of(event) for event in self._host.world.store.payments(self.website_id)]
        )

    @property
    def requests(self) -> list[Exchange]:
        """The requests of this website, the earliest first.

        A request that names neither a known website nor a known token counts too, as long as no other test uses the
        mock at the same time.
        """
        return [Exchange(self._host, entry) for entry in self._host.call(self._entries)]

    def _entries(self) -> list[Any]:
        alone = all(guest is self or guest in self._others for guest in self._host.guests)
        return [
            entry
            for entry in self._host.world.journal
            if entry.concerns(self.website_id)
            or (alone and entry.website_id is None and entry.number > self._last_number)
        ]

    @property
    def all_requests(self) -> list[Exchange]:
        """The requests of this website and of every `other_website`."""
        every = [*self.requests, *(exchange for other in self._others for exchange in other.requests)]
        return sorted(every, key=lambda exchange: exchange.number)

    @property
    def unexpected(self) -> list[Exchange]:
        """The refused or doubtful requests that no assertion and no `expect` has asked for."""
        return [exchange for exchange in self.all_requests if _reasons(exchange) - self._expected]

    def complaint(self) -> str:
        """What is to be said about the unexpected requests; nothing, if there are none."""
        unexpected = self.unexpected
        if not unexpected:
            return ""
        reasons = sorted({reason for exchange in unexpected for reason in _reasons(exchange) - self._expected})
        return verdict.unexpected(reasons, unexpected)

    def record(self) -> dict[str, Any]:
        """What a report has of it: `readings` that are not the default ones, and `requests` without a secret."""
        changed = {
            name: value
            for name, value in self._readings.items()
            if name in SILENCES and value != SILENCES[name].default
        }
        requests = [exchange.row() | {"expected": self._has_asked_for(exchange)} for exchange in self.all_requests]
        return {"readings": changed, "requests": requests}

    def _has_asked_for(self, exchange: Exchange) -> bool:
        reasons = _reasons(exchange)
        return bool(reasons) and reasons <= self._expected

    # What a test asserts

    def expect(self, *rules: str) -> None:
        """Say that requests are meant to be refused by these rules, or to get this advice.

        Args:
            rules: clauses and silences, as `match.session`, and advice, as `duplicate`.

        Raises:
            RuleError: there is no such rule; the text names the nearest.
        """
        for rule in rules:
            demand_known(rule)
        self._expected |= set(rules)

    def wait_for_payment(self, timeout: float = 5.0) -> Payment:
        """Wait for the next payment; each call gives the one after that of the last call.

        It blocks: in an async test, `await asyncio.to_thread(trackfox.wait_for_payment)`.

        Args:
            timeout: in seconds of real time, also where the test has frozen `time`.

        Raises:
            AssertionError: none came; the text says what came instead.
        """
        __tracebackhide__ = True
        deadline = _seconds() + timeout
        while len(payments := self.payments) <= self._waited:
            if _seconds() >= deadline:
                blocked = _in_event_loop()
                raise AssertionError(
                    verdict.nothing_came(timeout, self._waited, self.requests, self._signed, blocked=blocked)
                )
            time.sleep(_TICK_SECONDS)
        self._waited += 1
        return payments[self._waited - 1]

    def assert_attributed(
        self, *, revenue: int | None = None, email: str | None = None, session: Session | None = None
    ) -> Payment:
        """Assert that a payment was attributed which is as given; what is not given may be anything.

        Args:
            revenue: in cents.
            email: exactly as it is to arrive.
            session: as `trackfox.session`.

        Returns:
            The first such payment.

        Raises:
            AssertionError: there is none; the text says what arrived and what is nearest.
        """
        __tracebackhide__ = True
        expected = _expected(revenue, email, session)
        payments = self.payments
        for payment in payments:
            if not differences(payment, expected):
                return payment
        raise AssertionError(verdict.not_attributed(expected, payments, self.requests, self._signed))

    def assert_attributed_once(
        self, *, revenue: int | None = None, email: str | None = None, session: Session | None = None
    ) -> Payment:
        """The same, and that the website has no other payment like it; without arguments, no other payment at all.

        Raises:
            AssertionError: there is none, or more than one.
        """
        __tracebackhide__ = True
        payment = self.assert_attributed(revenue=revenue, email=email, session=session)
        expected = _expected(revenue, email, session)
        alike = [other for other in self.payments if not differences(other, expected)]
        if len(alike) > 1:
            raise AssertionError(verdict.attributed_often(alike, self.requests))
        return payment

    def assert_nothing_attributed(self) -> None:
        """Assert that the website has no payment.

        Raises:
            AssertionError: it has; the text says which, and by what requests.
        """
        __tracebackhide__ = True
        payments = self.payments
        if payments:
            raise AssertionError(verdict.attributed_all_the_same(payments, self.requests))

    def assert_refused(self, rule: str | None = None, *, status: int | None = None) -> Exchange:
        """Assert that a request was refused, and take such refusals for expected from now on.

        Args:
            rule: the clause or silence, as `match.session`; any by default.
            status: as 404; any by default.

        Returns:
            The first such request.

        Raises:
            AssertionError: there is none; the text says what arrived.
            RuleError: there is no such rule; the text names the nearest.
        """
        __tracebackhide__ = True
        if rule is not None:
            demand_known(rule)
        refused = [
            exchange
            for exchange in self.requests
            if exchange.outcome == "refused" and rule in (None, exchange.rule) and status in (None, exchange.status)
        ]
        if not refused:
            raise AssertionError(verdict.not_refused(rule, status, self.requests))
        self.expect(*(exchange.rule for exchange in refused))
        return refused[0]

    def __repr__(self) -> str:
        return f"<Trackfox {self.website_id} on {self.base_url}>"


class TrackfoxApp(Trackfox):
    """The same in process: an ASGI application, with no socket."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        await self._host.app(scope, receive, send)


def _expected(revenue: int | None, email: str | None, session: Session | None) -> dict[str, Any]:
    given: Iterable[tuple[str, Any]] = [("revenue", revenue), ("email", email)]
    if session is not None:
        given = [*given, ("session_id", session.session_id), ("visitor_id", session.visitor_id)]
    return {name: value for name, value in given if value is not None}


def _reasons(exchange: Exchange) -> set[str]:
    """Why a test may want to know of a request."""
    advised = {advisory.id for advisory in exchange.advisories}
    return advised | {exchange.rule} if exchange.outcome == "refused" else advised


def _seconds(clock: Callable[[], float] = time.monotonic) -> float:
    """The real clock: freezegun replaces names in modules, but not what a default argument holds."""
    return clock()


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
