"""`python -m benchmarks.beside`: how long payments wait by the clock while somebody reads all that a full mock holds.

Payments go out a millisecond apart over one connection of one process. Another process asks for every export and
search, one after the other, and puts a large state back.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import socket
import time
import urllib.request
from collections.abc import Iterator, Sequence

import click

from benchmarks.baseline import PATH
from benchmarks.servers import BEARER, BODY, MOCK, serving
from benchmarks.troubles import request
from benchmarks.waiting import JOURNAL, LOOKS, NOTE, large_snapshot

_IN_A_ROW = 500
_APART = 0.001  # seconds

Look = tuple[str, str, str, bytes]


def _payment(number: int, note: str = "") -> bytes:
    body = BODY.replace("%d", str(number))[:-1] + (f',"note":"{note}"}}' if note else "}")
    return request("POST", PATH, body.encode(), f"Authorization: {BEARER}", "Content-Type: application/json")


def _answers(connection: socket.socket, count: int) -> None:
    """Read so many answers, none of which has a line break twice in its body."""
    missing = count
    while missing > 0:
        missing -= connection.recv(1 << 20).count(b"\r\n\r\n")


def fill(port: int, payments: int) -> None:
    """So many payments, and behind them as many large requests as a journal holds."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        for start in range(0, payments, _IN_A_ROW):
            connection.sendall(b"".join(map(_payment, range(start, start + _IN_A_ROW))))
            _answers(connection, _IN_A_ROW)
        for number in range(JOURNAL):
            connection.sendall(_payment(number, NOTE))
            _answers(connection, 1)


def look(port: int, looks: list[Look], rounds: int) -> None:
    """Ask for everything, so many times."""
    for method, path, query, body in looks * rounds:
        address = f"http://127.0.0.1:{port}{path}?{query}"
        asked = urllib.request.Request(address, body or None, method=method)
        with urllib.request.urlopen(asked) as answer:  # noqa: S310 - the same
            while answer.read(1 << 20):
                pass


async def waits(port: int, looking: multiprocessing.Process) -> list[float]:
    """Milliseconds that each payment took, until nobody looks any more."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    sent, taken = list[float](), list[float]()

    async def read() -> None:
        while True:
            await reader.readuntil(b"\r\n\r\n")
            taken.append((time.perf_counter() - sent[len(taken)]) * 1000)

    reading = asyncio.create_task(read())
    while looking.is_alive():
        sent.append(time.perf_counter())
        writer.write(_payment(len(sent)))
        await asyncio.sleep(_APART)
    await asyncio.sleep(0.2)
    reading.cancel()
    writer.close()
    return taken


def _report(name: str, taken: Sequence[float]) -> str:
    ordered = sorted(taken)
    most = ordered[int(len(ordered) * 0.999)]
    return f"{name}: {len(ordered):,} payments, p99.9 {most:.1f} ms, longest {ordered[-1]:.1f} ms"


def _measured(port: int, rounds: int) -> Iterator[str]:
    looks = {**LOOKS, "a state being put back": ("PUT", "/__admin/state", "", large_snapshot())}
    for name, one in looks.items():
        looking = multiprocessing.Process(target=look, args=(port, [one], rounds))
        looking.start()
        yield _report(name, asyncio.run(waits(port, looking)))


@click.command()
@click.option("--rounds", default=3, show_default=True, help="How often each is asked for.")
@click.option("--payments", default=100_000, show_default=True, help="How many payments it holds, in five hundreds.")
def main(*, rounds: int, payments: int) -> None:
    """Measure how long payments wait by the clock beside every export and search of a full mock."""
    with serving((*MOCK, "--log-format", "none")) as served:
        fill(served.port, payments)
        for line in _measured(served.port, rounds):
            click.echo(line)


if __name__ == "__main__":
    main()
