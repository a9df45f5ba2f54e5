"""One running mock as an object: the document, its readings, the store, the journal. Two worlds never meet."""

from __future__ import annotations

import time
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from trackfox_mock.assets import fixtures_path
from trackfox_mock.decision.advice import Refusals, advise, advise_ordinary
from trackfox_mock.decision.gates import accepted, decide
from trackfox_mock.decision.ordinary import ordinary
from trackfox_mock.decision.parsed_request import Body, ParsedRequest, further_of, parse, payment_of
from trackfox_mock.decision.problems import problem_reply
from trackfox_mock.decision.rules import demand_known
from trackfox_mock.document.readings import Readings
from trackfox_mock.document.service import Service
from trackfox_mock.document.service_registry import ServiceRegistry
from trackfox_mock.document.spec import Api, load_spec
from trackfox_mock.errors import FaultError, RuleError, StorageError
from trackfox_mock.faults.effects import Hit
from trackfox_mock.faults.preferences import expected, preferred
from trackfox_mock.faults.schedule import Fault, Faults
from trackfox_mock.journal.entries import FAULT, OURS, OUTCOMES, PREFERENCE, STORAGE, Entry, Journal, Relayed, kept
from trackfox_mock.journal.expectations import Expectations
from trackfox_mock.model import Decision, Request, Session, Violation, Website
from trackfox_mock.redaction.redactor import Redactor
from trackfox_mock.tenants.environment import BASE_URL
from trackfox_mock.tenants.fixtures import load_fixtures
from trackfox_mock.tenants.memory import MemoryStore
from trackfox_mock.tenants.store import Store
from trackfox_mock.world.administration import Administration
from trackfox_mock.world.keeping import Keeping
from trackfox_mock.world.rates import Rates

if TYPE_CHECKING:
    from trackfox_mock.explain import Explanation, Slip


class World:
    """A mock without a socket: it takes requests and answers them. What else can be done to it is `administration`.

    Args:
        api: the compiled document; the built-in one by default.
        websites: the tenants it starts with; the built-in fixtures by default.
        readings: how the silences are read.
        website_readings: by `website_id`, the silences that are read otherwise for that website.
        clock: gives the time, in seconds since the epoch.
        journal_size: how many requests are kept.
        payments_limit: how many payments of each website are kept; None keeps all.
        faults: what it breaks from the start, until somebody calls it off.
        store: where websites, sessions and payments are, if not in memory; then it knows the websites.
        requests_kept: how many requests the store keeps beyond the end of the process.
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
        store: Store | None = None,
        requests_kept: int = 0,
    ) -> None:
        self.clock = clock
        self.began = time.monotonic()
        if store is None:
            store = MemoryStore(load_fixtures([fixtures_path()]) if websites is None else websites, payments_limit)
        self.store = store
        self._is_durable = store.is_durable
        self.journal = _kept_journal(journal_size, store, requests_kept) if requests_kept else Journal(journal_size)
        self.faults = Faults(faults, clock)
        self.expectations = Expectations()
        self.listeners: list[Callable[[Entry], None]] = []
        self.logs = self.listeners  # which are told of what was answered here, even where `listeners` hear of more
        self.refusals = Refusals()
        self.rates = Rates()
        self.services = ServiceRegistry(api or load_spec(), readings or Readings(), website_readings or {})
        self.keeping = Keeping(store, self.services, self.faults)
        self.administration = Administration(self, seed)
        self._arrivals: list[Callable[[Entry], None]] = []
        self.intercepted: Container[str] = ()
        self._unsettled: list[Entry] = []
        self._numbers = max((entry.number for entry in self.journal), default=0)

    @property
    def fixtures(self) -> tuple[Website, ...]:
        """The websites that it started with, with their sessions."""
        return self.store.fixtures

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

        The reply is in `entry.decision`; whoever sends it calls `finish`, and before that, where the store is durable,
        `settle`, which may make it another. `unbroken` is for who cannot send an answer that a fault breaks: none hits
        this request.
        """
        now = self.clock()
        self._numbers += 1
        parsed = parse(request)
        service = self.services.of(parsed.website_id)
        body = parsed.body
        session = None if self.faults.scheduled else ordinary(service, self.store, parsed)
        try:
            if body is None or session is None:
                entry = self._judge(parsed, client, now, unbroken=unbroken)
            else:
                entry = self._accept(request, body, service, session, client=client, now=now)
        except StorageError as problem:
            entry = Entry(self._numbers, now, parsed.website_id, kept(request), _not_kept(str(problem)), client)
        if self._is_durable:
            self._unsettled.append(entry)
            return entry
        self.journal.add(entry)
        if self._arrivals:
            self._notice(entry)
        return entry

    def _notice(self, entry: Entry) -> None:
        for notice in tuple(self._arrivals):
            notice(entry)

    def settle(self) -> None:
        """Make safe what the answers since the last time rest on; where that fails, they are refused instead."""
        entries, self._unsettled = self._unsettled, []
        try:
            self.keeping.note_faults()
            self.journal.write(entries)
            self.store.commit()
        except StorageError as problem:
            for entry in entries:
                if entry.payment is not None:
                    _refuse(entry, str(problem))
        for entry in entries:
            self.journal.add(entry)
            self._notice(entry)

    def _accept(
        self, request: Request, body: Body, service: Service, session: Session, *, client: str, now: float
    ) -> Entry:
        """Record an ordinary request's payment: no gate needs to be asked."""
        decision = accepted(service, session)
        payment, repeats = self.store.record(session, body.revenue, body.email, now, once=service.merges_duplicates)
        advice = advise_ordinary(service, body)
        request = kept(request)
        return Entry(self._numbers, now, session.website_id, request, decision, client, payment, repeats, advice)

    def _judge(self, parsed: ParsedRequest, client: str, now: float, *, unbroken: bool) -> Entry:
        """Any other request: it may be broken on purpose, and goes through the gates."""
        request = parsed.request
        parsed, website_id, service = self._for_website(parsed)
        hit = None
        expects: tuple[str, ...] = ()
        if not unbroken and (self.faults.scheduled or request.query or b"prefer" in parsed.fields):
            hit, decision = self._decide_with_faults(service, parsed, website_id, now)
            expects = () if decision.rule == PREFERENCE else expected(request)
        else:
            decision = self._decide(service, parsed, website_id, now)
        entry = Entry(self._numbers, now, website_id, kept(request), decision, client, fault=hit, expects=expects)
        if decision.session is not None:
            revenue, email = payment_of(parsed)
            once, further = service.merges_duplicates, further_of(service, parsed)
            entry.payment, entry.repeats = self.store.record(
                decision.session, revenue, email, now, once=once, further=further
            )
            entry.further_advice = advise(service, parsed)
        elif decision.refused_by not in (None, *OURS):
            if "token" not in decision.gates[: decision.passed]:  # which found that it is this website's
                bearer = self._owner_of_token(parsed)
                entry.token_website_id = None if bearer == website_id else bearer
            entry.further_advice = self.refusals.advise(parsed, decision, self._numbers, website_id)
        return entry

    def finish(self, entry: Entry, seconds: float) -> None:
        """Complete an entry once its reply is sent, and tell the listeners."""
        entry.elapsed = seconds
        if entry.fault is None:
            entry.reply = entry.decision.reply
        if self._is_durable and entry.fault is not None:
            self._write_again(entry)
        for listener in self.listeners:
            listener(entry)

    def _write_again(self, entry: Entry) -> None:
        """What a fault made of an answer is known when it is sent."""
        with suppress(StorageError):  # the entry itself is kept
            self.journal.write([entry])
            self.store.commit()

    def consider(self, request: Request) -> Decision:
        """What would be decided about a request. Nothing is recorded."""
        parsed, _, service = self._for_website(parse(request))
        return decide(service, self.store, parsed)

    # Where another service answers

    def foresee(self, request: Request) -> tuple[Hit | None, Decision]:
        """What is known of a request before another service answers it: what breaks its answer, and our decision."""
        parsed, website_id, service = self._for_website(parse(request))
        now = self.clock()
        if self.faults.scheduled or request.query or b"prefer" in parsed.fields:
            return self._decide_with_faults(service, parsed, website_id, now)
        return None, self._decide(service, parsed, website_id, now)

    def witness(
        self, request: Request, client: str, decision: Decision, hit: Hit | None, relayed: Relayed | None
    ) -> Entry:
        """Write down a request that another service answered; a decision with a session records its payment here too.

        Args:
            request: as it came.
            client: who sent it.
            decision: with the answer that came.
            hit: what breaks the answer.
            relayed: what else is known; None where the other service was not asked.
        """
        parsed, website_id, service = self._for_website(parse(request))
        self._numbers += 1
        now = self.clock()
        entry = Entry(self._numbers, now, website_id, kept(request), decision, client, fault=hit, relayed=relayed)
        if decision.session is not None:
            revenue, email = payment_of(parsed)
            once = service.merges_duplicates
            entry.payment, entry.repeats = self.store.record(decision.session, revenue, email, now, once=once)
            entry.further_advice = advise(service, parsed)
        self.journal.add(entry)
        self._notice(entry)
        return entry

    def _for_website(self, parsed: ParsedRequest) -> tuple[ParsedRequest, str | None, Service]:
        """A request as its website reads it, whose id, and its service; the token's owner where it names no website."""
        website_id = parsed.website_id
        if website_id is None or self.store.website(website_id) is None:
            website_id = self._owner_of_token(parsed)
        service = self.services.serving(website_id, parsed.request)
        if service.duplicate_key != "last-wins":
            parsed = parse(parsed.request, service.duplicate_key)
        return parsed, website_id, service

    def _owner_of_token(self, parsed: ParsedRequest) -> str | None:
        words = (parsed.authorization or "").split()
        return self.store.token_owner(words[-1].strip("\"'")) if words else None

    def _decide(self, service: Service, parsed: ParsedRequest, website_id: str | None, now: float) -> Decision:
        if service.limits_rate and self.rates.is_too_fast(website_id, now):
            return Decision(service.error(429), "rate-limit", ("rate",), 0)
        return decide(service, self.store, parsed)

    def _decide_with_faults(
        self, service: Service, parsed: ParsedRequest, website_id: str | None, now: float
    ) -> tuple[Hit | None, Decision]:
        try:
            for rule in expected(parsed.request):
                demand_known(rule)
            hit = preferred(parsed.request) or self.faults.hit(website_id, now)
        except (FaultError, RuleError) as problem:
            violation = Violation(("header", "prefer"), PREFERENCE, str(problem))
            reply = problem_reply("unknown-preference", str(problem))
            return None, Decision(reply, PREFERENCE, (PREFERENCE,), 0, (violation,))
        if hit is None:
            return None, self._decide(service, parsed, website_id, now)
        effect = hit.effect
        if effect.replaces_answer and effect.phase == "before":
            decision = Decision(service.success, FAULT, (FAULT,), 0)
        else:
            decision = self._decide(service, parsed, website_id, now)
        hit.reply = decision.reply if effect.status is None else service.reply(effect.status)
        return hit, decision

    # Who looks on

    def tally(self) -> dict[str, int]:
        """How many requests were answered here, by outcome."""
        return {outcome: self.journal.count(outcome=outcome) for outcome in OUTCOMES}

    @contextmanager
    def noticing(self, notice: Callable[[Entry], None]) -> Iterator[None]:
        """Have every request announced as it is received, which is before its answer is sent."""
        self._arrivals.append(notice)
        try:
            yield
        finally:
            self._arrivals.remove(notice)

    def explain(self, entry: Entry, *, base_url: str = BASE_URL, show_secrets: bool = False) -> Explanation:
        """Why a request of the journal was answered as it was, with what is known now.

        Of a request that a fault answered, it is what the service would have done.
        """
        from trackfox_mock.explain import explain  # noqa: PLC0415 - see `explain_request`

        decided = entry.decision.rule not in OURS and entry.relayed is None
        return explain(
            self.services.serving(entry.website_id, entry.request),
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

        parsed, _, service = self._for_website(parse(request))
        decision = decide(service, self.store, parsed)
        repeats = None
        if decision.session is not None:
            repeats = self.store.twin(decision.session, *payment_of(parsed))
        return explain(service, self.store, request, decision, repeats, base_url=base_url, show_secrets=show_secrets)

    def why(self, entry: Entry) -> str:
        """The sentence of an explanation alone, for a line in a log."""
        return self.told(entry)[0]

    def told(self, entry: Entry) -> tuple[str, str]:
        """The sentence of an explanation, and what to do; the latter is empty where nothing is to be done."""
        if entry.relayed is not None:
            return entry.relayed.sentence, ""
        if entry.fault is not None and entry.decision.rule == FAULT:
            return entry.fault.effect.sentence, ""
        if entry.outcome == "attributed" and entry.advice:
            redactor = Redactor(self)
            return "; ".join(redactor.text(advisory.sentence) for advisory in entry.advice), ""
        if entry.decision.rule in (PREFERENCE, STORAGE):
            cure = "see Prefer in docs/control.md" if entry.decision.rule == PREFERENCE else "send it again"
            return entry.decision.violations[0].message, cure
        from trackfox_mock.explain import told  # noqa: PLC0415 - see `explain_request`

        return told(self.services.serving(entry.website_id, entry.request), self.store, entry.request, entry.decision)

    def slip(self, entry: Entry) -> Slip | None:
        """What is wrong with a request that the service refused; None where it did not, or a fault answered.

        None too where the proxied service decided otherwise than this mock, which knows no reason for it.
        """
        another_decided = entry.relayed is not None and "service" in entry.decision.gates
        if entry.decision.accepted or entry.decision.rule in OURS or another_decided:
            return None
        from trackfox_mock.explain import slip_of  # noqa: PLC0415 - see `explain_request`

        service = self.services.serving(entry.website_id, entry.request)
        return slip_of(service, self.store, entry.request, entry.decision)


def _kept_journal(size: int, store: Store, kept: int) -> Journal:
    from trackfox_mock.journal.kept import KeptJournal  # noqa: PLC0415 - only who asks for it pays for it

    return KeptJournal(size, store, kept)


def _refuse(entry: Entry, why: str) -> None:
    """Take back an answer whose payment could not be kept."""
    entry.decision = _not_kept(why)
    entry.payment = entry.repeats = entry.fault = None
    entry.further_advice = ()


def _not_kept(why: str) -> Decision:
    """What is answered where a payment cannot be kept."""
    violation = Violation((STORAGE,), STORAGE, why)
    return Decision(problem_reply("storage", why), STORAGE, (STORAGE,), 0, (violation,))
