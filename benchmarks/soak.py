"""`python -m benchmarks.soak 10000000 FOLDER`: many payments in one file of `serve --state`, and what they cost.

At none, at a tenth and at all of them: the start, resident memory, throughput, and the size of the file.
"""

from __future__ import annotations

import json
import sqlite3
import time
import urllib.request
from pathlib import Path

import click

from benchmarks.servers import BEARER, BODY, MOCK, Served, load, serving
from trackfox_mock import PaymentEvent, Session
from trackfox_mock.tenants.durable.archive import bring_in
from trackfox_mock.tenants.durable.rows import INSERT_PAYMENT, payment_row
from trackfox_mock.tenants.store import Change

_SESSION = Session("web_lumen_lamps", "ses_lumen_grace", "vis_grace_0d15", None, {"source": "soak"})
_BLOCK = 100_000


@click.command()
@click.argument("payments", type=click.IntRange(min=10))
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False, exists=True))
@click.option("--through-http", is_flag=True, help="Send every payment, instead of writing most of them into the file.")
@click.option("--seconds", default=5, show_default=True, help="How long the throughput is measured at each size.")
def main(*, payments: int, folder: Path, through_http: bool, seconds: int) -> None:
    """Fill a state file to so many PAYMENTS and measure the server on it."""
    file = folder / "soak.db"
    bring_in(file, Change(), ())
    total = 0
    for goal in (0, payments // 10, payments):
        began = time.perf_counter()
        total = _send(file, total, goal) if through_http else _write(file, total, goal)
        click.echo(f"{total:>12,} payments  filled in {time.perf_counter() - began:,.0f} s")
        total = _measure(file, total, seconds)


def _write(file: Path, total: int, goal: int) -> int:
    """Write rows as the server would, in blocks."""
    connection = sqlite3.connect(file, isolation_level=None)
    while total < goal:
        upto = min(goal, total + _BLOCK)
        numbers = range(total + 1, upto + 1)
        rows = [payment_row(PaymentEvent(one, 1e9, _SESSION, 9900, f"soak+{one}@example.com"), one) for one in numbers]
        connection.execute("begin")
        connection.executemany(INSERT_PAYMENT, rows)
        connection.execute("commit")
        total = upto
    connection.close()
    return total


def _send(file: Path, total: int, goal: int) -> int:
    with serving((*MOCK, "--log-format", "none", "--state", str(file))) as served:
        while total < goal:
            load(served, 10, body=BODY, authorization=BEARER, connections=32)
            total = _kept(served)
    return total


def _measure(file: Path, total: int, seconds: int) -> int:
    with serving((*MOCK, "--log-format", "none", "--state", str(file))) as served:
        seen = load(served, seconds, body=BODY, authorization=BEARER, connections=32)
        click.echo(
            f"{total:>12,} payments  start {served.started_in:.2f} s  resident {served.resident:.0f} MB  "
            f"{seen.rate:,.0f} requests/s  {seen.cost:.0f} µs of processor time each  p99 {seen.p99:.1f} ms  "
            f"file {file.stat().st_size / 1e6:,.0f} MB  refused {seen.refused}"
        )
        return _kept(served)


def _kept(served: Served) -> int:
    """How many there are, as the server says it."""
    address = f"http://127.0.0.1:{served.port}/__admin/health"
    with urllib.request.urlopen(address) as answer:
        return int(json.load(answer)["payments"])


if __name__ == "__main__":
    main()
