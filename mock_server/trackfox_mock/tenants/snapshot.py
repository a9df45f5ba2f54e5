"""The part of a store that its fixtures do not hold, as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar, cast

import msgspec

from trackfox_mock.errors import StateError
from trackfox_mock.model import PaymentEvent
from trackfox_mock.tenants.fixtures import dump_session, dump_website, parse_session, parse_website
from trackfox_mock.tenants.store import Change, Store

Result = TypeVar("Result")
Steps = Generator[None, None, Result]
"""Long work in small steps, between which others may get their turn."""

FORMAT = 1
"""The only one there is so far."""
_NO_SNAPSHOT = "it is not a snapshot of trackfox-mock: "
_LAST_SECOND = 253402300799  # the end of the year 9999
_LAST_NUMBER = 2**53 - 1  # beyond it JavaScript rounds, and in the end a database has no room


class _PaymentRow(msgspec.Struct):
    number: Annotated[int, msgspec.Meta(ge=1, le=_LAST_NUMBER)]
    recorded_at: Annotated[float, msgspec.Meta(ge=0, le=_LAST_SECOND)]
    revenue: int
    email: str
    session: dict[str, Any]
    further: dict[str, Any] | None = None


class _Snapshot(msgspec.Struct):
    format: int
    websites: list[dict[str, Any]] = []
    sessions: dict[str, list[dict[str, Any]]] = {}
    payments: dict[str, list[Any]] = {}
    removed: list[str] = []


def snapshot(store: Store, *, payments: bool = True) -> dict[str, Any]:
    """Payments, unless they are left out, and in what websites and sessions differ from the fixtures, with tokens."""
    change = store.change()
    sessions: dict[str, list[dict[str, Any]]] = {}
    for session in change.sessions:
        sessions.setdefault(session.website_id, []).append(dump_session(session))
    rows: dict[str, list[dict[str, Any]]] = {}
    for payment in store.payments() if payments else ():
        rows.setdefault(payment.session.website_id, []).append(dump_payment(payment))
    return {
        "format": FORMAT,
        "websites": [dump_website(website, website.sessions) for website in change.websites],
        "sessions": sessions,
        "payments": rows,
        "removed": list(change.removed),
    }


def dump_payment(payment: PaymentEvent) -> dict[str, Any]:
    """A payment in the shape of a snapshot."""
    return {
        "number": payment.number,
        "recorded_at": payment.recorded_at,
        "revenue": payment.revenue,
        "email": payment.email,
        "session": dump_session(payment.session),
        **({} if payment.further is None else {"further": payment.further}),
    }


def replacing(store: Store, data: Any) -> Steps[None]:
    """Back to the store's fixtures, and from there to what a snapshot holds, in small steps, one of which changes all.

    Raises:
        ValueError: it is not a snapshot; the text says what came and what was expected.
    """
    change, payments = yield from reading(data)
    yield from store.replacing(change, _taken_from(payments))


def read(data: Any) -> tuple[Change, list[PaymentEvent]]:
    """What a snapshot holds, the payments in order of their numbers.

    Raises:
        ValueError: it is not a snapshot; the text says what came and what was expected.
    """
    steps = reading(data)
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return cast("tuple[Change, list[PaymentEvent]]", end.value)


def reading(data: Any) -> Steps[tuple[Change, list[PaymentEvent]]]:
    """The same as `read`, in small steps."""
    try:
        found = msgspec.convert(data, _Snapshot)
    except msgspec.ValidationError as problem:
        raise ValueError(f"{_NO_SNAPSHOT}{problem}") from None
    yield
    if found.format != FORMAT:
        raise ValueError(f"its format is {found.format}; this version reads format {FORMAT}")
    websites = tuple(map(parse_website, found.websites))
    _refuse_twins("the token", [website.api_token for website in websites])
    _refuse_twins("the website", [website.website_id for website in websites])
    sessions = [parse_session(owner, row) for owner, rows in found.sessions.items() for row in rows]
    payments = []
    for owner, rows in found.payments.items():
        for place, row in enumerate(rows):
            payments.append(_payment(owner, _payment_row(row, place)))
            yield
    _refuse_twins("the payment number", [payment.number for payment in payments])
    payments.sort(key=lambda payment: payment.number)
    return Change(websites, tuple(sessions), tuple(found.removed)), payments


def decoded(path: Path) -> Any:
    """The JSON of a file.

    Raises:
        StateError: it cannot be read, or is not JSON.
    """
    try:
        return msgspec.json.decode(path.read_bytes())
    except OSError as problem:
        raise StateError(path, f"cannot be read: {problem.strerror}; choose another file.") from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise StateError(path, f"is neither a database nor JSON: {problem}; delete it to start afresh.") from None
    except RecursionError:
        raise StateError(path, "is JSON that is nested too deeply; delete it to start afresh.") from None


def decoding(body: bytes) -> Steps[dict[str, Any]]:
    """The JSON object of a snapshot, in small steps.

    Raises:
        msgspec.DecodeError: it is no JSON, or no object.
    """
    found: dict[str, Any] = {}
    for name, raw in msgspec.json.decode(body or b"{}", type=dict[str, msgspec.Raw]).items():
        yield
        found[name] = yield from _decoding(raw)
    return found


def _decoding(raw: msgspec.Raw) -> Steps[Any]:
    try:
        lists = msgspec.json.decode(raw, type=dict[str, list[msgspec.Raw]])
    except msgspec.ValidationError:
        return msgspec.json.decode(raw)
    found: dict[str, list[Any]] = {}
    for owner, rows in lists.items():
        found[owner] = decoded_rows = []
        for row in rows:
            decoded_rows.append(msgspec.json.decode(row))
            yield
    return found


def _taken_from(payments: list[PaymentEvent]) -> Iterator[PaymentEvent]:
    """One after the other, so that what is not kept of them is freed one by one."""
    payments.reverse()
    while payments:
        yield payments.pop()


def _payment_row(row: Any, place: int) -> _PaymentRow:
    try:
        return msgspec.convert(row, _PaymentRow)
    except msgspec.ValidationError as problem:
        where = str(problem).replace("`$", f"`$.payments[...][{place}]")
        raise ValueError(f"{_NO_SNAPSHOT}{where}") from None


def _payment(website_id: str, row: _PaymentRow) -> PaymentEvent:
    session = parse_session(website_id, row.session)
    return PaymentEvent(row.number, row.recorded_at, session, row.revenue, row.email, row.further)


def _refuse_twins(what: str, values: Sequence[object]) -> None:
    if len({*values}) == len(values):
        return
    for value, count in Counter(values).items():
        if count > 1:
            told = "" if what == "the token" else f" {value!r}"
            raise ValueError(f"{what}{told} stands {count} times in it; expected each once")
