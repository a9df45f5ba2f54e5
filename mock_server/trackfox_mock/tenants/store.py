"""Websites, their sessions and their payments, all kept per website: a tenant never sees another's."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator

from msgspec.structs import replace

from trackfox_mock.model import PaymentEvent, Session, Website

REMEMBERED = 10_000
"""Of how many payments of a website it is known that they were there already (silence `duplicate`)."""

Likeness = tuple[str, int, str]
"""By what a payment is known again: its session's id, its revenue in cents, its e-mail."""

_SECRET_LENGTH = 8
_SECRET_START = 3
_FEW_STARTS = 32


class Tenant:
    """One website with all that belongs to it.

    Args:
        website: its id, token, name and first sessions.
        payments_limit: how many payments are kept, the newest ones; None keeps all.

    `bearer` is the Authorization header that is good for it under every reading; None where its token is an odd one.
    """

    def __init__(self, website: Website, payments_limit: int | None = None) -> None:
        self.website = replace(website, sessions=())
        self.bearer = _bearer(website.api_token)
        self.events: dict[str, tuple[Session, ...]] = {}
        self.payments: deque[PaymentEvent] = deque(maxlen=payments_limit)
        self.payments_total = 0
        self._visitors: set[str] | None = None
        # A plain dict would look for its oldest key among the places of all that were deleted before it.
        self.remembered: OrderedDict[Likeness, PaymentEvent] = OrderedDict()
        for session in website.sessions:
            self.add(session)

    @property
    def sessions(self) -> Iterator[Session]:
        """Every visitor event, in the order in which their sessions were added."""
        for events in self.events.values():
            yield from events

    @property
    def sessions_total(self) -> int:
        """How many visitor events there are."""
        return sum(map(len, self.events.values()))

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

    def record(self, payment: PaymentEvent, likeness: Likeness) -> None:
        """Add a payment, and remember what it is like."""
        remembered = self.remembered
        self.payments.append(payment)
        self.payments_total += 1
        remembered[likeness] = payment
        if len(remembered) > REMEMBERED:
            remembered.popitem(last=False)

    def forget_payments(self) -> None:
        """Drop every payment."""
        self.payments.clear()
        self.payments_total = 0
        self.remembered.clear()


def _time(session: Session) -> float:
    return session.occurred_at or 0.0


def _bearer(token: str) -> bytes | None:
    is_plain = token and token.isprintable() and " " not in token
    return b"Bearer " + token.encode() if is_plain else None


class Store:
    """Every tenant of one world.

    Args:
        websites: the tenants it starts with.
        payments_limit: how many payments of each website are kept; None keeps all.

    `version` goes up with every change.
    """

    def __init__(self, websites: Iterable[Website] = (), payments_limit: int | None = None) -> None:
        self.payments_limit = payments_limit
        self.tenants: dict[str, Tenant] = {}
        self._owners: dict[str, str] = {}
        self._token_starts: set[str] = set()
        self._token_lengths: set[int] = set()
        self._last_number = 0
        self.version = 0
        for website in websites:
            self.add(website)

    def add(self, website: Website) -> Tenant:
        """Add a website with its sessions, or replace the one of that id."""
        self.remove(website.website_id)
        self.version += 1
        tenant = self.tenants[website.website_id] = Tenant(website, self.payments_limit)
        self._owners[website.api_token] = website.website_id
        self._token_starts.add(website.api_token[:_SECRET_START])
        self._token_lengths.add(len(website.api_token))
        return tenant

    def remove(self, website_id: str) -> None:
        """Remove a website and all that belongs to it; nothing happens if there is none."""
        tenant = self.tenants.pop(website_id, None)
        if tenant is not None and self._owners.get(tenant.website.api_token) == website_id:
            token = tenant.website.api_token
            del self._owners[token]
            # Fixtures may give two websites one token; it stays known, and a secret, while either is there.
            self._owners.update((token, other) for other, one in self.tenants.items() if one.website.api_token == token)
        self.version += 1

    def add_session(self, session: Session) -> None:
        """Add a visitor event to its website."""
        self.tenants[session.website_id].add(session)
        self.version += 1

    def forget_payments(self, website_id: str) -> None:
        """Drop every payment of a website."""
        self.tenants[website_id].forget_payments()
        self.version += 1

    def website(self, website_id: str) -> Website | None:
        """The website of that id, without its sessions."""
        tenant = self.tenants.get(website_id)
        return None if tenant is None else tenant.website

    def token_owner(self, api_token: str) -> str | None:
        """The id of a website that has this token."""
        return self._owners.get(api_token)

    def tokens_in(self, text: str) -> set[str]:
        """Every website's token that stands somewhere in a text; shorter ones than 8 characters are nobody's secret."""
        return {
            text[start : start + length]
            for start in self._places_of_starts(text)
            for length in self._token_lengths
            if length >= _SECRET_LENGTH and text[start : start + length] in self._owners
        }

    def _places_of_starts(self, text: str) -> Iterator[int]:
        """Where a token could begin. Most tokens begin alike, and then there are few places to look at."""
        if len(self._token_starts) > _FEW_STARTS:
            yield from range(len(text) - _SECRET_LENGTH + 1)
            return
        for start in self._token_starts:
            place = text.find(start)
            while place >= 0:
                yield place
                place = text.find(start, place + 1)

    def events(self, website_id: str, session_id: str, visitor_id: str) -> tuple[Session, ...]:
        """The visitor events of that session and visitor in that website, the earliest first."""
        tenant = self.tenants.get(website_id)
        events = () if tenant is None else tenant.events.get(session_id, ())
        if len(events) == 1 and events[0].visitor_id == visitor_id:
            return events
        return tuple(event for event in events if event.visitor_id == visitor_id)

    def admitted(self, website_id: str, authorization: bytes, session_id: str, visitor_id: str) -> tuple[Session, ...]:
        """The same events, if that is an Authorization header which is good for the website under every reading."""
        tenant = self.tenants.get(website_id)
        if tenant is None or tenant.bearer != authorization:
            return ()
        return self.events(website_id, session_id, visitor_id)

    def knows_session(self, website_id: str, session_id: str) -> bool:
        """Whether the website has a session of that id."""
        tenant = self.tenants.get(website_id)
        return tenant is not None and session_id in tenant.events

    def knows_visitor(self, website_id: str, visitor_id: str) -> bool:
        """Whether the website has a visitor of that id."""
        tenant = self.tenants.get(website_id)
        return tenant is not None and visitor_id in tenant.visitors

    def twin(self, session: Session, revenue: int, email: str) -> PaymentEvent | None:
        """The payment of the same session, revenue and e-mail, if there was one among the last 10,000."""
        return self.tenants[session.website_id].remembered.get((session.session_id, revenue, email))

    def record(
        self, session: Session, revenue: int, email: str, recorded_at: float, *, once: bool = False
    ) -> tuple[PaymentEvent, PaymentEvent | None]:
        """Create the payment event of a success.

        Args:
            session: the matching visitor event, whose attribution context is copied.
            revenue: in cents.
            email: as it was sent.
            recorded_at: seconds since the epoch.
            once: create none if there is a twin.

        Returns:
            the payment, and its twin if it has one. With `once` they may be the same.
        """
        tenant = self.tenants[session.website_id]
        likeness = session.session_id, revenue, email
        twin = tenant.remembered.get(likeness)
        if once and twin is not None:
            return twin, twin
        self._last_number += 1
        self.version += 1
        payment = PaymentEvent(self._last_number, recorded_at, session, revenue, email)
        tenant.record(payment, likeness)
        return payment, twin

    def restore(self, payment: PaymentEvent) -> None:
        """Put back a payment that was recorded in an earlier life of this store."""
        self._last_number = max(self._last_number, payment.number)
        likeness = (payment.session.session_id, payment.revenue, payment.email)
        self.tenants[payment.session.website_id].record(payment, likeness)
