"""The part of a store that its fixtures do not hold, as JSON, and the file it is kept in."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import msgspec

from trackfox_mock.errors import StateError
from trackfox_mock.model import PaymentEvent, Session, Website
from trackfox_mock.tenants.fixtures import dump_session, dump_website, parse_session, parse_website
from trackfox_mock.tenants.store import Store, Tenant

_FORMAT = 1
_LAST_SECOND = 253402300799  # the end of the year 9999


class _PaymentRow(msgspec.Struct):
    number: Annotated[int, msgspec.Meta(ge=1)]
    recorded_at: Annotated[float, msgspec.Meta(ge=0, le=_LAST_SECOND)]
    revenue: int
    email: str
    session: dict[str, Any]


class _Snapshot(msgspec.Struct):
    format: int
    websites: list[dict[str, Any]] = []
    sessions: dict[str, list[dict[str, Any]]] = {}
    payments: dict[str, list[_PaymentRow]] = {}


def snapshot(store: Store, fixtures: Iterable[Website]) -> dict[str, Any]:
    """Payments, and the websites and sessions that are not in the fixtures. Tokens are included."""
    seeded = {website.website_id: {id(session) for session in website.sessions} for website in fixtures}
    added = {
        website_id: [session for session in tenant.sessions if id(session) not in seeded[website_id]]
        for website_id, tenant in store.tenants.items()
        if website_id in seeded
    }
    return {
        "format": _FORMAT,
        "websites": [
            dump_website(tenant.website, tenant.sessions)
            for website_id, tenant in store.tenants.items()
            if website_id not in seeded
        ],
        "sessions": {
            website_id: [dump_session(session) for session in sessions]
            for website_id, sessions in added.items()
            if sessions
        },
        "payments": {
            website_id: [_dump_payment(payment) for payment in tenant.payments]
            for website_id, tenant in store.tenants.items()
            if tenant.payments
        },
    }


def _dump_payment(payment: PaymentEvent) -> dict[str, Any]:
    return {
        "number": payment.number,
        "recorded_at": payment.recorded_at,
        "revenue": payment.revenue,
        "email": payment.email,
        "session": dump_session(payment.session),
    }


def restore(store: Store, data: Any) -> None:
    """Add what a snapshot holds to a store.

    Raises:
        ValueError: it is not a snapshot; the text says what came and what was expected.
    """
    try:
        found = msgspec.convert(data, _Snapshot)
    except msgspec.ValidationError as problem:
        raise ValueError(f"it is not a snapshot of trackfox-mock: {problem}") from None
    if found.format != _FORMAT:
        raise ValueError(f"its format is {found.format}; this version reads format {_FORMAT}")
    for row in found.websites:
        website = parse_website(row)
        if website.website_id not in store.tenants:
            store.add(website)
    # A website that is in no fixture any more takes its sessions and payments with it.
    for website_id in found.sessions.keys() & store.tenants.keys():
        for session_row in found.sessions[website_id]:
            store.add_session(parse_session(website_id, session_row))
    for website_id in found.payments.keys() & store.tenants.keys():
        for payment in found.payments[website_id]:
            store.restore(_payment(store.tenants[website_id], payment))


def _payment(tenant: Tenant, row: _PaymentRow) -> PaymentEvent:
    session = parse_session(tenant.website.website_id, row.session)
    return PaymentEvent(row.number, row.recorded_at, _shared(tenant, session), row.revenue, row.email)


def _shared(tenant: Tenant, session: Session) -> Session:
    """The same session object where the store has an equal one: millions of payments share a few sessions."""
    return next((known for known in tenant.events.get(session.session_id, ()) if known == session), session)


def write_state(path: Path, data: dict[str, Any]) -> None:
    """Write a snapshot beside the file, then in its place: it is always whole, and only its owner may read it.

    Raises:
        StateError: it cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(msgspec.json.encode(data))
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as problem:
        raise StateError(path, f"cannot be written: {problem.strerror}; choose another file for --state.") from None


def read_state(path: Path) -> Any:
    """Read a snapshot; None where there is no file yet.

    Raises:
        StateError: it cannot be read, or is not JSON.
    """
    try:
        return msgspec.json.decode(path.read_bytes())
    except FileNotFoundError:
        return None
    except OSError as problem:
        raise StateError(path, f"cannot be read: {problem.strerror}; choose another file for --state.") from None
    except msgspec.DecodeError as problem:
        raise StateError(path, f"is not JSON: {problem}; delete it to start afresh.") from None
