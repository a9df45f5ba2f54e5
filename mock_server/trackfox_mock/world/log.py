"""One readable line a request, or one JSON object a line. No full token and no full e-mail is in either."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import orjson
from click import style

from trackfox_mock.journal.entries import Entry
from trackfox_mock.redaction.masking import mask_email, printable
from trackfox_mock.redaction.redactor import Redactor
from trackfox_mock.tenants.fixtures import iso_time
from trackfox_mock.world.world import World

_INDENT = " " * 10
_COME_BACK = 100  # lines a second


class Log:
    """Prints a line an entry.

    What came in one turn of the event loop is printed together, after its answers are sent.

    Args:
        line: an entry as text.
        write: prints a text, and never waits until somebody reads it: see `Output`.
        most: how many lines of a flood are printed, None for all; once they are used up, a hundred come back with
            every second. Of further ones the number is told.
    """

    def __init__(self, line: Callable[[Entry], str], write: Callable[[str], None], most: int | None = None) -> None:
        self._line = line
        self._write = write
        self._most = most
        self._waiting: list[Entry] = []
        self._second = 0
        self._left = most or 0
        self._left_out = 0

    def __call__(self, entry: Entry) -> None:
        """Have an entry printed at the end of this turn of the event loop, if not too many are."""
        if self._most is not None:
            second = int(entry.received_at)
            if second > self._second:
                self._left = min(self._most, self._left + (second - self._second) * _COME_BACK)
                self._second = second
            if not self._left:
                self._left_out += 1
                if self._left_out == 1:
                    asyncio.get_running_loop().call_later(1, self.flush)
                return
            self._left -= 1
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._print)
        self._waiting.append(entry)

    def flush(self) -> None:
        """Print what waits, and how many were left out."""
        self._print()
        left_out, self._left_out = self._left_out, 0
        if left_out:
            self._write(f"{_INDENT}… and {left_out:,} more requests: --log-format json prints every one")

    def _print(self) -> None:
        entries, self._waiting = self._waiting, []
        if entries:
            self._write("\n".join(map(self._line, entries)))


def text_note(dropped: int) -> str:
    """What is said for a person about lines that nobody read in time."""
    return f"{_INDENT}… and {dropped:,} more lines, which nobody read in time, were dropped"


def json_note(dropped: int) -> str:
    """The same for a program."""
    return orjson.dumps({"dropped": dropped}).decode()


def text_line(world: World, entry: Entry) -> str:
    """An entry for a person: `14:02:11  200  attributed  9900 cents  web_lumen_lamps  ses_ada  c…@example.com`.

    Of a refused request it says what came, what was expected and what to do. What was accepted and looks wrong is told
    on lines below.
    """
    at = _time_of_day(int(entry.received_at))
    status = _status(None if entry.reply is None else entry.reply.status)
    host = meant_for(world, entry)
    where = f"  for {host}" if host else ""
    lines = [f"{at}  {status}  {printable(_story(world, entry))}{where}"]
    lines += [f"{_INDENT}{style('advice', fg='yellow')}  {advice['sentence']}" for advice in _advice(world, entry)]
    return "\n".join(lines)


def meant_for(world: World, entry: Entry) -> str | None:
    """The host that a request was meant for, if it was caught on its way there; None if it was meant for the mock."""
    if not world.intercepted:
        return None
    host = next((value.decode("latin-1") for name, value in entry.request.headers if name == b"host"), "")
    name = host.partition(":")[0]
    return name if name in world.intercepted else None


@lru_cache(maxsize=16)
def _time_of_day(seconds: int) -> str:
    return time.strftime("%H:%M:%S", time.localtime(seconds))


@lru_cache(maxsize=16)
def _status(status: int | None) -> str:
    if status is None:
        return style("---", fg="red")
    return style(str(status), fg="green" if status < 400 else "red")


def _story(world: World, entry: Entry) -> str:
    payment = entry.payment
    if payment is None and entry.decision.refused_by is None:
        return f"{entry.outcome}  {entry.request.method} {Redactor(world).text(entry.request.path)}"
    if payment is None:
        return f"{entry.outcome}  {entry.decision.rule}  {Redactor(world).text(world.why(entry))}"
    where = f"{payment.session.website_id}  {payment.session.session_id}"
    broken = f"; {entry.fault.effect.sentence}" if entry.fault else ""
    return f"attributed  {payment.revenue} cents  {where}  {mask_email(payment.email)}{broken}"


def json_line(world: World, entry: Entry) -> str:
    """An entry for a program, as one JSON object."""
    return orjson.dumps(entry_row(world, entry)).decode()


def entry_row(world: World, entry: Entry) -> dict[str, Any]:
    """An entry as plain data."""
    redactor = Redactor(world)
    decision, payment, path = entry.decision, entry.payment, entry.request.path
    return {
        "time": iso_time(entry.received_at),
        "number": entry.number,
        "method": printable(redactor.text(entry.request.method)),
        "host": meant_for(world, entry),
        "path": printable(redactor.text(path)),
        "status": None if entry.reply is None else entry.reply.status,
        "outcome": entry.outcome,
        "rule": decision.rule,
        "fault": None if entry.fault is None else entry.fault.effect.name,
        "why": None if decision.refused_by is None else printable(redactor.text(world.why(entry))),
        "advice": _advice(world, entry),
        "website_id": entry.website_id,
        "revenue": None if payment is None else _integer(payment.revenue),
        "milliseconds": None if entry.elapsed is None else round(entry.elapsed * 1000, 3),
    }


def _advice(world: World, entry: Entry) -> list[dict[str, str]]:
    if not entry.advice:
        return []
    redactor = Redactor(world)
    return [{"id": one.id, "sentence": printable(redactor.text(one.sentence))} for one in entry.advice]


def _integer(value: int) -> int | str:
    """JSON integers end at 64 bits in many tools; beyond that it is written as a string."""
    return value if -(2**63) <= value < 2**63 else str(value)
