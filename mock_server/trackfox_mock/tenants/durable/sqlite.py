"""The store in a SQLite file: what was acknowledged outlives the process, whatever ends it.

Websites and sessions are in memory as well, and what a decision has to know is looked up there. Payments are not: of
each website the newest 10,000 are remembered, to know a duplicate, once its first one comes.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from pathlib import Path
from typing import Any

from trackfox_mock.errors import StorageError
from trackfox_mock.model import PaymentEvent, Session, Website
from trackfox_mock.tenants.directory import Directory
from trackfox_mock.tenants.durable import rows
from trackfox_mock.tenants.durable.database import failure, legible, open_database, told
from trackfox_mock.tenants.durable.recent import Recent
from trackfox_mock.tenants.store import REMEMBERED, Change, Wanted

_LAST_NUMBER = "last_number"
_ROOM = 64 * 1024  # bytes that are tried, once something could not be written
_PAGE = 10_000  # payments that are read at once


class SqliteStore(Directory):
    """A durable `Store`, for one server at a time.

    Args:
        fixtures: the websites it starts with.
        payments_limit: how many payments of each website are kept; None keeps all.
        path: the file.
        is_synced: wait at every commit until the disk has it.

    Raises:
        StateError: the file cannot be used.
    """

    is_durable = True

    def __init__(
        self, fixtures: Iterable[Website], payments_limit: int | None = None, *, path: Path, is_synced: bool = False
    ) -> None:
        super().__init__(fixtures)
        self._limit = payments_limit
        self._path = path
        self._rows: list[rows.Row] = []
        self._changed: dict[str, bytes] = {}
        self._requests: list[tuple[int, bytes]] = []
        self._requests_limit = 0
        self._trouble = ""
        self._illegible: set[str] = set()
        self._recent: dict[str, Recent] = {}
        self._connection = open_database(path, is_synced=is_synced)
        try:
            self._read()
        except BaseException:
            self._connection.close()
            raise

    def _read(self) -> None:
        with told(self._path):
            self._kept: dict[str, bytes] = dict(self._connection.execute("select name, value from kept"))
            self._last_number = self._read_last_number()
            self._make(rows.read_change(self._connection))

    def close(self) -> None:
        """Write what waits, and give the file back."""
        with suppress(StorageError):
            self.commit()
        self._connection.close()

    # What is recorded is written at the end of a turn

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
        recent = self._recent.get(session.website_id) or self._recall(session.website_id)
        twin = recent.remembered.get((session.session_id, revenue, email))
        if once and twin is not None:
            return twin, twin
        self._last_number += 1
        payment = PaymentEvent(self._last_number, recorded_at, session, revenue, email, further)
        self._rows.append(rows.payment_row(payment, recent.add(payment)))
        return payment, twin

    def _recall(self, website_id: str) -> Recent:
        self._illegible.add(website_id)
        with legible(self._path):
            recent = self._recent[website_id] = Recent(*rows.newest(self._connection, website_id, REMEMBERED))
        self._illegible.discard(website_id)
        return recent

    def keep(self, name: str, value: bytes) -> None:
        """Keep some data under a name, in place of what was there; empty data is none."""
        self._changed[name] = value

    def kept(self, name: str) -> bytes:
        """The data that is kept under a name; empty where there is none."""
        return self._changed.get(name, self._kept.get(name, b""))

    def kept_under(self, prefix: str) -> dict[str, bytes]:
        """What is kept under all names that begin so; no empty data."""
        every = self._kept | self._changed
        return {name: value for name, value in every.items() if value and name.startswith(prefix)}

    def keep_requests(self, entries: Iterable[tuple[int, bytes]], limit: int) -> None:
        """Keep entries of the journal under their numbers, and drop what is `limit` numbers behind the newest."""
        self._requests.extend(entries)
        self._requests_limit = limit

    def kept_requests(self) -> list[bytes]:
        """The entries that are kept, in order of their numbers."""
        self.commit()
        with self.taking_up():
            return [row[0] for row in self._connection.execute("select entry from requests order by number")]

    def taking_up(self) -> AbstractContextManager[None]:
        """Around the reading of what was kept: a `StateError` where it is not as it was written."""
        return told(self._path)

    def forget_requests(self, numbers: Iterable[int] | None = None) -> None:
        """Drop the entries of some numbers, or all."""
        with self._writing() as connection:
            if numbers is None:
                connection.execute("delete from requests")
            else:
                connection.executemany("delete from requests where number = ?", ((number,) for number in numbers))

    def commit(self) -> None:
        """Make safe what was recorded and kept since the last time; undo it where that cannot be done.

        Raises:
            StorageError: it cannot be kept; it is as if it had never been recorded.
        """
        if self._rows or self._changed or self._requests:
            with self._writing():
                pass

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: what was recorded before, and what is done inside."""
        try:
            self._connection.execute("begin immediate")
            self._write_waiting()
            yield self._connection
            self._connection.execute("commit")
        except BaseException as problem:
            self._undo()
            if not isinstance(problem, sqlite3.Error):
                raise
            trouble = failure(self._path, problem)
            self._trouble = str(trouble)
            raise trouble from None
        self._kept.update(self._changed)
        for name in [name for name, value in self._changed.items() if not value]:
            del self._kept[name]
        self._rows, self._changed, self._requests, self._trouble = [], {}, [], ""

    def _write_waiting(self) -> None:
        if self._rows:
            self._connection.executemany(rows.INSERT_PAYMENT, self._rows)
            if self._limit is not None:
                last = {row[rows.OWNER]: row[-1] - self._limit for row in self._rows}
                bounds = [{"owner": owner, "last": ordinal} for owner, ordinal in last.items()]
                self._connection.executemany(rows.DROP_OLD, bounds)
        if self._changed:
            self._connection.executemany(rows.KEEP, self._changed.items())
            self._connection.executemany(rows.FORGET, [(name,) for name, value in self._changed.items() if not value])
        if self._requests:
            self._connection.executemany(rows.KEEP_REQUEST, self._requests)
            newest = max(number for number, _ in self._requests)
            self._connection.execute(rows.DROP_OLD_REQUESTS, (newest - self._requests_limit,))

    def _undo(self) -> None:
        """Know what the file knows, without asking it: it may be damaged."""
        with suppress(sqlite3.Error):
            self._connection.execute("rollback")  # where the failure itself did not do that
        self._recent.clear()
        self._last_number -= len(self._rows)
        self._rows, self._changed, self._requests = [], {}, []

    def trouble(self) -> str:
        """Why something cannot be kept just now, as a sentence; empty while all is well. What failed is tried."""
        try:
            for website_id in [*self._illegible]:
                self._recall(website_id)
        except StorageError as problem:
            return str(problem)
        if self._trouble:
            with suppress(StorageError):
                for value in (bytes(_ROOM), b""):
                    self.keep("probe", value)
                    self.commit()
        return self._trouble

    # Payments

    def twin(self, session: Session, revenue: int, email: str) -> PaymentEvent | None:
        """The payment of the same session, revenue and e-mail, if there was one among the last 10,000."""
        recent = self._recent.get(session.website_id) or self._recall(session.website_id)
        return recent.remembered.get((session.session_id, revenue, email))

    def payments(self, website_id: str | None = None) -> Iterator[PaymentEvent]:
        """The payments of one website or of all, the earliest first."""
        self._owned(website_id)  # a KeyError where there is none
        last = 0
        while True:
            # A page at a time, as others may write between two payments.
            where, values = self._condition(Wanted(website_id))
            order = f"{where} and number > ? order by number"
            with legible(self._path):
                found = rows.read_payments(self._connection, order, (*values, last), _PAGE)
            yield from found
            if len(found) < _PAGE:
                return
            last = found[-1].number

    def find(self, wanted: Wanted, limit: int) -> tuple[int, list[PaymentEvent]]:
        """How many of the payments are wanted, and the newest so many of them, the newest first."""
        where, values = self._condition(wanted)
        with legible(self._path):
            if wanted == Wanted(wanted.website_id):
                total = sum(rows.kept(self._connection, owner) for owner in self._owned(wanted.website_id))
            else:
                total = rows.count_payments(self._connection, where, values)
            return total, rows.read_payments(self._connection, f"{where} order by number desc", values, limit)

    def _condition(self, wanted: Wanted) -> rows.Condition:
        self.commit()
        with legible(self._path):
            owners = rows.owners(self._connection) if wanted.website_id is None else []
        return rows.condition(wanted, [owner for owner in owners if owner not in self._tenants])

    def payments_total(self, website_id: str | None = None) -> int:
        """How many payments there were, those included that a limit has dropped since."""
        owned = self._owned(website_id)
        with legible(self._path):
            return sum(
                self._recent[owner].total if owner in self._recent else rows.total(self._connection, owner)
                for owner in owned
            )

    def forget_payments(self, website_id: str | None = None) -> None:
        """Drop every payment of one website or of all."""
        owners = self._owned(website_id)
        with self._writing() as connection:
            self._write_last_number()
            for owner in owners:
                rows.delete(connection, "payments", owner)
        self._recent.clear()

    def _owned(self, website_id: str | None) -> list[str]:
        return [*self._tenants] if website_id is None else [self._tenants[website_id].website.website_id]

    def _read_again(self) -> None:
        self._recent.clear()
        self._last_number = self._read_last_number()

    def _write_last_number(self) -> None:
        self._connection.execute(rows.KEEP, (_LAST_NUMBER, b"%d" % self._last_number))

    def _read_last_number(self) -> int:
        newest = self._connection.execute("select max(number) from payments").fetchone()[0]
        return max(newest or 0, int(self._read_kept(_LAST_NUMBER) or 0))

    def _read_kept(self, name: str) -> bytes:
        found = self._connection.execute("select value from kept where name = ?", (name,)).fetchone()
        return found[0] if found else b""

    # Websites and sessions: first into the file, then into memory

    def add(self, website: Website) -> None:
        """Add a website with its sessions, or replace the one of that id and all that belonged to it."""
        with self._writing() as connection:
            self._write_last_number()
            self._write_removal(website.website_id)
            rows.write_website(connection, website)
        self._recent.pop(website.website_id, None)
        self._add(website)

    def remove(self, website_id: str) -> None:
        """Remove a website and all that belongs to it; nothing happens if there is none."""
        if website_id in self._tenants:
            with self._writing():
                self._write_last_number()
                self._write_removal(website_id)
        self._recent.pop(website_id, None)
        self._drop(website_id)

    def add_session(self, session: Session) -> None:
        """Add a visitor event to its website."""
        self._owned(session.website_id)
        with self._writing() as connection:
            rows.write_sessions(connection, [session])
        self._add_session(session)

    def _write_removal(self, website_id: str) -> None:
        for table in ("websites", "sessions", "payments"):
            rows.delete(self._connection, table, website_id)
        if website_id in self._fixed:
            self._connection.execute("insert or ignore into removed values (?)", (website_id,))

    # The fixtures

    def back_to_fixtures(self, *, keep_payments: bool) -> None:
        """Take back every change of websites and sessions; payments of the fixtures' websites may stay."""
        with self._writing():
            self._write_back(keep_payments=keep_payments)
        self._start(self.fixtures)
        self._read_again()

    def _write_back(self, *, keep_payments: bool) -> None:
        for table in ("removed", "websites", "sessions"):
            self._connection.execute(f"delete from {table}")  # noqa: S608 - our own words
        if keep_payments:
            self._write_last_number()
            for owner in rows.owners(self._connection):
                if owner not in self._fixed:
                    rows.delete(self._connection, "payments", owner)
        else:
            self._connection.execute("delete from payments")
            self._connection.execute(rows.KEEP, (_LAST_NUMBER, b""))

    def reseed(self, fixtures: Iterable[Website]) -> None:
        """Take other fixtures; payments, and every change of websites and sessions, stay; see `Store`."""
        self.commit()
        self._start(fixtures)
        self._make(rows.read_change(self._connection))
        self._recent.clear()

    def _write_change(self, change: Change, present: set[str]) -> None:
        """Write what a change does to these websites, which are there."""
        for website_id in self._fixed.intersection(change.removed):
            self._write_removal(website_id)
            present.discard(website_id)
        for website in change.websites:
            if website.website_id not in present:
                rows.write_website(self._connection, website)
                present.add(website.website_id)
        rows.write_sessions(self._connection, [one for one in change.sessions if one.website_id in present])

    def replace(self, change: Change, payments: Iterable[PaymentEvent]) -> None:
        """Back to the fixtures, and from there to this change and these payments; see `Store`."""
        present = {*self._fixed}
        with self._writing() as connection:
            self._write_back(keep_payments=False)
            self._write_change(change, present)
            rows.write_payments(connection, (one for one in payments if one.session.website_id in present))
        self._start(self.fixtures)
        self._make(change)
        self._read_again()

    def replacing(self, change: Change, payments: Iterable[PaymentEvent]) -> Iterator[None]:
        """The same, in one step: it is one transaction."""
        self.replace(change, payments)
        yield
