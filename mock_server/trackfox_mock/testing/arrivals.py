"""What arrived on a test's website, and what a test asserts about it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from trackfox_mock.decision.rules import demand_known
from trackfox_mock.document.silences import SILENCES
from trackfox_mock.model import Session
from trackfox_mock.testing import verdict
from trackfox_mock.testing.exchange import Exchange
from trackfox_mock.testing.host import Host
from trackfox_mock.testing.payment import Payment, differences, payment_of
from trackfox_mock.testing.tenant import Tenant

_TICK_SECONDS = 0.002


class Arrivals(Tenant):
    """A test's website with the payments and requests that it got."""

    def __init__(self, host: Host, readings: Mapping[str, str] | None = None) -> None:
        super().__init__(host, readings)
        self._waited = 0
        self._signed: dict[str, bool] = {}  # by provider, whether its last webhook had a secret of our choice
        self._allowed: set[str] = set()
        self._meant: set[str] = set()
        self._blocked: list[str] = []  # real hosts that this process called meanwhile

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
        return [exchange for exchange in self.all_requests if exchange.surprises(self._expected)]

    @property
    def missed(self) -> list[str]:
        """What `expect`, or a request by its `Prefer: expect=RULE`, said was meant to come, and never came."""
        requests = self.all_requests
        meant = [rule for rule in sorted(self._meant) if not any(exchange.meets(rule) for exchange in requests)]
        return [*meant, *(rule for exchange in requests for rule in exchange.missed)]

    def complaint(self) -> str:
        """What is to be said about unexpected requests, and about expected ones that never came; else nothing."""
        unexpected, missed, blocked = self.unexpected, self.missed, self._blocked
        reasons = sorted({reason for exchange in unexpected for reason in exchange.surprises(self._expected)})
        return verdict.paragraphs(
            verdict.called_the_real_service(blocked) if blocked else "",
            verdict.unexpected(reasons, unexpected) if unexpected else "",
            verdict.missed(missed, self.all_requests) if missed else "",
        )

    @property
    def _expected(self) -> set[str]:
        return self._allowed | self._meant

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
        return bool(exchange.surprises(set())) and not exchange.surprises(self._expected)

    # What a test asserts

    def expect(self, *rules: str) -> None:
        """Say that requests are meant to be refused by these rules, or to get this advice; what never comes is told.

        Args:
            rules: clauses and silences, as `match.session`, statuses, as `404`, and advice, as `duplicate`.

        Raises:
            RuleError: there is no such rule; the text names the nearest.
        """
        self._meant |= _known(rules)

    def allow(self, *rules: str) -> None:
        """Say that requests may be refused by these rules, or get this advice, as the marker's `expect` does.

        Raises:
            RuleError: there is no such rule; the text names the nearest.
        """
        self._allowed |= _known(rules)

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
        self.allow(*(exchange.rule for exchange in refused))
        return refused[0]


def _expected(revenue: int | None, email: str | None, session: Session | None) -> dict[str, Any]:
    given: Iterable[tuple[str, Any]] = [("revenue", revenue), ("email", email)]
    if session is not None:
        given = [*given, ("session_id", session.session_id), ("visitor_id", session.visitor_id)]
    return {name: value for name, value in given if value is not None}


def _known(rules: Iterable[str]) -> set[str]:
    known = {str(rule) for rule in rules}
    for rule in known:
        demand_known(rule)
    return known


def _seconds(clock: Callable[[], float] = time.monotonic) -> float:
    """The real clock: freezegun replaces names in modules, but not what a default argument holds."""
    return clock()


def _in_event_loop() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
