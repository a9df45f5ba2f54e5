"""Payments that TrackFox is yet to be told of: a table that survives a crash and counts no payment twice."""

import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from attribution import Outcome, attribute
from payment import Payment

SCHEMA = """
CREATE TABLE IF NOT EXISTS payments (
    id         TEXT PRIMARY KEY,  -- the payment's own id: the database, not an `if`, refuses the second one
    session_id TEXT,
    visitor_id TEXT,
    cents      INTEGER,
    email      TEXT,
    email_from TEXT,
    state      TEXT NOT NULL,     -- waiting, sending, attributed, refused, unknown, failed, set aside
    attempts   INTEGER NOT NULL DEFAULT 0,
    note       TEXT
)
"""


class Outbox:
    """The table, and the worker that empties it.

    Args:
        path: The SQLite file.
        find_email: Asks the provider for the e-mail of a customer (Paddle) or an order (PayPal).
        attempts: How often a payment that was never sent is tried.
        pause: Seconds before the second try; doubled before each further one.
    """

    def __init__(
        self,
        path: Path,
        *,
        find_email: Callable[[str], str] | None = None,
        attempts: int = 3,
        pause: float = 1.0,
    ) -> None:
        self._path = path
        self._find_email = find_email
        self._attempts = attempts
        self._pause = pause
        with closing(self.connect()) as database:
            database.execute(SCHEMA)

    def connect(self) -> sqlite3.Connection:
        """A connection of this thread's own; every statement is a transaction unless one was begun."""
        return sqlite3.connect(self._path, isolation_level=None)

    def add(self, payment: Payment, *, within: sqlite3.Connection | None = None) -> bool:
        """Keep a payment, in the caller's transaction if there is one; `False` if it was here already."""
        if within is None:
            with closing(self.connect()) as database:
                return self.add(payment, within=database)
        problem = payment.problem()
        row = (payment.id, payment.session_id, payment.visitor_id, payment.cents, payment.email, payment.email_from)
        added = within.execute(
            "INSERT INTO payments (id, session_id, visitor_id, cents, email, email_from, state, note)"
            " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING",
            (*row, "set aside" if problem else "waiting", problem),
        )
        return added.rowcount == 1

    def deliver(self) -> None:
        """Tell TrackFox of every payment that waits, one after the other."""
        while row := self._claim():
            outcome = self._tell(row)
            if outcome.state == "waiting" and row["attempts"] >= self._attempts:
                outcome = Outcome("failed", outcome.note)
            self._keep(row["id"], outcome)
            if outcome.state == "waiting":
                time.sleep(self._pause * 2 ** (row["attempts"] - 1))

    def recover(self) -> None:
        """After a crash: what was being sent may have been counted. A person decides, not a retry."""
        with closing(self.connect()) as database:
            database.execute("UPDATE payments SET state = 'unknown', note = 'crashed' WHERE state = 'sending'")

    def _claim(self) -> sqlite3.Row | None:
        """Mark one payment as being sent *before* it is: two workers never send the same one."""
        with closing(self.connect()) as database:
            database.row_factory = sqlite3.Row
            row: sqlite3.Row | None = database.execute(
                "UPDATE payments SET state = 'sending', attempts = attempts + 1"
                " WHERE id = (SELECT id FROM payments WHERE state = 'waiting' LIMIT 1) RETURNING *"
            ).fetchone()
            return row

    def _tell(self, row: sqlite3.Row) -> Outcome:
        try:
            email = row["email"] or self._ask_for_email(row["email_from"])
        except Exception as error:  # noqa: BLE001 - whatever went wrong at the provider's, TrackFox was told nothing
            return Outcome("waiting", f"no e-mail yet: {error!r}")
        return attribute(session_id=row["session_id"], visitor_id=row["visitor_id"], cents=row["cents"], email=email)

    def _ask_for_email(self, where: str) -> str:
        if self._find_email is None:
            raise LookupError(f"this shop cannot ask for the e-mail of {where}")
        return self._find_email(where)

    def _keep(self, payment_id: str, outcome: Outcome) -> None:
        with closing(self.connect()) as database:
            database.execute("UPDATE payments SET state = ?, note = ? WHERE id = ?", (*outcome, payment_id))
