"""Payments and changes as a shared store has them, and back."""

from __future__ import annotations

from typing import Any

import msgspec
from msgspec.structs import replace

from trackfox_mock.model import PaymentEvent, Session, Website
from trackfox_mock.tenants.durable.plain_json import plain_json
from trackfox_mock.tenants.fixtures import dump_session, dump_website
from trackfox_mock.tenants.snapshot import FORMAT, read
from trackfox_mock.tenants.store import Change

_WIDEST = 2**63  # of an integer in JSON; a wider one is text


def payment_row(payment: PaymentEvent) -> bytes:
    """A payment without its number and its website, which stand beside it."""
    session = payment.session
    return plain_json(
        (
            payment.recorded_at,
            session.session_id,
            session.visitor_id,
            session.occurred_at,
            session.attribution,
            _stored(payment.revenue),
            payment.email,
            payment.further,
        )
    )


def read_payment(website_id: str, number: int, row: bytes) -> PaymentEvent:
    """A payment from its row."""
    at, session_id, visitor_id, occurred_at, attribution, revenue, email, further = msgspec.json.decode(row)
    session = Session(website_id, session_id, visitor_id, occurred_at, attribution)
    return PaymentEvent(number, at, session, int(revenue), email, further)


def likeness(payment: PaymentEvent) -> bytes:
    """By what a payment is known again: its session's id, its revenue, its e-mail."""
    return plain_json((payment.session.session_id, _stored(payment.revenue), payment.email))


def _stored(revenue: int) -> int | str:
    return revenue if -_WIDEST <= revenue < _WIDEST else str(revenue)


def key(text: str) -> bytes:
    """An id in a name of the store."""
    return text.encode("utf-8", "surrogatepass")


# Changes of websites and sessions, as every node has to make them


def added(website: Website) -> bytes:
    """A website comes, or comes anew."""
    return plain_json(("add", dump_website(website, website.sessions)))


def removed(website_id: str) -> bytes:
    """A website goes."""
    return plain_json(("remove", website_id))


def session_added(session: Session) -> bytes:
    """A visitor event comes."""
    return plain_json(("session", session.website_id, dump_session(session)))


def changed(change: Change) -> bytes:
    """Back to the fixtures, and from there to a change."""
    return plain_json(("replace", dump_change(change)))


KEPT = b'["kept"]'
"""Something is kept under a name that was not before."""

DROPPED = b'["dropped"]'
"""Requests are dropped."""


def dump_change(change: Change) -> dict[str, Any]:
    """In what the websites and sessions of a store differ from its fixtures, as JSON."""
    sessions: dict[str, list[dict[str, Any]]] = {}
    for session in change.sessions:
        sessions.setdefault(session.website_id, []).append(dump_session(session))
    return {
        "format": FORMAT,
        "websites": [dump_website(website, website.sessions) for website in change.websites],
        "sessions": sessions,
        "removed": list(change.removed),
    }


def read_change(data: Any) -> Change:
    """The same, back."""
    return read(data)[0]


def numbered(payment: PaymentEvent, number: int) -> PaymentEvent:
    """The payment under the number that the store gave it."""
    return replace(payment, number=number)
