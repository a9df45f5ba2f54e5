"""One running mock as an object: the document, its readings, the store, the journal. Two worlds never meet."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mock_server import state
from mock_server.assets import fixtures_path
from mock_server.call import Call
from mock_server.decide import decide
from mock_server.fixtures import load_fixtures
from mock_server.journal import Entry, Journal, kept
from mock_server.model import Decision, PaymentEvent, Request, Session, Website
from mock_server.readings import Readings
from mock_server.service import REQUESTS_A_SECOND, Service
from mock_server.spec import Api, load_spec
from mock_server.store import Store


class World:
    """A mock without a socket: it takes requests and answers them.

    Args:
        api: the compiled document; the built-in one by default.
        websites: the tenants it starts with; the built-in fixtures by default.
        readings: how the silences are read.
        website_readings: by `website_id`, the silences that are read otherwise for that website.
        clock: gives the time, in seconds since the epoch.
        journal_size: how many requests are kept.
        payments_limit: how many payments of each website are kept; None keeps all.
    """

    def __init__(
        self,
        api: Api | None = None,
        websites: Iterable[Website] | None = None,
        readings: Readings | None = None,
        website_readings: Mapping[str, Mapping[str, object]] | None = None,
        *,
        clock: Callable[[], float] = time.time,
        journal_size: int = 1000,
        payments_limit: int | None = None,
    ) -> None:
        self.clock = clock
        self.journal = Journal(journal_size)
        self.fixtures = tuple(load_fixtures([fixtures_path()]) if websites is None else websites)
        self.store = Store(self.fixtures, payments_limit)
        self.listeners: list[Callable[[Entry], None]] = []
        self._numbers = 0
        self._rates: dict[str | None, tuple[int, int]] = {}
        self.read(api or load_spec(), readings or Readings(), website_readings or {})

    # How the document is read

    def read(self, api: Api, readings: Readings, website_readings: Mapping[str, Mapping[str, object]]) -> None:
        """Take another document or other readings; websites, payments and journal stay."""
        services = {
            website_id: Service(api, readings.with_values(values)) for website_id, values in website_readings.items()
        }
        self.api = api
        self.service = Service(api, readings)
        self.website_readings = {website_id: dict(values) for website_id, values in website_readings.items()}
        self._services = services
        self.body_limit = max(service.body_limit for service in (self.service, *services.values()))

    def read_website(self, website_id: str, values: Mapping[str, object]) -> None:
        """Read some silences otherwise for one website; without any, it is read like all others.

        Raises:
            ReadingValueError: a silence or a value does not exist; then nothing is changed.
        """
        if not values:
            self.website_readings.pop(website_id, None)
            self._services.pop(website_id, None)
            return
        service = Service(self.api, self.service.readings.with_values(values))
        self.website_readings[website_id] = dict(values)
        self._services[website_id] = service
        self.body_limit = max(self.body_limit, service.body_limit)

    def service_of(self, website_id: str | None) -> Service:
        """The service as it is read for one website."""
        return self._services.get(website_id, self.service) if website_id is not None else self.service

    # The way of a request

    def answer(self, request: Request, client: str = "") -> Entry:
        """Decide about a request, record the payment if there is one, and write it down.

        The reply is in `entry.decision`; whoever sends it calls `finish`.
        """
        now = self.clock()
        website_id, service, call, decision = self._decide(request, now)
        payment = repeats = None
        if decision.session is not None:
            payment, repeats = self._commit(service, call, decision.session, now)
        self._numbers += 1
        entry = Entry(self._numbers, now, website_id, kept(call), decision, client, payment, repeats)
        self.journal.add(entry)
        return entry

    def consider(self, request: Request) -> Decision:
        """What would be decided about a request. Nothing is recorded."""
        return self._decide(request, None)[-1]

    def finish(self, entry: Entry, seconds: float) -> None:
        """Complete an entry once its reply is sent, and tell the listeners."""
        entry.elapsed = seconds
        if entry.reply is None:
            entry.reply = entry.decision.reply
        for listener in self.listeners:
            listener(entry)

    def _decide(self, request: Request, now: float | None) -> tuple[str | None, Service, Call, Decision]:
        call = Call(request)
        website_id = self._tenant(call)
        service = self.service_of(website_id)
        if service.duplicate_key != "last-wins":
            call = Call(request, service.duplicate_key)
        if now is not None and service.limits_rate and self._is_too_fast(website_id, now):
            return website_id, service, call, Decision(service.error(429), "rate-limit", ("rate",), 0)
        return website_id, service, call, decide(service, self.store, call)

    def _tenant(self, call: Call) -> str | None:
        if call.website_id is not None and call.website_id in self.store.tenants:
            return call.website_id
        words = (call.authorization or "").split()
        return self.store.token_owner(words[-1]) if words else None

    def _is_too_fast(self, website_id: str | None, now: float) -> bool:
        second, count = self._rates.get(website_id, (0, 0))
        count = count + 1 if second == int(now) else 1
        self._rates[website_id] = (int(now), count)
        return count > REQUESTS_A_SECOND

    def _commit(
        self, service: Service, call: Call, session: Session, now: float
    ) -> tuple[PaymentEvent, PaymentEvent | None]:
        revenue, email = int(call.document.get("revenue", 0)), str(call.document.get("email", ""))
        if not email.isascii():
            # JSON can hold half a character (a lone surrogate), which nothing that reads the payment could write.
            email = email.encode("utf-8", "replace").decode()
        repeats = self.store.tenants[session.website_id].twin(session, revenue, email)
        if repeats is not None and service.merges_duplicates:
            return repeats, repeats
        return self.store.record(session, revenue, email, now), repeats

    # State

    def remove_website(self, website_id: str) -> None:
        """Remove a website and all that belongs to it: sessions, payments, requests, readings."""
        self.store.remove(website_id)
        self.journal.forget(website_id)
        self.read_website(website_id, {})
        self._rates.pop(website_id, None)

    def reset(self) -> None:
        """Back to the fixtures: no payments, no journal, no websites or sessions that were added."""
        self.store = Store(self.fixtures, self.store.payments_limit)
        self.journal.clear()
        self._rates.clear()

    def reseed(self, websites: Iterable[Website]) -> None:
        """Take other fixtures; payments, and websites and sessions that were added, stay."""
        added = self.snapshot()
        self.fixtures = tuple(websites)
        self.store = Store(self.fixtures, self.store.payments_limit)
        self.restore(added)

    def snapshot(self) -> dict[str, Any]:
        """What the fixtures do not hold: payments, and websites and sessions that were added. Tokens are included."""
        return state.snapshot(self.store, self.fixtures)

    def restore(self, snapshot: Any) -> None:
        """Add what a snapshot holds to what is there.

        Raises:
            ValueError: it is not a snapshot; the text says what came and what was expected.
        """
        state.restore(self.store, snapshot)
