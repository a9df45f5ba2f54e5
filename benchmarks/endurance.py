"""`python -m benchmarks.endurance 30`: a server under all there is at once for so many minutes, and what that leaves.

Payments as fast as they go, and beside them, at random: faults of every kind, resets, files that are read again, calls
of the control API, streams and waits that are left, connections that break off. Memory is to be flat, and no
descriptor left.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import click

from benchmarks.servers import MOCK, Served, serving
from benchmarks.troubles import Client, make_trouble, pay
from trackfox_mock.assets import fixtures_path

_CONNECTIONS, _TROUBLEMAKERS = 12, 6
_QUIET = 10.0  # seconds after the last request, in which the server lets go of idle connections
_GROWTH = 1.0  # MB of resident memory from the end of the first third to the end, on the line through all readings


class Reading(NamedTuple):
    """What a server holds at a time: MB of resident memory, and how many descriptors and threads."""

    minutes: float
    resident: float
    descriptors: int
    threads: int


async def observe(client: Client, served: Served, minutes: float) -> list[Reading]:
    """Read what the server holds, sixty times and once when all have left."""
    began, readings = time.monotonic(), []
    for number in range(1, 61):
        await asyncio.sleep(max(0.0, began + number * minutes - time.monotonic()))
        readings.append(_reading(served, began))
        if number % 6 == 0:
            click.echo(_line(readings[-1]))
    client.is_over = True
    return readings


def _reading(served: Served, began: float) -> Reading:
    process = served.process
    return Reading(
        (time.monotonic() - began) / 60, process.memory_info().rss / 1e6, process.num_fds(), process.num_threads()
    )


def _line(reading: Reading) -> str:
    return (
        f"{reading.minutes:6.1f} min  {reading.resident:6.1f} MB  "
        f"{reading.descriptors:4} descriptors  {reading.threads} threads"
    )


async def endure(client: Client, served: Served, minutes: float) -> list[Reading]:
    """Everything at once; the last reading is of the server alone again."""
    paying = [asyncio.create_task(pay(client)) for _ in range(_CONNECTIONS)]
    troubling = [asyncio.create_task(make_trouble(client)) for _ in range(_TROUBLEMAKERS)]
    readings = await observe(client, served, minutes)
    await asyncio.gather(*paying, *troubling)
    await client.call("POST", "/__admin/reset", {})
    await asyncio.sleep(_QUIET)
    return [*readings, _reading(served, time.monotonic() - minutes * 60)]


@click.command()
@click.argument("minutes", type=click.FloatRange(min=0.1))
@click.option("--seed", default=1, show_default=True, help="Other troubles in another order.")
def main(*, minutes: float, seed: int) -> None:
    """Load a server for so many MINUTES; ends with 1 where memory grew or a descriptor is left."""
    with tempfile.TemporaryDirectory() as folder:
        fixtures = Path(folder) / "more.json"
        fixtures.write_text('{"websites": []}')
        options = ("--log-format", "none", "--payments-limit", "1000", "--watch")
        files = ("--fixtures", str(fixtures_path()), "--fixtures", str(fixtures))
        with serving((*MOCK, *options, *files)) as served:
            client = Client(served.port, fixtures, seed)
            before = _reading(served, time.monotonic())
            click.echo(_line(before))
            readings = asyncio.run(endure(client, served, minutes))
    click.echo(f"after {_QUIET:.0f} s alone: {_line(readings[-1]).strip()}")
    click.echo(", ".join(f"{what}: {count:,}" for what, count in sorted(client.seen.items())))
    sys.exit(_verdict(before, readings))


def _verdict(before: Reading, readings: Sequence[Reading]) -> int:
    *under_load, alone = readings
    grown, left = growth(under_load), alone.descriptors - before.descriptors
    click.echo(f"grew by {grown:.1f} MB after the first third; {left} descriptors are left")
    return int(grown > _GROWTH or left > 0)


def growth(readings: Sequence[Reading]) -> float:
    """MB by which the line through the readings rises after their first third.

    Until then journal, payments and what is remembered of them fill up.
    """
    settled = readings[len(readings) // 3 :]
    minutes = [reading.minutes for reading in settled]
    slope, _ = statistics.linear_regression(minutes, [reading.resident for reading in settled])
    return slope * (minutes[-1] - minutes[0])


if __name__ == "__main__":
    main()
