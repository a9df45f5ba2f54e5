"""The store in memory: the fastest, and gone with its process."""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from heapq import merge
from itertools import islice
from typing import Any

from msgspec.structs import replace as replaced

from trackfox_mock.model import PaymentEvent, Session, Website
from trackfox_mock.tenants.directory import Directory
from trackfox_mock.tenants.store import REMEMBERED, Change, Wanted

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

    def clearing(self) -> Generator[None, None, None]:
        """The same in small steps: to free a hundred thousand at once takes long."""
        while self.remembered:
            self.remembered.popitem()
            yield
        while self.payments:
            self.payments.pop()
            yield
        self.total = 0


class MemoryStore(Directory):
    """A `Store` whose answers wait for nothing.

    Args:
        fixtures: the websites it starts with.
        payments_limit: how many payments of each website are kept; None keeps all.
    """

    is_durable = False

    def __init__(self, fixtures: Iterable[Website] = (), payments_limit: int | None = None) -> None:
        super().__init__(fixtures)
        self._limit = payments_limit
        self._last_number = 0
        self._kept: dict[str, bytes] = {}
        self._requests: dict[int, bytes] = {}
        self._ledgers: dict[str, Ledger] = {}  # also of websites that no fixture has any more, and that may come back
        self._open_ledgers()

    def commit(self) -> None:
        """Nothing is to be done."""

    def trouble(self) -> str:
        """There is none."""
        return ""

    def close(self) -> None:
        """Nothing is held on to."""

    def keep(self, name: str, value: bytes) -> None:
        """Keep some data under a name, in place of what was there; empty data is none."""
        if value:
            self._kept[name] = value
        else:
            self._kept.pop(name, None)

    def kept(self, name: str) -> bytes:
        """The data that is kept under a name; empty where there is none."""
        return self._kept.get(name, b"")

    def kept_under(self, prefix: str) -> dict[str, bytes]:
        """What is kept under all names that begin so."""
        return {name: value for name, value in self._kept.items() if name.startswith(prefix)}

    def keep_requests(self, entries: Iterable[tuple[int, bytes]], limit: int) -> None:
        """Keep entries of the journal under their numbers, and drop what is `limit` numbers behind the newest."""
        self._requests.update(entries)
        last = max(self._requests, default=0)
        self.forget_requests([number for number in self._requests if number <= last - limit])

    def kept_requests(self) -> list[bytes]:
        """The entries that are kept, in order of their numbers."""
        return [self._requests[number] for number in sorted(self._requests)]

    def taking_up(self) -> AbstractContextManager[None]:
        """Around the reading of what was kept: nothing can be wrong with it."""
        return nullcontext()

    def forget_requests(self, numbers: Iterable[int] | None = None) -> None:
        """Drop the entries of some numbers, or all."""
        for number in [*self._requests] if numbers is None else numbers:
            self._requests.pop(number, None)

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
        """Create the payment event of a success; see `Store`."""
        ledger = self._ledgers[session.website_id]
        likeness = session.session_id, revenue, email
        twin = ledger.remembered.get(likeness)
        if once and twin is not None:
            return twin, twin
        self._last_number += 1
        payment = PaymentEvent(self._last_number, recorded_at, session, revenue, email, further)
        ledger.record(payment, likeness)
        return payment, twin

    def twin(self, session: Session, revenue: int, email: str) -> PaymentEvent | None:
        """The payment of the same session, revenue and e-mail, if there was one among the last 10,000."""
        return self._ledgers[session.website_id].remembered.get((session.session_id, revenue, email))

    def payments(self, website_id: str | None = None) -> Iterator[PaymentEvent]:
        """The payments of one website or of all, the earliest first."""
        # Of copies, as others may record between two payments.
        return merge(*([*self._ledgers[owner].payments] for owner in self._owned(website_id)), key=_number)

    def find(self, wanted: Wanted, limit: int) -> tuple[int, list[PaymentEvent]]:
        """How many of the payments are wanted, and the newest so many of them, the newest first."""
        if wanted == Wanted(wanted.website_id):
            return self._newest(wanted.website_id, limit)
        found = [payment for payment in self.payments(wanted.website_id) if wanted.matches(payment)]
        return len(found), found[-1 : -limit - 1 : -1]

    def _newest(self, website_id: str | None, limit: int) -> tuple[int, list[PaymentEvent]]:
        kept = [self._ledgers[owner].payments for owner in self._owned(website_id)]
        newest_first = merge(*map(reversed, kept), key=_number, reverse=True)
        total = sum(map(len, kept))
        return total, [*islice(newest_first, min(limit, total))]

    def payments_total(self, website_id: str | None = None) -> int:
        """How many payments there were, those included that a limit has dropped since."""
        return sum(self._ledgers[owner].total for owner in self._owned(website_id))

    def _restore(self, payments: Iterable[PaymentEvent]) -> None:
        for payment in payments:
            if payment.session.website_id in self._tenants:
                session = self._shared(payment.session)
                self._last_number = max(self._last_number, payment.number)
                likeness = (session.session_id, payment.revenue, payment.email)
                shared = payment if session is payment.session else replaced(payment, session=session)
                self._ledgers[session.website_id].record(shared, likeness)

    def _shared(self, session: Session) -> Session:
        """The same session object where there is an equal one: millions of payments share a few sessions."""
        known = self.session(session.website_id, session.session_id)
        return next((one for one in known if one == session), session)

    def forget_payments(self, website_id: str | None = None) -> None:
        """Drop every payment of one website or of all."""
        for owner in self._owned(website_id):
            self._ledgers[owner].clear()

    def _owned(self, website_id: str | None) -> list[str]:
        return [*self._tenants] if website_id is None else [website_id]

    def _open_ledgers(self) -> None:
        for website_id in self._tenants.keys() - self._ledgers.keys():
            self._ledgers[website_id] = Ledger(self._limit)

    # Websites and sessions

    def add(self, website: Website) -> None:
        """Add a website with its sessions, or replace the one of that id and all that belonged to it."""
        self._add(website)
        self._ledgers[website.website_id] = Ledger(self._limit)

    def remove(self, website_id: str) -> None:
        """Remove a website and all that belongs to it; nothing happens if there is none."""
        self._drop(website_id)
        self._ledgers.pop(website_id, None)

    def add_session(self, session: Session) -> None:
        """Add a visitor event to its website."""
        self._add_session(session)

    # The fixtures

    def back_to_fixtures(self, *, keep_payments: bool) -> None:
        """Take back every change of websites and sessions; payments of the fixtures' websites may stay."""
        self._start(self.fixtures)
        if keep_payments:
            self._ledgers = {owner: ledger for owner, ledger in self._ledgers.items() if owner in self._tenants}
        else:
            self._ledgers.clear()
            self._last_number = 0
        self._open_ledgers()

    def reseed(self, fixtures: Iterable[Website]) -> None:
        """Take other fixtures; payments, and every change of websites and sessions, stay; see `Store`."""
        change = self.change()
        self._start(fixtures)
        self._make(change)
        self._open_ledgers()

    def replace(self, change: Change, payments: Iterable[PaymentEvent]) -> None:
        """Back to the fixtures, and from there to this change and these payments; see `Store`."""
        for _ in self.replacing(change, payments):
            pass

    def replacing(self, change: Change, payments: Iterable[PaymentEvent]) -> Generator[None, None, None]:
        """The same in small steps, of which one changes everything; see `Store`."""
        fresh = MemoryStore(self.fixtures, self._limit)
        yield from fresh.filling(change, payments)
        if fresh.fixtures is not self.fixtures:  # others were taken meanwhile
            fresh.reseed(self.fixtures)
        before = self._ledgers
        vars(self).update({**vars(fresh), "_kept": self._kept, "_requests": self._requests})
        for ledger in before.values():
            yield from ledger.clearing()

    def filling(self, change: Change, payments: Iterable[PaymentEvent]) -> Generator[None, None, None]:
        """Make a change, and take payments of earlier, a step each."""
        self._make(change)
        self._open_ledgers()
        for payment in payments:
            yield
            self._restore([payment])


def _number(payment: PaymentEvent) -> int:
    return payment.number
