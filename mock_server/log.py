"""One readable line a request, or one JSON object a line. No full token and no full e-mail is in either."""

from __future__ import annotations

from datetime import UTC, datetime

import orjson
from click import style

from mock_server.fixtures import iso_time
from mock_server.journal import Entry
from mock_server.mask import mask_email

_WIDTH = 80


def text_line(entry: Entry) -> str:
    """An entry for a person: `14:02:11  200  attributed  9900 cents  web_lumen_lamps  ses_ada  c…@example.com`."""
    at = datetime.fromtimestamp(entry.received_at, UTC).astimezone().strftime("%H:%M:%S")
    status = entry.decision.reply.status
    colour = "green" if status < 400 else "red"
    return f"{at}  {style(str(status), fg=colour)}  {_story(entry)}"


def _story(entry: Entry) -> str:
    if entry.payment is not None:
        payment = entry.payment
        where = f"{payment.session.website_id}  {payment.session.session_id}"
        return printable(f"attributed  {payment.revenue} cents  {where}  {mask_email(payment.email)}")
    request, decision = entry.request, entry.decision
    why = f"{decision.rule}: {decision.violations[0].message}" if decision.violations else decision.rule
    return printable(f"refused  {request.method} {request.path}  {why}")


def json_line(entry: Entry) -> str:
    """An entry for a program, as one JSON object."""
    decision, payment = entry.decision, entry.payment
    line = {
        "time": iso_time(entry.received_at),
        "number": entry.number,
        "method": printable(entry.request.method),
        "path": printable(entry.request.path),
        "status": decision.reply.status,
        "outcome": entry.outcome,
        "rule": decision.rule,
        "website_id": entry.website_id,
        "revenue": None if payment is None else _integer(payment.revenue),
        "milliseconds": None if entry.elapsed is None else round(entry.elapsed * 1000, 3),
    }
    return orjson.dumps(line).decode()


def printable(text: str) -> str:
    """A client's text made safe for a terminal: one line, no control characters, not endless."""
    safe = "".join(character if character.isprintable() else "·" for character in text[: 4 * _WIDTH])
    return safe if len(text) <= 4 * _WIDTH else f"{safe}…"


def _integer(value: int) -> int | str:
    """JSON integers end at 64 bits in many tools; beyond that it is written as a string."""
    return value if -(2**63) <= value < 2**63 else str(value)
