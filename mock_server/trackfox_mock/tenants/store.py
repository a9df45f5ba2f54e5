"""What a store promises: the facts of a decision, one step that records a payment, and what administration asks.

Nobody outside this room knows how a store keeps what it has. Whatever is told here holds for every store, and
`tests/stores/` tries each of them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from typing import Any, NamedTuple, Protocol

from msgspec import Struct

from trackfox_mock.model import PaymentEvent, Session, Website
from trackfox_mock.redaction.known_tokens import KnownTokens

REMEMBERED = 10_000
"""Of how many payments of a website it is known that they were there already (silence `duplicate`)."""


class Facts(Protocol):
    """What is known of the ids and the token in a request: all that a decision may ask."""

    def website(self, website_id: str) -> Website | None:
        """The website of that id, without its sessions."""

    def token_owner(self, api_token: str) -> str | None:
        """The id of a website that has this token."""

    def events(self, website_id: str, session_id: str, visitor_id: str) -> tuple[Session, ...]:
        """The visitor events of that session and visitor in that website, the earliest first."""

    def admitted(self, website_id: str, authorization: bytes, session_id: str, visitor_id: str) -> tuple[Session, ...]:
        """The same events, if that Authorization header is good for the website under every reading; else none."""

    def knows_session(self, website_id: str, session_id: str) -> bool:
        """Whether the website has a session of that id."""

    def knows_visitor(self, website_id: str, visitor_id: str) -> bool:
        """Whether the website has a visitor of that id."""


class Change(NamedTuple):
    """In what websites and sessions differ from the fixtures.

    `websites` are those that were added, with their sessions; `sessions` those that were added to websites of the
    fixtures; `removed` the ids of websites of the fixtures that were removed, of which some may have been added anew.
    """

    websites: tuple[Website, ...] = ()
    sessions: tuple[Session, ...] = ()
    removed: tuple[str, ...] = ()


class Wanted(Struct, frozen=True):
    """Which payments are asked for: all criteria that are not None must hold. `since` is in seconds since the epoch."""

    website_id: str | None = None
    session_id: str | None = None
    visitor_id: str | None = None
    email: str | None = None
    revenue: int | None = None
    since: float | None = None

    def matches(self, payment: PaymentEvent) -> bool:
        """Whether a payment is meant."""
        session = payment.session
        return (
            self.website_id in (None, session.website_id)
            and self.session_id in (None, session.session_id)
            and self.visitor_id in (None, session.visitor_id)
            and self.email in (None, payment.email)
            and self.revenue in (None, payment.revenue)
            and (self.since is None or payment.recorded_at >= self.since)
        )


class Store(Facts, Protocol):
    """Websites, their sessions and their payments, all kept per website: one never sees another's.

    A store that `is_durable` keeps them beyond the end of its process. What is recorded, and what is kept under a name,
    is safe once `commit` has returned; every other change when it is made. All of them raise a `StorageError` where
    the store cannot keep what it is given, and then nothing is changed.
    """

    is_durable: bool

    def commit(self) -> None:
        """Make safe what was recorded and kept since the last time; undo it where that cannot be done.

        Raises:
            StorageError: it cannot be kept; it is as if it had never been recorded.
        """

    def trouble(self) -> str:
        """Why nothing can be kept just now, as a sentence; empty while all is well."""

    def close(self) -> None:
        """Give back what the store holds on to; nothing can be asked of it any more."""

    def keep(self, name: str, value: bytes) -> None:
        """Keep some data under a name, in place of what was there; empty data is none."""

    def kept(self, name: str) -> bytes:
        """The data that is kept under a name; empty where there is none."""

    def kept_under(self, prefix: str) -> dict[str, bytes]:
        """What is kept under all names that begin so; no empty data."""

    def keep_requests(self, entries: Iterable[tuple[int, bytes]], limit: int) -> None:
        """Keep entries of the journal under their numbers, and drop what is `limit` numbers behind the newest."""

    def kept_requests(self) -> list[bytes]:
        """The entries that are kept, in order of their numbers."""

    def taking_up(self) -> AbstractContextManager[None]:
        """Around the reading of what was kept: a `StateError` where it is not as it was written."""

    def forget_requests(self, numbers: Iterable[int] | None = None) -> None:
        """Drop the entries of some numbers, or all."""

    @property
    def known_tokens(self) -> KnownTokens:
        """Every website's token, to be looked for in a text."""

    # Payments

    def record(
        self,
        session: Session,
        revenue: int,
        email: str,
        recorded_at: float,
        *,
        once: bool = False,
        further: Mapping[str, Any] | None = None,
    ) -> tuple[PaymentEvent, PaymentEvent | None]:
        """Create the payment event of a success, in one step that nothing can come between.

        Args:
            session: the matching visitor event, whose attribution context is copied.
            revenue: in cents.
            email: as it was sent.
            recorded_at: seconds since the epoch.
            once: create none if there is a twin.
            further: the fields of the body that only an edited document lists.

        Returns:
            the payment, and its twin if it has one. With `once` they may be the same.
        """

    def twin(self, session: Session, revenue: int, email: str) -> PaymentEvent | None:
        """The payment of the same session, revenue and e-mail, if there was one among the last 10,000."""

    def payments(self, website_id: str | None = None) -> Iterator[PaymentEvent]:
        """The payments of one website or of all, the earliest first."""

    def find(self, wanted: Wanted, limit: int) -> tuple[int, list[PaymentEvent]]:
        """How many of the payments are wanted, and the newest so many of them, the newest first."""

    def payments_total(self, website_id: str | None = None) -> int:
        """How many payments there were, those included that a limit has dropped since."""

    def forget_payments(self, website_id: str | None = None) -> None:
        """Drop every payment of one website or of all."""

    # Websites and sessions

    def websites(self) -> Iterator[Website]:
        """Every website, without its sessions."""

    @property
    def websites_total(self) -> int:
        """How many websites there are."""

    def sessions(self, website_id: str) -> Iterator[Session]:
        """The visitor events of a website, in the order in which their sessions were added."""

    def sessions_total(self, website_id: str) -> int:
        """How many visitor events a website has."""

    def session(self, website_id: str, session_id: str) -> tuple[Session, ...]:
        """The visitor events of one session, whoever the visitor is, the earliest first."""

    def session_ids(self, website_id: str) -> Iterable[str]:
        """The ids of the sessions of a website."""

    def visitor_ids(self, website_id: str) -> Iterable[str]:
        """The ids of the visitors of a website."""

    def knows_id(self, text: str) -> bool:
        """Whether one of the first hundred websites has a session or a visitor of that id."""

    def add(self, website: Website) -> None:
        """Add a website with its sessions, or replace the one of that id and all that belonged to it."""

    def remove(self, website_id: str) -> None:
        """Remove a website and all that belongs to it; nothing happens if there is none."""

    def add_session(self, session: Session) -> None:
        """Add a visitor event to its website; the same one twice is one."""

    # The fixtures

    @property
    def fixtures(self) -> tuple[Website, ...]:
        """The websites that it started with, with their sessions."""

    def change(self) -> Change:
        """In what its websites and sessions differ from the fixtures."""

    def back_to_fixtures(self, *, keep_payments: bool) -> None:
        """Take back every change of websites and sessions; payments of the fixtures' websites may stay."""

    def reseed(self, fixtures: Iterable[Website]) -> None:
        """Take other fixtures; every change of websites and sessions stays, and all payments.

        Those of a website that is not there any more are not shown; they come back with it.
        """

    def replace(self, change: Change, payments: Iterable[PaymentEvent]) -> None:
        """Back to the fixtures, and from there to this change and these payments, the earliest first, in one step.

        What the fixtures have wins over a website that was only added. Sessions and payments of a website that is not
        there are left out.
        """

    def replacing(self, change: Change, payments: Iterable[PaymentEvent]) -> Iterator[None]:
        """The same, in small steps where the store can, one of which changes everything."""
