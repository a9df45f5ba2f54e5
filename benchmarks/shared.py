"""`serve --store`: requests a second over a redis-server, as a ratio to memory, and what each costs whom."""

from __future__ import annotations

import resource
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple

import psutil
import redis

from benchmarks.harness import Effort, Finding, Sample, interleaved
from benchmarks.servers import MOCK, CannotMeasureError, Load, Served, load, serving

_QUIET = (*MOCK, "--log-format", "none")
_MEMORY, _ONE = "memory", "Redis, one node"
_WORKERS = {1: "Redis, 1 worker", 2: "Redis, 2 workers"}
_CONNECTIONS = 32


class _Store(NamedTuple):
    """A redis-server of its own: where it is, its process, and a client."""

    url: str
    process: psutil.Process
    client: redis.Redis

    @property
    def busy(self) -> float:
        """Seconds of processor time so far."""
        times = self.process.cpu_times()
        return float(times.user + times.system)

    @property
    def traffic(self) -> tuple[int, int]:
        """Scripts that were run, and bytes that came in and went out."""
        run = int(self.client.info("commandstats").get("cmdstat_evalsha", {}).get("calls", 0))
        stats = self.client.info("stats")
        return run, int(stats["total_net_input_bytes"]) + int(stats["total_net_output_bytes"])


def measure(effort: Effort) -> Iterator[Finding]:
    """Valid requests over 32 connections: in memory, and by one node over a redis-server without persistence."""
    loads: list[Load] = []
    costs: dict[str, list[float]] = {"store": [], "scripts": [], "bytes": []}
    with _redis() as store, ExitStack() as running:
        memory = running.enter_context(serving(_QUIET))
        node = running.enter_context(serving((*_QUIET, "--store", store.url)))

        def shared() -> float:
            busy, (scripts, traffic) = store.busy, store.traffic
            seen = _checked(node, effort.seconds)
            loads.append(seen)
            more_scripts, more_traffic = store.traffic
            costs["store"].append((store.busy - busy) / seen.requests * 1e6)
            costs["scripts"].append((more_scripts - scripts) / seen.requests)
            costs["bytes"].append((more_traffic - traffic) / seen.requests)
            return seen.rate

        contenders: dict[str, Callable[[], float]] = {
            _MEMORY: lambda: _checked(memory, effort.seconds).rate,
            _ONE: shared,
        }
        rates = interleaved(contenders, effort.rounds)
    yield Finding("shared", f"{_ONE}, over memory", rates[_ONE].over(rates[_MEMORY]), at_least=0.3)
    for name in rates:
        yield Finding("shared", f"{name}: requests a second", rates[name], "/s")
    yield Finding("shared", f"{_ONE}: processor time a request", Sample(tuple(one.cost for one in loads[1:])), "µs")
    for name, unit in (("store", "µs of the store"), ("scripts", "scripts"), ("bytes", "bytes")):
        yield Finding("shared", f"{_ONE}: {name} a request", Sample(tuple(costs[name][1:])), unit)
    yield from _measure_workers(effort)


def _measure_workers(effort: Effort) -> Iterator[Finding]:
    """The same load on one worker and on two, which may use every core, as the store and the load do."""
    costs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in _WORKERS.values()}
    with _redis() as store, ExitStack() as running:

        def contender(count: int, name: str) -> Callable[[], float]:
            options = ("--store", store.url, "--store-prefix", f"{count}:", "--workers", str(count))
            served = running.enter_context(serving((*_QUIET, *options)))
            for process in _processes(served):
                if hasattr(process, "cpu_affinity"):  # macOS has none
                    process.cpu_affinity([])

            def rate() -> float:
                before = _busy(served), store.busy, _busy_load()
                seen = _checked(served, effort.seconds)
                after = _busy(served), store.busy, _busy_load()
                of_mock, of_store, of_load = ((b - a) / seen.requests * 1e6 for a, b in zip(before, after, strict=True))
                costs[name].append((of_mock, of_store, of_load))
                return seen.rate

            return rate

        rates = interleaved({name: contender(count, name) for count, name in _WORKERS.items()}, effort.rounds)
    yield Finding("shared", f"{_WORKERS[2]}, over one", rates[_WORKERS[2]].over(rates[_WORKERS[1]]))
    for name, seen in costs.items():
        yield Finding("shared", f"{name}: requests a second", rates[name], "/s")
        for whose, sample in zip(("the workers", "the store", "the load"), zip(*seen[1:], strict=True), strict=True):
            yield Finding("shared", f"{name}: processor time a request, {whose}", Sample(sample), "µs")


def _processes(served: Served) -> list[psutil.Process]:
    return [served.process, *served.process.children(recursive=True)]


def _busy(served: Served) -> float:
    times = [process.cpu_times() for process in _processes(served)]
    return sum(float(one.user + one.system) for one in times)


def _busy_load() -> float:
    """Seconds of processor time of every load so far."""
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def _checked(served: Served, seconds: float) -> Load:
    seen = load(served, seconds, connections=_CONNECTIONS)
    if seen.broken or seen.refused:
        raise CannotMeasureError(f"{seen.refused} of {seen.requests} requests were refused, {seen.broken} broke.")
    return seen


@contextmanager
def _redis() -> Iterator[_Store]:
    program = shutil.which("redis-server") or shutil.which("valkey-server")
    if program is None:
        raise CannotMeasureError(
            "redis-server is not installed; nothing was measured. On Debian: apt-get install redis-server"
        )
    with tempfile.TemporaryDirectory(prefix="tfr") as folder:
        path = Path(folder) / "redis.sock"
        process = subprocess.Popen(  # noqa: S603 - a command of this package
            [program, "--port", "0", "--unixsocket", str(path), "--save", ""], stdout=subprocess.DEVNULL, cwd=folder
        )
        try:
            while not path.exists():
                time.sleep(0.01)
            client = redis.Redis(unix_socket_path=str(path))
            yield _Store(f"unix://{path}", psutil.Process(process.pid), client)
        finally:
            process.terminate()
            process.wait(10)
