"""The store in memory: the fastest, and gone with its process."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator
from itertools import chain, islice

from msgspec.structs import replace as _replaced

from trackfox_mock.model import PaymentEvent, Session, Website
from trackfox_mock.redaction.known_tokens import KnownTokens
from trackfox_mock.tenants.store import REMEMBERED, Change

Likeness = tuple[str, int, str]
"""By what a payment is known again: its session's id, its revenue in cents, its e-mail."""


class Ledger:
    """The payments of one website.

    Args:
        limit: how many are kept, the newest ones; None keeps all.
    """

    def __init__(self, limit: int | None = None) -> None:
        self.payments: deque[PaymentEvent] = deque(maxlen=limit)
        self.total = 0
        # A plain dict would look for its oldest key among the places of all that were deleted before it.
        self.remembered: OrderedDict[Likeness, PaymentEvent] = OrderedDict()

    def record(self, payment: PaymentEvent, likeness: Likeness) -> None:
        """Add a payment, and remember what it is like."""
        remembered = self.remembered
        self.payments.append(payment)
        self.total += 1
        remembered[likeness] = payment
        if len(remembered) > REMEMBERED:
            remembered.popitem(last=False)

    def clear(self) -> None:
        """Drop every payment."""
        self.payments.clear()
        self.total = 0
        self.remembered.clear()


class Tenant:
    """One website with all that belongs to it.

    Args:
        website: its id, token, name and first sessions.
        ledger: its payments.

    `bearer` is the Authorization header that is good for it under every reading; None where its token is an odd one.
    `added` are the visitor events that came after the first ones.
    """

    def __init__(self, website: Website, ledger: Ledger) -> None:
        self.website = _replaced(website, sessions=())
        self.ledger = ledger
        self.bearer = _bearer(website.api_token)
        self.events: dict[str, tuple[Session, ...]] = {}
        self.added: list[Session] = []
        self._visitors: set[str] | None = None
        for session in website.sessions:
            self.add(session)

    @property
    def sessions(self) -> Iterator[Session]:
        """Every visitor event, in the order in which their sessions were added."""
        return chain.from_iterable(self.events.values())

    @property
    def visitors(self) -> set[str]:
        """The ids of every visitor."""
        if self._visitors is None:
            self._visitors = {session.visitor_id for session in self.sessions}
        return self._visitors

    def add(self, session: Session) -> None:
        """Add a visitor event."""
        events = self.events.get(session.session_id)
        if events is None:
            self.events[session.session_id] = (session,)
        else:
            # sorted() is stable: of events without a time, or with the same, the one added last counts as the latest.
            self.events[session.session_id] = tuple(sorted((*events, session), key=_time))
        self._visitors = None


def _time(session: Session) -> float:
    return session.occurred_at or 0.0


def _bearer(token: str) -> bytes | None:
    is_plain = token and token.isprintable() and " " not in token
    return b"Bearer " + token.encode() if is_plain else None


class MemoryStore:
    """A `Store` whose answers wait for nothing.

    Args:
        fixtures: the websites it starts with.
        payments_limit: how many payments of each website are kept; None keeps all.

    `version` goes up with every change.
    """

    def __init__(self, fixtures: Iterable[Website] = (), payments_limit: int | None = None) -> None:
        self._limit = payments_limit
        self._last_number = 0
        self.version = 0
        self._start(fixtures)

    def _start(self, fixtures: Iterable[Website]) -> None:
        self.fixtures = tuple(fixtures)
        self._fixed = {website.website_id for website in self.fixtures}
        self._added: set[str] = set()
        self._removed: set[str] = set()
        self._tenants: dict[str, Tenant] = {}
        self._owners: dict[str, str] = {}
        self.known_tokens = KnownTokens()
        self.version += 1
        for website in self.fixtures:
            self._put(website)

    # Facts

    def website(self, website_id: str) -> Website | None:
        """The website of that id, without its sessions."""
        tenant = self._tenants.get(website_id)
        return None if tenant is None else tenant.website

    def token_owner(self, api_token: str) -> str | None:
        """The id of a website that has this token."""
        return self._owners.get(api_token)

    def events(self, website_id: str, session_id: str, visitor_id: str) -> tuple[Session, ...]:
        """The visitor events of that session and visitor in that website, the earliest first."""
        tenant = self._tenants.get(website_id)
        return () if tenant is None else _of_visitor(tenant.events.get(session_id, ()), visitor_id)

    def admitted(self, website_id: str, authorization: bytes, session_id: str, visitor_id: str) -> tuple[Session, ...]:
        """The same events, if that Authorization header is good for the website under every reading; else none."""
        tenant = self._tenants.get(website_id)
        if tenant is None or tenant.bearer != authorization:
            return ()
        return _of_visitor(tenant.events.get(session_id, ()), visitor_id)

    def knows_session(self, website_id: str, session_id: str) -> bool:
        """Whether the website has a session of that id."""
        tenant = self._tenants.get(website_id)
        return tenant is not None and session_id in tenant.events

    def knows_visitor(self, website_id: str, visitor_id: str) -> bool:
        """Whether the website has a visitor of that id."""
        tenant = self._tenants.get(website_id)
        return tenant is not None and visitor_id in tenant.visitors

    # Payments

    def record(
        self, session: Session, revenue: int, email: str, recorded_at: float, *, once: bool = False
    ) -> tuple[PaymentEvent, PaymentEvent | None]:
        """Create the payment event of a success; see `Store`."""
        ledger = self._tenants[session.website_id].ledger
        likeness = session.session_id, revenue, email
        twin = ledger.remembered.get(likeness)
        if once and twin is not None:
            return twin, twin
        self._last_number += 1
        self.version += 1
        payment = PaymentEvent(self._last_number, recorded_at, session, revenue, email)
        ledger.record(payment, likeness)
        return payment, twin

    def twin(self, session: Session, revenue: int, email: str) -> PaymentEvent | None:
        """The payment of the same session, revenue and e-mail, if there was one among the last 10,000."""
        return self._tenants[session.website_id].ledger.remembered.get((session.session_id, revenue, email))

    def payments(self, website_id: str | None = None) -> Iterator[PaymentEvent]:
        """The payments of one website or of all, the earliest first."""
        if website_id is not None:
            return iter(self._tenants[website_id].ledger.payments)
        every = chain.from_iterable(tenant.ledger.payments for tenant in self._tenants.values())
        return iter(sorted(every, key=lambda payment: payment.number))

    def payments_total(self, website_id: str | None = None) -> int:
        """How many payments there were, those included that a limit has dropped since."""
        if website_id is not None:
            return self._tenants[website_id].ledger.total
        return sum(tenant.ledger.total for tenant in self._tenants.values())

    def restore(self, payments: Iterable[PaymentEvent]) -> None:
        """Put back payments of earlier, the earliest first; those of a website that is not there are left out."""
        for payment in payments:
            tenant = self._tenants.get(payment.session.website_id)
            if tenant is not None:
                session = self._shared(payment.session)
                self._last_number = max(self._last_number, payment.number)
                likeness = (session.session_id, payment.revenue, payment.email)
                tenant.ledger.record(_replaced(payment, session=session), likeness)
        self.version += 1

    def _shared(self, session: Session) -> Session:
        """The same session object where there is an equal one: millions of payments share a few sessions."""
        return next(
            (known for known in self.session(session.website_id, session.session_id) if known == session), session
        )

    def forget_payments(self, website_id: str | None = None) -> None:
        """Drop every payment of one website or of all."""
        for owner in [*self._tenants] if website_id is None else [website_id]:
            self._tenants[owner].ledger.clear()
        self.version += 1

    # Websites and sessions

    def websites(self) -> Iterator[Website]:
        """Every website, without its sessions."""
        return (tenant.website for tenant in list(self._tenants.values()))

    @property
    def websites_total(self) -> int:
        """How many websites there are."""
        return len(self._tenants)

    def sessions(self, website_id: str) -> Iterator[Session]:
        """The visitor events of a website, in the order in which their sessions were added."""
        return self._tenants[website_id].sessions

    def sessions_total(self, website_id: str) -> int:
        """How many visitor events a website has."""
        return sum(map(len, self._tenants[website_id].events.values()))

    def session(self, website_id: str, session_id: str) -> tuple[Session, ...]:
        """The visitor events of one session, whoever the visitor is, the earliest first."""
        tenant = self._tenants.get(website_id)
        return () if tenant is None else tenant.events.get(session_id, ())

    def session_ids(self, website_id: str) -> Iterable[str]:
        """The ids of the sessions of a website."""
        return self._tenants[website_id].events.keys()

    def visitor_ids(self, website_id: str) -> Iterable[str]:
        """The ids of the visitors of a website."""
        return self._tenants[website_id].visitors

    def knows_id(self, text: str) -> bool:
        """Whether one of the first hundred websites has a session or a visitor of that id."""
        return any(text in tenant.events or text in tenant.visitors for tenant in islice(self._tenants.values(), 100))

    def add(self, website: Website) -> None:
        """Add a website with its sessions, or replace the one of that id and all that belonged to it."""
        self.remove(website.website_id)
        self._added.add(website.website_id)
        self._put(website)

    def _put(self, website: Website) -> Tenant:
        tenant = self._tenants[website.website_id] = Tenant(website, Ledger(self._limit))
        self._owners[website.api_token] = website.website_id
        self.known_tokens.add(website.api_token)
        return tenant

    def remove(self, website_id: str) -> None:
        """Remove a website and all that belongs to it; nothing happens if there is none."""
        tenant = self._tenants.pop(website_id, None)
        if tenant is not None:
            self.known_tokens.remove(tenant.website.api_token)
        if tenant is not None and self._owners.get(tenant.website.api_token) == website_id:
            token = tenant.website.api_token
            del self._owners[token]
            # Fixtures may give two websites one token; it stays known, and a secret, while either is there.
            others = ((token, other) for other, one in self._tenants.items() if one.website.api_token == token)
            self._owners.update(others)
        self._added.discard(website_id)
        if website_id in self._fixed:
            self._removed.add(website_id)
        self.version += 1

    def add_session(self, session: Session) -> None:
        """Add a visitor event to its website."""
        tenant = self._tenants[session.website_id]
        tenant.add(session)
        tenant.added.append(session)
        self.version += 1

    # The fixtures

    def change(self) -> Change:
        """In what its websites and sessions differ from the fixtures."""
        added = [tenant for website_id, tenant in self._tenants.items() if website_id in self._added]
        fixed = [tenant for website_id, tenant in self._tenants.items() if website_id not in self._added]
        return Change(
            tuple(_replaced(tenant.website, sessions=tuple(tenant.sessions)) for tenant in added),
            tuple(chain.from_iterable(tenant.added for tenant in fixed)),
            tuple(sorted(self._removed)),
        )

    def back_to_fixtures(self, *, keep_payments: bool) -> None:
        """Take back every change of websites and sessions; payments of the fixtures' websites may stay."""
        before = self._ledgers() if keep_payments else {}
        self._start(self.fixtures)
        if not keep_payments:
            self._last_number = 0
        self._keep(before)

    def reseed(self, fixtures: Iterable[Website]) -> None:
        """Take other fixtures; payments, and every change of websites and sessions, stay."""
        before, change = self._ledgers(), self.change()
        self._start(fixtures)
        self.apply(change)
        self._keep(before)

    def apply(self, change: Change) -> None:
        """Make a change of earlier again; what the fixtures have by now wins over a website that was only added."""
        for website_id in self._fixed.intersection(change.removed):
            self.remove(website_id)
        for website in change.websites:
            if website.website_id not in self._tenants:
                self.add(website)
        for session in change.sessions:
            if session.website_id in self._tenants:
                self.add_session(session)

    def _ledgers(self) -> dict[str, Ledger]:
        return {website_id: tenant.ledger for website_id, tenant in self._tenants.items()}

    def _keep(self, ledgers: dict[str, Ledger]) -> None:
        for website_id in ledgers.keys() & self._tenants.keys():
            self._tenants[website_id].ledger = ledgers[website_id]

    def replace(self, change: Change, payments: Iterable[PaymentEvent]) -> None:
        """Back to the fixtures, and from there to this change and these payments, in one step."""
        self.back_to_fixtures(keep_payments=False)
        self.apply(change)
        self.restore(payments)


def _of_visitor(events: tuple[Session, ...], visitor_id: str) -> tuple[Session, ...]:
    if len(events) == 1 and events[0].visitor_id == visitor_id:
        return events
    return tuple(event for event in events if event.visitor_id == visitor_id)
