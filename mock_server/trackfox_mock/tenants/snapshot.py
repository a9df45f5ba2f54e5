"""The part of a store that its fixtures do not hold, as JSON, and the file it is kept in."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec

from trackfox_mock.errors import StateError
from trackfox_mock.model import PaymentEvent
from trackfox_mock.tenants.fixtures import dump_session, dump_website, parse_session, parse_website
from trackfox_mock.tenants.store import Change, Store

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
    removed: list[str] = []


def snapshot(store: Store) -> dict[str, Any]:
    """Payments, and in what websites and sessions differ from the fixtures. Tokens are included."""
    change = store.change()
    sessions: dict[str, list[dict[str, Any]]] = {}
    for session in change.sessions:
        sessions.setdefault(session.website_id, []).append(dump_session(session))
    payments: dict[str, list[dict[str, Any]]] = {}
    for payment in store.payments():
        payments.setdefault(payment.session.website_id, []).append(_dump_payment(payment))
    return {
        "format": _FORMAT,
        "websites": [dump_website(website, website.sessions) for website in change.websites],
        "sessions": sessions,
        "payments": payments,
        "removed": list(change.removed),
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
    change, payments = _read(data)
    store.apply(change)
    store.restore(payments)


def replace(store: Store, data: Any) -> None:
    """Back to the store's fixtures, and from there to what a snapshot holds; nothing is changed where it is wrong.

    Raises:
        ValueError: it is not a snapshot; the text says what came and what was expected.
    """
    store.replace(*_read(data))


def _read(data: Any) -> tuple[Change, list[PaymentEvent]]:
    try:
        found = msgspec.convert(data, _Snapshot)
    except msgspec.ValidationError as problem:
        raise ValueError(f"it is not a snapshot of trackfox-mock: {problem}") from None
    if found.format != _FORMAT:
        raise ValueError(f"its format is {found.format}; this version reads format {_FORMAT}")
    websites = tuple(map(parse_website, found.websites))
    _refuse_twins("the token", [website.api_token for website in websites])
    _refuse_twins("the website", [website.website_id for website in websites])
    sessions = [parse_session(owner, row) for owner, rows in found.sessions.items() for row in rows]
    payments = [_payment(owner, row) for owner, rows in found.payments.items() for row in rows]
    _refuse_twins("the payment number", [payment.number for payment in payments])
    payments.sort(key=lambda payment: payment.number)
    return Change(websites, tuple(sessions), tuple(found.removed)), payments


def _payment(website_id: str, row: _PaymentRow) -> PaymentEvent:
    return PaymentEvent(row.number, row.recorded_at, parse_session(website_id, row.session), row.revenue, row.email)


def _refuse_twins(what: str, values: Sequence[object]) -> None:
    for value, count in Counter(values).items():
        if count > 1:
            told = "" if what == "the token" else f" {value!r}"
            raise ValueError(f"{what}{told} stands {count} times in it; expected each once")


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
