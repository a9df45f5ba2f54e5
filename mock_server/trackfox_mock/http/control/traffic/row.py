"""A request as a short row: what became of it, in one sentence why, and what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from trackfox_mock.decision.parsed_request import MalformedBodyError, decode
from trackfox_mock.explain.mistakes import mistake_of
from trackfox_mock.faults.preferences import expected
from trackfox_mock.journal.entries import Entry
from trackfox_mock.journal.expectations import reasons, unexpected
from trackfox_mock.redaction.redactor import Redactor
from trackfox_mock.world.log import meant_for
from trackfox_mock.world.world import World

_LONGEST = 200
_EXACT_INTEGER = 2**53
_ASKED = ("session_id", "visitor_id", "revenue", "email")


def show_row(world: World, entry: Entry, redactor: Redactor) -> dict[str, Any]:
    """A request as a row.

    `time` is in milliseconds since the epoch, `host` the one that an intercepted call was meant for, `revenue` what was
    asked for, in cents if it was right; `mistake` is the number of one of the ten; `verdict` is that of the proxy on
    what the service answered.
    """
    decision, payment, reply = entry.decision, entry.payment, entry.reply
    method, path = entry.request.method, entry.request.path
    slip, host = world.slip(entry), meant_for(world, entry)
    plain = decision.accepted and entry.fault is None and entry.relayed is None
    why = "" if plain else world.why(entry) if slip is None else slip.sentence
    return {
        "id": entry.number,
        "time": int(entry.received_at * 1000),
        "method": method if method == world.api.method else _clipped(redactor.text(method)),
        "path": path if path == world.api.path else _clipped(redactor.text(path)),
        "host": None if host is None else _clipped(host),
        "status": None if reply is None else reply.status,
        "completed": entry.elapsed is not None,
        "milliseconds": None if entry.elapsed is None else round(entry.elapsed * 1000, 3),
        "outcome": entry.outcome,
        "rule": decision.rule,
        "slip": None if slip is None else slip.slip,
        "mistake": mistake_of(None if slip is None else slip.slip, [one.id for one in entry.advice]),
        "why": redactor.text(why) if why else "",
        "verdict": None if entry.relayed is None else entry.relayed.verdict,
        "advice": [{"id": one.id, "sentence": redactor.text(one.sentence)} for one in entry.advice],
        "expected": _is_expected(world, entry),
        "fault": None if entry.fault is None else entry.fault.effect.name,
        "website_id": None if entry.website_id is None else _clipped(entry.website_id),
        "payment_id": None if payment is None else payment.payment_id,
        "repeats": None if entry.repeats is None else entry.repeats.payment_id,
        **_asked(entry, redactor),
    }


def _is_expected(world: World, entry: Entry) -> bool:
    """Whether somebody said that a refusal, or advice, is meant to come, and nothing else came."""
    if not reasons(entry):
        return False
    standing = (one.expectation for one in world.expectations if one.expectation.website_id in (None, entry.website_id))
    return not unexpected(entry, {*expected(entry.request), *(one.rule for one in standing)})


def _asked(entry: Entry, redactor: Redactor) -> dict[str, Any]:
    """What the body asked for, whatever became of it; None for what was not in it."""
    payment = entry.payment
    if payment is None:
        found = _document(entry)
        return {name: _scalar(found.get(name), redactor) for name in _ASKED}
    # Ids that were accepted are what the store has, and no secrets; so a row of them is cheap.
    return {
        "session_id": _clipped(payment.session.session_id),
        "visitor_id": _clipped(payment.session.visitor_id),
        "revenue": _scalar(payment.revenue, redactor),
        "email": _scalar(payment.email, redactor),
    }


def _document(entry: Entry) -> Mapping[str, Any]:
    try:
        document = decode(entry.request.body)
    except MalformedBodyError:
        return {}
    return document if isinstance(document, dict) else {}


def _scalar(value: Any, redactor: Redactor) -> Any:
    if isinstance(value, str):
        return _clipped(redactor.text(value.encode("utf-8", "replace").decode()))
    if isinstance(value, dict | list):
        return "{…}" if isinstance(value, dict) else "[…]"
    if isinstance(value, int) and not -_EXACT_INTEGER < value < _EXACT_INTEGER:
        return str(value)[:_LONGEST]
    return value


def _clipped(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
