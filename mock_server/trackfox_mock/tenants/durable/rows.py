"""Websites, sessions and payments as rows of the state file, and back. All SQL about them is here."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from trackfox_mock.model import PaymentEvent, Session, Website
from trackfox_mock.tenants.durable.plain_json import plain_json
from trackfox_mock.tenants.store import Change, Wanted

Row = tuple[Any, ...]

Condition = tuple[str, list[Any]]
"""What a payment must be, in SQL, and the values for its question marks."""

OWNER = 2
"""Where the website's id stands in a payment's row; how many there were stands at its end."""

_SESSION = "website_id, session_id, visitor_id, occurred_at, attribution"
_PAYMENT = f"number, recorded_at, {_SESSION}, revenue, email, further"

INSERT_PAYMENT = f"insert into payments ({_PAYMENT}, ordinal) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"  # noqa: S608 - our own words
DROP_OLD = """
delete from payments where number in (
    select number from payments where website_id = :owner order by number
    limit max(0, :last - (select ordinal from payments where website_id = :owner order by number limit 1) + 1)
)
"""
"""Of website `owner`, those payments of which the ordinal is not above `last`; the index knows no ordinals."""

KEEP_REQUEST = "insert or replace into requests values (?, ?)"
DROP_OLD_REQUESTS = "delete from requests where number <= ?"
KEEP = "insert or replace into kept values (?, ?)"
FORGET = "delete from kept where name = ?"

_INSERT_SESSION = f"insert into sessions ({_SESSION}) values (?, ?, ?, ?, ?)"  # noqa: S608 - our own words
_INSERT_WEBSITE = "insert into websites (website_id, api_token, name) values (?, ?, ?)"

_WIDEST = 2**63  # SQLite's integers have 64 bits; a wider one is text


def payment_row(payment: PaymentEvent, ordinal: int) -> Row:
    """A payment as a row; `ordinal` counts the payments of its website from 1."""
    return (
        payment.number,
        payment.recorded_at,
        *_session_row(payment.session),
        _revenue(payment),
        payment.email,
        None if payment.further is None else plain_json(payment.further).decode(),
        ordinal,
    )


def _revenue(payment: PaymentEvent) -> int | str:
    return _stored(payment.revenue)


def _stored(revenue: int) -> int | str:
    return revenue if -_WIDEST <= revenue < _WIDEST else str(revenue)


def _session_row(session: Session) -> Row:
    attribution = plain_json(session.attribution).decode()
    return session.website_id, session.session_id, session.visitor_id, session.occurred_at, attribution


def _session(row: Row) -> Session:
    website_id, session_id, visitor_id, occurred_at, attribution = row
    return Session(website_id, session_id, visitor_id, occurred_at, msgspec.json.decode(attribution))


def _payment(row: Row) -> PaymentEvent:
    further = None if row[9] is None else msgspec.json.decode(row[9])
    return PaymentEvent(row[0], row[1], _session(row[2:7]), int(row[7]), row[8], further)


# Reading


def read_change(connection: sqlite3.Connection) -> Change:
    """In what the websites and sessions of the file differ from the fixtures."""
    execute = connection.execute
    sessions = [_session(row) for row in execute(f"select {_SESSION} from sessions order by place")]  # noqa: S608 - our own words
    of_websites: dict[str, list[Session]] = {}
    for session in sessions:
        of_websites.setdefault(session.website_id, []).append(session)
    found = execute("select website_id, api_token, name from websites order by place").fetchall()
    added = {row[0] for row in found}
    return Change(
        tuple(Website(row[0], row[1], row[2], tuple(of_websites.get(row[0], ()))) for row in found),
        tuple(session for session in sessions if session.website_id not in added),
        tuple(row[0] for row in execute("select website_id from removed")),
    )


def newest(connection: sqlite3.Connection, website_id: str, limit: int) -> tuple[int, Iterator[PaymentEvent]]:
    """How many payments a website has had, and the newest so many, the earliest first."""
    query = f"select {_PAYMENT}, ordinal from payments where website_id = ? order by number desc limit ?"  # noqa: S608 - our own words
    found = connection.execute(query, (website_id, limit)).fetchall()
    return (found[0][-1] if found else 0), map(_payment, reversed(found))


def total(connection: sqlite3.Connection, website_id: str) -> int:
    """How many payments a website has had."""
    newest = _ordinal(connection, website_id, "desc")
    return newest or 0


def kept(connection: sqlite3.Connection, website_id: str) -> int:
    """How many payments of a website are kept. Their ordinals are without a gap, so nothing has to be counted."""
    oldest, newest = (_ordinal(connection, website_id, order) for order in ("asc", "desc"))
    return 0 if oldest is None or newest is None else newest - oldest + 1


def _ordinal(connection: sqlite3.Connection, website_id: str, order: str) -> int | None:
    query = f"select ordinal from payments where website_id = ? order by number {order} limit 1"  # noqa: S608 - see above
    found = connection.execute(query, (website_id,)).fetchone()
    return None if found is None else found[0]


def owners(connection: sqlite3.Connection) -> list[str]:
    """The websites that have payments, found one after the other in the index."""
    query = "select min(website_id) from payments where website_id > ?"
    found = [connection.execute("select min(website_id) from payments").fetchone()[0]]
    while found[-1] is not None:
        found.append(connection.execute(query, (found[-1],)).fetchone()[0])
    return found[:-1]


def condition(wanted: Wanted, strangers: Sequence[str]) -> Condition:
    """Of what is wanted, what SQL has to say; `strangers` are websites of which no payment is."""
    criteria = msgspec.structs.asdict(wanted)
    since, revenue = criteria.pop("since"), criteria.pop("revenue")
    if revenue is not None:
        criteria["revenue"] = _stored(revenue)
    given = {name: value for name, value in criteria.items() if value is not None}
    clauses, values = [f"{name} = ?" for name in given], [*given.values()]
    if since is not None:
        clauses.append("recorded_at >= ?")
        values.append(since)
    if strangers:
        clauses.append(f"website_id not in ({', '.join('?' * len(strangers))})")
        values += strangers
    return " and ".join(clauses) or "true", values


def count_payments(connection: sqlite3.Connection, where: str, values: Sequence[Any]) -> int:
    """How many payments a condition holds for."""
    found: int = connection.execute(f"select count(*) from payments where {where}", values).fetchone()[0]  # noqa: S608 - see `condition`
    return found


def read_payments(connection: sqlite3.Connection, where: str, values: Sequence[Any], limit: int) -> list[PaymentEvent]:
    """The first so many payments of a condition and an order."""
    query = f"select {_PAYMENT} from payments where {where} limit ?"  # noqa: S608 - see `condition`
    return [_payment(row) for row in connection.execute(query, (*values, min(limit, _WIDEST - 1)))]


# Writing


def write_payments(connection: sqlite3.Connection, payments: Iterable[PaymentEvent]) -> None:
    """Write payments that have their number already."""
    totals: dict[str, int] = {}
    for payment in payments:
        owner = payment.session.website_id
        totals[owner] = (totals[owner] if owner in totals else total(connection, owner)) + 1
        connection.execute(INSERT_PAYMENT, payment_row(payment, totals[owner]))


def write_website(connection: sqlite3.Connection, website: Website) -> None:
    """Write a website that was added, and its sessions."""
    connection.execute(_INSERT_WEBSITE, (website.website_id, website.api_token, website.name))
    write_sessions(connection, website.sessions)


def write_sessions(connection: sqlite3.Connection, sessions: Collection[Session]) -> None:
    """Write visitor events that were added."""
    connection.executemany(_INSERT_SESSION, map(_session_row, sessions))


def delete(connection: sqlite3.Connection, table: str, website_id: str) -> None:
    """Delete what a table has of one website."""
    connection.execute(f"delete from {table} where website_id = ?", (website_id,))  # noqa: S608 - our own words
