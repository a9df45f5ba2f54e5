"""The store that nodes share. A node decides by what it knows, and one script takes the decision if that is still true.

The script compares versions before it writes: where another node has changed something, nothing is written, the change
is pulled, and the decision is made again. Payments and requests are in the store alone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import msgspec

from trackfox_mock.errors import StaleError, StorageError, StoreAwayError
from trackfox_mock.model import PaymentEvent, Session, Website
from trackfox_mock.tenants.shared import rows
from trackfox_mock.tenants.shared.ledger import SharedLedger
from trackfox_mock.tenants.shared.line import Line, Word
from trackfox_mock.tenants.shared.replica import NOTHING, Replica
from trackfox_mock.tenants.shared.transaction import ALL, Arrived, Transaction, Waiting
from trackfox_mock.tenants.store import Change, Wanted

_MOST_CHANGES = 500  # that are kept one by one; then a snapshot takes their place
_ATTEMPTS = 50

Recorded = tuple[PaymentEvent, PaymentEvent | None]
"""A payment, and its twin if it has one."""


class SharedStore(Replica):
    """A `Store` in a Redis or Valkey, for as many nodes as there are.

    Alone it waits for the store at every change, as a `Store` does. A server `gathers` instead: changes wait for
    `settle`, which awaits one answer for all of them.

    Args:
        fixtures: the websites it starts with.
        payments_limit: how many payments of each website are kept; None keeps all.
        line: to the store.
        common: by name, what all nodes must have in common, as the document's digest.
        requests_limit: how many requests are kept.

    Raises:
        StoreAwayError: it does not answer, or other nodes serve something else.
    """

    is_durable = True

    def __init__(
        self,
        fixtures: Iterable[Website],
        payments_limit: int | None = None,
        *,
        line: Line,
        common: Mapping[str, str] | None = None,
        requests_limit: int = 0,
    ) -> None:
        super().__init__(fixtures, line, common or {})
        self.gathers = False
        self.requests_limit = requests_limit
        self.recorded: list[Recorded] = []
        self.first_request = 0
        self._most_payments = payments_limit or 0
        self._ledger = SharedLedger(line)
        self._transaction = Transaction()

    # One step

    def commit(self) -> None:
        """Make safe what was recorded and kept since the last time, unless it waits for `settle`.

        Raises:
            StorageError: it cannot be kept; whether it was is not known.
        """
        if not self.gathers and not self._transaction.is_empty:
            self._commit(self._take())

    def _commit(self, transaction: Transaction) -> None:
        for _ in range(_ATTEMPTS):
            try:
                if self._version == NOTHING:
                    self.catch_up()
                self._taken(transaction, self.line.call("commit", self._words(transaction)))
            except StaleError:
                self._version = NOTHING
            except StorageError:
                self._version = NOTHING
                raise
            else:
                return
        raise StoreAwayError("other nodes change the store without a pause; send it again.")

    async def settle(self) -> None:
        """Have the store take what waits; `recorded` and `first_request` then tell which numbers it gave.

        Raises:
            StaleError: another node was faster; what waited is undone, and `pull` tells what is new.
            StorageError: it cannot be kept; whether it was is not known.
        """
        transaction = self._take()
        self.recorded, self.first_request = [], 0
        if transaction.is_empty:
            return
        try:
            size = self._taken(transaction, await self.line.ask("commit", self._words(transaction)))
        except StaleError:
            self._undo(transaction)
            raise
        except StorageError:
            self._version = NOTHING
            raise
        if size > _MOST_CHANGES:
            await self.line.ask("compact", self._snapshot())

    def discard(self) -> None:
        """Undo what waits."""
        self._undo(self._take())

    def _take(self) -> Transaction:
        transaction, self._transaction = self._transaction, Transaction()
        return transaction

    def _undo(self, transaction: Transaction) -> None:
        if transaction.changes or transaction.kept:
            self._version = NOTHING  # what was done here already is gone with the next pull

    def _words(self, transaction: Transaction) -> list[Word]:
        return transaction.words(self._epoch, self._version, self._mark, self._most_payments, self.requests_limit)

    def _snapshot(self) -> list[Word]:
        return [self._epoch, self._version, self._mark, msgspec.json.encode(rows.dump_change(self.change()))]

    def _taken(self, transaction: Transaction, answer: list[Any]) -> int:
        """Note what came of a transaction; gives how many changes there are since the last snapshot."""
        if answer[0] == b"lost":
            self._epoch, self._version = "", NOTHING
        if answer[0] in (b"lost", b"stale"):
            raise StaleError("another node was faster.")
        if answer[0] != b"taken":  # whether it was taken is not known, so it is not asked again
            raise StoreAwayError("the store answers something else than it was asked; expected a Redis or Valkey.")
        _, version, self.first_request, size, recorded = answer
        if version != self._version + len(transaction.changes):
            raise StoreAwayError("the store counts otherwise than its nodes; expected a store of its own for --store.")
        self._version = version
        if transaction.changes:
            self._mark = transaction.mark
        self.recorded = [_recorded(one.payment, *row) for one, row in zip(transaction.payments, recorded, strict=True)]
        return int(size)

    def _change(self, *changes: bytes) -> None:
        self._transaction.changes += changes
        self.commit()

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
        """Create the payment event of a success; see `Store`. Where it waits for `settle`, it has no number yet."""
        payment = PaymentEvent(0, recorded_at, session, revenue, email, further)
        self._transaction.payments.append(Waiting(payment, once))
        if self.gathers:
            return payment, None
        self.commit()
        return self.recorded[-1]

    def twin(self, session: Session, revenue: int, email: str) -> PaymentEvent | None:
        """The payment of the same session, revenue and e-mail, if there was one among the last 10,000."""
        return self._ledger.twin(PaymentEvent(0, 0.0, session, revenue, email))

    def payments(self, website_id: str | None = None) -> Iterator[PaymentEvent]:
        """The payments of one website or of all, the earliest first."""
        return self._ledger.payments(self._owned(website_id))

    def find(self, wanted: Wanted, limit: int) -> tuple[int, list[PaymentEvent]]:
        """How many of the payments are wanted, and the newest so many of them, the newest first."""
        return self._ledger.find(self._owned(wanted.website_id), wanted, limit)

    def payments_total(self, website_id: str | None = None) -> int:
        """How many payments there were, those included that a limit has dropped since."""
        return self._ledger.total(self._owned(website_id))

    def forget_payments(self, website_id: str | None = None) -> None:
        """Drop every payment of one website or of all."""
        self._transaction.wiped = self._owned(website_id)
        self.commit()

    def _owned(self, website_id: str | None) -> list[str]:
        return [*self._tenants] if website_id is None else [self._tenants[website_id].website.website_id]

    # Websites and sessions

    def add(self, website: Website) -> None:
        """Add a website with its sessions, or replace the one of that id and all that belonged to it."""
        self._add(website)
        self._wipe(website.website_id)
        self._change(rows.added(website))

    def remove(self, website_id: str) -> None:
        """Remove a website and all that belongs to it; nothing happens if there is none."""
        self._drop(website_id)
        self._wipe(website_id)
        self._change(rows.removed(website_id))

    def add_session(self, session: Session) -> None:
        """Add a visitor event to its website."""
        self._add_session(session)
        self._change(rows.session_added(session))

    def _wipe(self, website_id: str) -> None:
        if self._transaction.wiped is not ALL:
            self._transaction.wiped = [*self._transaction.wiped, website_id]

    # The fixtures

    def back_to_fixtures(self, *, keep_payments: bool) -> None:
        """Take back every change of websites and sessions; payments of the fixtures' websites may stay."""
        if keep_payments:
            self._transaction.wiped = [owner for owner in self._ledger.owners() if owner not in self._fixed]
        else:
            self._transaction.wiped = ALL
            self._transaction.last_payment = [0]
        self._start(self.fixtures)
        self._change(rows.changed(Change()))

    def reseed(self, fixtures: Iterable[Website]) -> None:
        """Take other fixtures; payments, and every change of websites and sessions, stay; see `Store`."""
        self.commit()
        self._start(fixtures)
        self._version = NOTHING
        self.catch_up()

    def replacing(self, change: Change, payments: Iterable[PaymentEvent]) -> Iterator[None]:
        """The same, in one step: it is one transaction."""
        self.replace(change, payments)
        yield

    def replace(self, change: Change, payments: Iterable[PaymentEvent]) -> None:
        """Back to the fixtures, and from there to this change and these payments; see `Store`."""
        self._start(self.fixtures)
        self._make(change)
        restored = [payment for payment in payments if payment.session.website_id in self._tenants]
        self._transaction.wiped = ALL
        self._transaction.last_payment = [max((payment.number for payment in restored), default=0)]
        self._transaction.restored = restored
        self._change(rows.changed(change))

    # Whatever else is kept

    def keep(self, name: str, value: bytes) -> None:
        """Keep some data under a name, in place of what was there; empty data is none."""
        self._kept[name] = self._transaction.kept[name] = value
        if rows.KEPT not in self._transaction.changes:
            self._transaction.changes.append(rows.KEPT)

    def kept(self, name: str) -> bytes:
        """The data that is kept under a name; empty where there is none."""
        return self._kept.get(name, b"")

    def kept_under(self, prefix: str) -> dict[str, bytes]:
        """What is kept under all names that begin so; no empty data."""
        return {name: value for name, value in self._kept.items() if value and name.startswith(prefix)}

    @contextmanager
    def taking_up(self) -> Iterator[None]:
        """Around the reading of what was kept: a `StoreAwayError` where it is not as it was written."""
        try:
            yield
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.line.trouble = f"the store at {self.line.address} holds what no node has written."
            raise StoreAwayError(self.line.trouble) from None

    def arrive(self, row: bytes, kinds: Iterable[bytes], *, pays: bool) -> None:
        """Have a request kept under the next number.

        Args:
            row: the entry.
            kinds: as what it counts.
            pays: whether it recorded a payment; they come in the same order.
        """
        transaction = self._transaction
        transaction.paying += pays
        transaction.requests.append(Arrived(0, transaction.paying if pays else 0, row))
        transaction.counts.update(kinds)

    def keep_requests(self, entries: Iterable[tuple[int, bytes]], limit: int) -> None:
        """Keep entries of the journal under their numbers, and drop what is `limit` numbers behind the newest."""
        self.requests_limit = limit
        self._transaction.requests += (Arrived(number, 0, row) for number, row in entries)

    def kept_requests(self) -> list[bytes]:
        """The entries that are kept, in order of their numbers."""
        self.commit()
        return self._ledger.requests()

    def forget_requests(self, numbers: Iterable[int] | None = None) -> None:
        """Drop the entries of some numbers, or all."""
        self._transaction.dropped = ALL if numbers is None else [*numbers]
        self._change(rows.DROPPED)

    def count(self, counts: Counter[bytes]) -> None:
        """Count requests, or less of them; without a commit."""
        self._transaction.counts.update(counts)

    def trouble(self) -> str:
        """Why nothing can be kept just now, as a sentence; empty while all is well."""
        return self.line.trouble

    def close(self) -> None:
        """Give the connection back."""
        self.line.close()


def _recorded(payment: PaymentEvent, number: int, twin: int, row: bytes) -> Recorded:
    if not twin:
        return rows.numbered(payment, number), None
    website_id = payment.session.website_id
    before = rows.read_payment(website_id, twin, row) if row else rows.numbered(payment, twin)
    return (before if number == twin else rows.numbered(payment, number)), before
