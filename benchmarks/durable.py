"""`serve --state`: requests a second with every payment in SQLite before its answer leaves, as a ratio to memory."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

from benchmarks.harness import Effort, Finding, Sample, interleaved
from benchmarks.servers import MOCK, CannotMeasureError, Load, Served, load, serving

_QUIET = (*MOCK, "--log-format", "none")
_MEMORY, _SQLITE, _SYNCED, _JOURNAL = "memory", "SQLite", "SQLite, --state-sync full", "SQLite, --keep-requests 1000"


def measure(effort: Effort) -> Iterator[Finding]:
    """Valid requests over 32 connections: in memory, and with `--state` in a folder for temporary files."""
    loads: dict[str, list[Load]] = {}
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:

        def contender(name: str, *options: str) -> Callable[[], float]:
            served = running.enter_context(serving((*_QUIET, *options)))
            return lambda: _rate(served, effort.seconds, loads.setdefault(name, []))

        def state(name: str) -> tuple[str, str]:
            return "--state", str(Path(folder) / name)

        contenders = {
            _MEMORY: contender(_MEMORY),
            _SQLITE: contender(_SQLITE, *state("normal.db")),
            _JOURNAL: contender(_JOURNAL, *state("journal.db"), "--keep-requests", "1000"),
            _SYNCED: contender(_SYNCED, *state("synced.db"), "--state-sync", "full"),
        }
        rates = interleaved(contenders, effort.rounds)
    yield Finding("durable", f"{_SQLITE}, over memory", rates[_SQLITE].over(rates[_MEMORY]), at_least=0.6)
    for name in (_JOURNAL, _SYNCED):
        yield Finding("durable", f"{name}, over memory", rates[name].over(rates[_MEMORY]))
    for name, seen in loads.items():
        yield Finding("durable", f"{name}: requests a second", rates[name], "/s")
        yield Finding("durable", f"{name}: processor time a request", Sample(tuple(one.cost for one in seen[1:])), "µs")


def _rate(served: Served, seconds: float, loads: list[Load]) -> float:
    seen = load(served, seconds, connections=32)
    if seen.broken or seen.refused:
        raise CannotMeasureError(f"{seen.refused} of {seen.requests} requests were refused, {seen.broken} broke.")
    loads.append(seen)
    return seen.rate
