"""One running mock as an object: the document, its readings, the store, the journal. Two worlds never meet."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from trackfox_mock.assets import fixtures_path
from trackfox_mock.decision.advice import Advisory, Refusals, advise, duplicates
from trackfox_mock.decision.gates import accepted, decide
from trackfox_mock.decision.ordinary import Ordinary, ordinary
from trackfox_mock.decision.parsed_request import FirstLook, ParsedRequest, first_look
from trackfox_mock.decision.problems import problem_reply
from trackfox_mock.document.readings import Readings
from trackfox_mock.document.service import REQUESTS_A_SECOND, Service
from trackfox_mock.document.service_registry import ServiceRegistry
from trackfox_mock.document.spec import Api, load_spec
from trackfox_mock.errors import FaultError
from trackfox_mock.faults.preferences import preferred
from trackfox_mock.faults.schedule import Fault, Faults, Hit
from trackfox_mock.journal.entries import FAULT, PREFERENCE, Entry, Journal, kept
from trackfox_mock.model import Decision, Request, Session, Violation, Website
from trackfox_mock.tenants import snapshot as state
from trackfox_mock.tenants.environment import BASE_URL
from trackfox_mock.tenants.fixtures import load_fixtures, parse_session, parse_website
from trackfox_mock.tenants.id_factory import IdFactory
from trackfox_mock.tenants.store import Store

if TYPE_CHECKING:
    from trackfox_mock.explain import Explanation

PARTS = ("payments", "requests", "faults", "readings", "websites")
"""What `reset` can bring back to the start."""


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
        faults: what it breaks from the start, until somebody calls it off.
        seed: makes the ids and tokens of fresh websites the same every time; None makes them unguessable.
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
        seed: int | None = None,
        faults: Iterable[Fault] = (),
    ) -> None:
        self.clock = clock
        self.journal = Journal(journal_size)
        self.fixtures = tuple(load_fixtures([fixtures_path()]) if websites is None else websites)
        self.store = Store(self.fixtures, payments_limit)
        self.names = IdFactory(seed)
        self.faults = Faults(faults, clock)
        self.listeners: list[Callable[[Entry], None]] = []
        self._arrivals: list[Callable[[Entry], None]] = []
        self._numbers = 0
        self._refusals = Refusals()
        self._rates: dict[str | None, tuple[int, int]] = {}
        self.services = ServiceRegistry(api or load_spec(), readings or Readings(), website_readings or {})

    @property
    def api(self) -> Api:
        """The document that is served."""
        return self.services.api

    @property
    def service(self) -> Service:
        """The service as it is read for a website without readings of its own."""
        return self.services.general

    # The way of a request

    def answer(self, request: Request, client: str = "", *, unbroken: bool = False) -> Entry:
        """Decide about a request, record the payment if there is one, and write it down.

        The reply is in `entry.decision`; whoever sends it calls `finish`. `unbroken` is for who cannot send an answer
        that a fault breaks: none hits this request.
        """
        now = self.clock()
        self._numbers += 1
        seen = first_look(request)
        asked = None if self.faults else ordinary(self.services, self.store, request, seen)
        if asked is None:
            entry = self._judge(request, seen, client, now, unbroken=unbroken)
        else:
            entry = self._accept(request, client, now, asked)
        self.journal.add(entry)
        if self._arrivals:
            for notice in tuple(self._arrivals):
                notice(entry)
        return entry

    def _accept(self, request: Request, client: str, now: float, asked: Ordinary) -> Entry:
        service, session, body = asked
        decision = accepted(service, session, service.success)
        payment, repeats = self.store.record(session, body.revenue, body.email, now, once=service.merges_duplicates)
        # All that may be said about such a request is that it came before.
        advice = () if repeats is None else duplicates(service, repeats)
        return Entry(self._numbers, now, session.website_id, kept(request), decision, client, payment, repeats, advice)

    def _judge(self, request: Request, seen: FirstLook, client: str, now: float, *, unbroken: bool) -> Entry:
        website_id, service, call = self._call(request, seen)
        hit = None
        if not unbroken and (self.faults or request.query or b"prefer" in call.fields):
            hit, decision = self._decide_with_faults(service, call, website_id, now)
        else:
            decision = self._decide(service, call, website_id, now)
        payment = repeats = None
        advice: tuple[Advisory, ...] = ()
        if decision.session is not None:
            payment, repeats = self.store.record(decision.session, *_payment(call), now, once=service.merges_duplicates)
            advice = advise(service, call, repeats)
        elif decision.rule not in (FAULT, PREFERENCE):
            advice = self._refusals.advise(call, decision, self._numbers)
        return Entry(
            self._numbers, now, website_id, kept(request), decision, client, payment, repeats, advice, fault=hit
        )

    @contextmanager
    def noticing(self, notice: Callable[[Entry], None]) -> Iterator[None]:
        """Have every request announced as it is received, which is before its answer is sent."""
        self._arrivals.append(notice)
        try:
            yield
        finally:
            self._arrivals.remove(notice)

    def consider(self, request: Request) -> Decision:
        """What would be decided about a request. Nothing is recorded."""
        website_id, service, call = self._call(request, first_look(request))
        return self._decide(service, call, website_id, None)

    def explain(self, entry: Entry, *, base_url: str = BASE_URL, show_secrets: bool = False) -> Explanation:
        """Why a request of the journal was answered as it was, with what is known now.

        Of a request that a fault answered, it is what the service would have done.
        """
        from trackfox_mock.explain import explain  # noqa: PLC0415 - see `explain_request`

        decided = entry.decision.rule not in (FAULT, PREFERENCE)
        return explain(
            self.services.of(entry.website_id),
            self.store,
            entry.request,
            entry.decision if decided else self.consider(entry.request),
            entry.repeats,
            advice=entry.advice,
            base_url=base_url,
            show_secrets=show_secrets,
        )

    def explain_request(self, request: Request, *, base_url: str = BASE_URL, show_secrets: bool = False) -> Explanation:
        """How a request would be answered, and why. Nothing is recorded."""
        # The explanations are a tenth of what there is to load, and who starts a mock waits for it.
        from trackfox_mock.explain import explain  # noqa: PLC0415

        website_id, service, call = self._call(request, first_look(request))
        decision = self._decide(service, call, website_id, None)
        repeats = None
        if decision.session is not None:
            repeats = self.store.twin(decision.session, *_payment(call))
        return explain(service, self.store, request, decision, repeats, base_url=base_url, show_secrets=show_secrets)

    def why(self, entry: Entry) -> str:
        """The sentence of an explanation alone, for a line in a log."""
        if entry.fault is not None and entry.decision.rule == FAULT:
            return entry.fault.effect.sentence
        if entry.decision.rule == PREFERENCE:
            return entry.decision.violations[0].message
        from trackfox_mock.explain import why  # noqa: PLC0415 - see `explain_request`

        return why(self.services.of(entry.website_id), self.store, entry.request, entry.decision)

    def finish(self, entry: Entry, seconds: float) -> None:
        """Complete an entry once its reply is sent, and tell the listeners."""
        entry.elapsed = seconds
        if entry.fault is None:
            entry.reply = entry.decision.reply
        for listener in self.listeners:
            listener(entry)

    def _call(self, request: Request, seen: FirstLook) -> tuple[str | None, Service, ParsedRequest]:
        call = ParsedRequest(request, seen)
        website_id = call.website_id
        if website_id not in self.store.tenants:
            website_id = self._owner_of_token(call)
        service = self.services.of(website_id)
        if service.duplicate_key != "last-wins":
            call = ParsedRequest(request, seen, service.duplicate_key)
        return website_id, service, call

    def _decide(self, service: Service, call: ParsedRequest, website_id: str | None, now: float | None) -> Decision:
        if now is not None and service.limits_rate and self._is_too_fast(website_id, now):
            return Decision(service.error(429), "rate-limit", ("rate",), 0)
        return decide(service, self.store, call)

    def _decide_with_faults(
        self, service: Service, call: ParsedRequest, website_id: str | None, now: float
    ) -> tuple[Hit | None, Decision]:
        try:
            hit = preferred(call.request) or self.faults.hit(website_id, now)
        except FaultError as problem:
            violation = Violation(("header", "prefer"), PREFERENCE, str(problem))
            reply = problem_reply("unknown-preference", str(problem))
            return None, Decision(reply, PREFERENCE, (PREFERENCE,), 0, (violation,))
        if hit is None:
            return None, self._decide(service, call, website_id, now)
        effect = hit.effect
        if effect.replaces_answer and effect.phase == "before":
            decision = Decision(service.success, FAULT, (FAULT,), 0)
        else:
            decision = self._decide(service, call, website_id, now)
        hit.reply = decision.reply if effect.status is None else service.reply(effect.status)
        return hit, decision

    def _owner_of_token(self, call: ParsedRequest) -> str | None:
        words = (call.authorization or "").split()
        return self.store.token_owner(words[-1]) if words else None

    def _is_too_fast(self, website_id: str | None, now: float) -> bool:
        second, count = self._rates.get(website_id, (0, 0))
        count = count + 1 if second == int(now) else 1
        self._rates[website_id] = (int(now), count)
        return count > REQUESTS_A_SECOND

    # State

    def add_website(self, given: Mapping[str, Any]) -> Website:
        """Add a website in the shape of a fixture file; an id, a token and a session are made up where none is given.

        Raises:
            LookupError: its id or its token is in use.
            ValueError: the shape is wrong; the text names the field.
        """
        website = parse_website(self.names.website(given, lambda website_id: website_id not in self.store.tenants))
        if website.website_id in self.store.tenants:
            raise LookupError(f"website_id: {website.website_id!r} is there already; choose another, or none.")
        if self.store.token_owner(website.api_token) is not None:
            raise LookupError("api_token: another website has this token; choose another, or none.")
        self.store.add(website)
        return website

    def add_session(self, website_id: str, given: Mapping[str, Any]) -> Session:
        """Add a visitor event in the shape of a fixture file; ids are made up where none are given.

        Raises:
            KeyError: there is no such website.
            ValueError: the shape is wrong; the text names the field.
        """
        session = parse_session(website_id, self.names.session(given))
        self.store.add_session(session)
        return session

    def remove_website(self, website_id: str) -> None:
        """Remove a website and all that belongs to it: sessions, payments, requests, readings."""
        self.store.remove(website_id)
        self.journal.forget(website_id)
        self.services.read_website(website_id, {})
        self._rates.pop(website_id, None)
        self.faults.clear(website_id)

    def reset(self, parts: Collection[str] = PARTS, website_id: str | None = None) -> None:
        """Back to the start: all of it, some parts of it, or of one website all but the website itself."""
        if website_id is None and "websites" in parts:
            self._back_to_fixtures(keep_payments="payments" not in parts)
        elif "payments" in parts:
            for owner in list(self.store.tenants) if website_id is None else [website_id]:
                self.store.forget_payments(owner)
        if "requests" in parts:
            if website_id is None:
                self.journal.clear()
                self._rates.clear()
                self._refusals = Refusals()
            else:
                self.journal.forget(website_id)
        if "faults" in parts:
            self.faults.reset(website_id, self.clock())
        if "readings" in parts:
            self.services.reset(website_id)

    def _back_to_fixtures(self, *, keep_payments: bool) -> None:
        before, self.store = self.store, Store(self.fixtures, self.store.payments_limit)
        for website_id in self.store.tenants.keys() & before.tenants.keys() if keep_payments else ():
            for payment in before.tenants[website_id].payments:
                self.store.restore(payment)

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

    def replace(self, snapshot: Any) -> None:
        """Back to the fixtures, and then what a snapshot holds; nothing is changed where it is wrong.

        Raises:
            ValueError: it is not a snapshot; the text says what came and what was expected.
        """
        store = Store(self.fixtures, self.store.payments_limit)
        state.restore(store, snapshot)
        self.store = store


def _payment(call: ParsedRequest) -> tuple[int, str]:
    """The revenue in cents and the e-mail of a request that was accepted."""
    revenue, email = _cents(call.document.get("revenue")), str(call.document.get("email", ""))
    if not email.isascii():
        # JSON can hold half a character (a lone surrogate), which nothing that reads the payment could write.
        email = email.encode("utf-8", "replace").decode()
    return revenue, email


def _cents(revenue: Any) -> int:
    try:
        return int(revenue)
    except (OverflowError, TypeError, ValueError):
        return 0  # only an edited document lets pass what is no amount
