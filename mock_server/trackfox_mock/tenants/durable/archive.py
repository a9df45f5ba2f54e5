"""A state file without a server: what is in it, whatever the fixtures say, and a snapshot brought into a new one."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from pathlib import Path

from trackfox_mock.errors import StateError
from trackfox_mock.model import PaymentEvent
from trackfox_mock.tenants.durable import rows
from trackfox_mock.tenants.durable.database import failure, is_json, open_database, told
from trackfox_mock.tenants.store import Change

_PAGE = 10_000


class Archive:
    """What a state file holds.

    Args:
        path: the file; no server may have it.

    Raises:
        StateError: there is none, it is in use, or it is no state file.
    """

    def __init__(self, path: Path) -> None:
        found = path.resolve()
        if not found.exists():
            raise StateError(path, "there is no such file; expected one that `serve --state` has made.")
        if is_json(found):
            raise StateError(path, "is no database; `serve --state` takes over JSON of an earlier version.")
        self.path = path
        self._connection = open_database(found)

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    @property
    def change(self) -> Change:
        """The websites and sessions that were added, and the websites that were removed."""
        with told(self.path):
            return rows.read_change(self._connection)

    @property
    def owners(self) -> list[str]:
        """The ids of the websites that have payments."""
        with told(self.path):
            return rows.owners(self._connection)

    def total(self, website_id: str) -> int:
        """How many payments of a website are kept."""
        with told(self.path):
            return rows.kept(self._connection, website_id)

    def cents(self, website_id: str) -> int:
        """The revenue of all payments of a website, in cents."""
        with told(self.path):
            found = self._connection.execute("select revenue from payments where website_id = ?", (website_id,))
            return sum(int(row[0]) for row in found)

    def payments(self, website_id: str | None = None) -> Iterator[PaymentEvent]:
        """The payments of one website or of all, the earliest first."""
        where, values = ("website_id = ? and ", [website_id]) if website_id is not None else ("", [])
        last = 0
        while True:
            with told(self.path):
                condition = f"{where}number > ? order by number"
                found = rows.read_payments(self._connection, condition, (*values, last), _PAGE)
            yield from found
            if len(found) < _PAGE:
                return
            last = found[-1].number

    @property
    def requests_total(self) -> int:
        """How many requests are kept."""
        with told(self.path):
            found: int = self._connection.execute("select count(*) from requests").fetchone()[0]
        return found


def bring_in(path: Path, change: Change, payments: Iterable[PaymentEvent]) -> None:
    """Make a state file of what a snapshot holds.

    Raises:
        StateError: there is something in the file already, or it cannot be used.
    """
    found = path.resolve()
    if found.exists() and found.stat().st_size:
        raise StateError(path, "is there already, and nothing is imported over it; choose a new file.")
    connection = open_database(found)
    try:
        connection.execute("begin immediate")
        _write(connection, change, payments)
        connection.execute("commit")
    except sqlite3.Error as problem:
        raise failure(path, problem) from None
    finally:
        connection.close()


def _write(connection: sqlite3.Connection, change: Change, payments: Iterable[PaymentEvent]) -> None:
    connection.executemany("insert into removed values (?)", ((website_id,) for website_id in change.removed))
    for website in change.websites:
        rows.write_website(connection, website)
    rows.write_sessions(connection, change.sessions)
    rows.write_payments(connection, payments)
