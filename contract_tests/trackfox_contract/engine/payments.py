"""Clause `event.created`, where somebody reads the payments for us: each success records one, and an error none."""

from __future__ import annotations

import time
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from trackfox_contract.cases.scenarios import scenarios_of
from trackfox_contract.judgement.judge import Breach, Judgement
from trackfox_contract.wire.payments import PaymentsUnreadableError

if TYPE_CHECKING:
    from trackfox_contract.cases.builder import RequestBuilder
    from trackfox_contract.engine.check import Check
    from trackfox_contract.wire.payments import Payment, PaymentReader

_ROUNDS = 2
_PATIENCE, _PAUSE = 2.0, 0.05
_LEAST, _MOST, _A_RUN = 10_000, 99_000_000, 1000  # a run in each hundredth of a second has amounts of its own
_NOT_WATCHED = ("endpoint", "revenue.positive-integer", "body.object")
CREATED, ONLY_ON_SUCCESS = "event.created", "event.only-on-success"


def watch_payments(check: Check) -> None:
    """Sends payments and errors, each of an amount of its own, and looks which of them were recorded.

    Without writes it sends errors alone, and nothing more of a kind of which one was recorded. The amounts differ from
    run to run, since a service may take a payment that it has seen for a duplicate.
    """
    reader = check.settings.payments
    if reader is None or not check.builder.writes or "revenue" not in check.settings.document.fields:
        return
    amount = _LEAST + time.time_ns() // 10_000_000 * _A_RUN % _MOST
    try:
        for builder in _builders(check):
            if check.settings.allow_writes:
                amount = _watch_payment(check, reader, builder, amount + 1)
            amount = _watch_errors(check, reader, builder, amount + 1)
    except PaymentsUnreadableError as problem:
        check.evidence.leave_out(CREATED, check.recorder.redactor.shown(str(problem), 300))


def _builders(check: Check) -> Iterator[RequestBuilder]:
    for _ in range(_ROUNDS):
        for builder in check.builders:
            yield from (builder.at(builder.website, one) for one in builder.website.sessions)


def _watch_payment(check: Check, reader: PaymentReader, builder: RequestBuilder, amount: int) -> int:
    judgement = check.send(builder.call({"revenue": amount}), CREATED)
    if judgement.round_trip.status != judgement.expectation.success or judgement.breaches:
        return amount
    recorded = _recorded(reader, amount)
    check.evidence.requests[CREATED] += 1
    if len(recorded) != 1:
        times = f"{len(recorded)} times" if recorded else "nowhere"
        cause = f"records {times} a payment that it answers with success"
        _report(check, judgement, Breach(CREATED, f"it was recorded {len(recorded)} times", "once"), cause)
    for name, came, sent in _differences(builder, amount, recorded[:1]):
        breach = Breach(CREATED, f"{name} {came!r}", f"{name} {sent!r}")
        _report(check, judgement, breach, f"records another {name} than was sent or found")
    return amount


def _watch_errors(check: Check, reader: PaymentReader, builder: RequestBuilder, amount: int) -> int:
    """Sends what is refused, and looks once at the end."""
    sent: dict[int, Judgement] = {}
    for scenario in scenarios_of(builder):
        if scenario.clause_id not in _NOT_WATCHED:
            amount += 1
            own = builder.with_values(**{**builder.always, "revenue": amount})
            call = next(one.call for one in scenarios_of(own) if one.name == scenario.name)
            if check.is_safe(call):
                sent[amount] = check.send(call, scenario.clause_id)
    recorded = {_number(payment.get("revenue")) for payment in reader()}
    for number, judgement in sent.items():
        if not 200 <= (judgement.round_trip.status or 0) < 300:
            check.evidence.requests[ONLY_ON_SUCCESS] += 1
            if number in recorded:
                breach = Breach(ONLY_ON_SUCCESS, "it was recorded all the same", "no payment")
                _report(check, judgement, breach, "records a payment that it refuses")
                check.note_recorded(judgement.round_trip.call)
    return amount


def _report(check: Check, judgement: Judgement, breach: Breach, cause: str) -> None:
    found = Judgement(judgement.round_trip, judgement.expectation, [breach])
    check.recorder.report(found, "a payment of an amount of its own", cause=cause)


def _recorded(reader: PaymentReader, amount: int) -> list[Payment]:
    """The payments of that amount; a service may take a moment to record one."""
    until = time.monotonic() + _PATIENCE
    while True:
        found = [payment for payment in reader() if _number(payment.get("revenue")) == amount]
        if found or time.monotonic() > until:
            return found
        time.sleep(_PAUSE)


def _differences(builder: RequestBuilder, amount: int, recorded: list[Payment]) -> Iterator[tuple[str, Any, Any]]:
    """What of a payment is another than was sent, and its context if the fixtures tell which it must be."""
    sent = builder.body({"revenue": amount})
    session_id = builder.session.session_id if builder.session else ""
    events = [session for session in builder.website.sessions if session.session_id == session_id]
    if len(events) == 1 and events[0].attribution:
        sent["attribution"] = dict(events[0].attribution)
    for payment in recorded:
        for name in sent.keys() & payment.keys():
            if _plain(payment[name]) != _plain(sent[name]):
                yield name, payment[name], sent[name]


def _plain(value: Any) -> Any:
    number = _number(value)
    return number if number is not None else value.casefold() if isinstance(value, str) else value


def _number(value: Any) -> Decimal | None:
    try:
        return Decimal(str(value)) if isinstance(value, (int, float, str)) and not isinstance(value, bool) else None
    except InvalidOperation:
        return None
