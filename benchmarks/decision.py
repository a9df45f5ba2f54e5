"""One decision in process, with its journal entry, beside BASE in process."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

import click

from benchmarks.baseline import BASE, PATH
from benchmarks.harness import Effort, Finding, Sample, interleaved
from benchmarks.servers import BEARER, BODY
from trackfox_mock import Request, World

BASE_MICROSECONDS = 50.0
_BATCH = 40


def measure(effort: Effort) -> Iterator[Finding]:
    """Microseconds a decision, and its share of BASE's work; a round is a process of its own.

    One process is up to a fifth slower than the next, whatever it runs: its objects fall otherwise into the caches.
    """
    rounds = [_quickest_batches(effort) for _ in range(effort.rounds)]
    samples = {name: Sample(tuple(one[name] for one in rounds)) for name in rounds[0]}
    for name in ("valid", "refused", "unmatched"):
        target = 12 / BASE_MICROSECONDS if name == "valid" else None
        over = samples[name].over(samples["BASE"])
        yield Finding("decision", f"{name}, quickest batch over BASE's in process", over, at_most=target)
    for name, sample in samples.items():
        yield Finding("decision", f"{name}, quickest batch", sample, "µs")


def _quickest_batches(effort: Effort) -> dict[str, float]:
    command = (sys.executable, "-m", "benchmarks.decision", str(effort.rounds * 20))
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own module
    quickest: dict[str, float] = json.loads(printed)
    return quickest


def main() -> None:
    """Print the microseconds of the quickest batch of each, of so many: the one that nobody else disturbed."""
    world = World(payments_limit=1000)
    contenders = {
        "BASE": _base_batch,
        "valid": _decision_batch(world, BODY),
        "refused": _decision_batch(world, BODY.replace("9900", "0")),
        "unmatched": _decision_batch(world, BODY.replace("ses_lumen_grace", "nobody's")),
    }
    seen = interleaved(contenders, int(sys.argv[1]))
    click.echo(json.dumps({name: min(sample.values) for name, sample in seen.items()}))


def example_request(number: int = 0, body: str = BODY) -> Request:
    """A request as uvicorn hands it over."""
    content = body.replace("%d", str(number)).encode()
    headers = [
        (b"host", b"127.0.0.1:4012"),
        (b"content-type", b"application/json"),
        (b"authorization", BEARER.encode()),
        (b"content-length", b"%d" % len(content)),
    ]
    head_size = sum(len(name) + len(value) for name, value in headers)
    return Request("POST", PATH, headers, content, b"", len(content), head_size)


def _decision_batch(world: World, body: str) -> Callable[[], float]:
    numbers = count()

    def batch() -> float:
        # Another e-mail each: a payment that was seen before takes more time.
        requests = [example_request(next(numbers), body) for _ in range(_BATCH)]
        began = time.perf_counter()
        for request in requests:
            world.finish(world.answer(request, "127.0.0.1"), 0.0)
        return (time.perf_counter() - began) / _BATCH * 1e6

    return batch


def _base_batch() -> float:
    request = example_request()

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": request.body, "more_body": False}

    async def send(_: Any) -> None:
        pass

    async def batch() -> float:
        began = time.perf_counter()
        for _ in range(_BATCH):
            # As uvicorn would, a scope for each: Starlette writes into it.
            scope = {"type": "http", "method": "POST", "path": PATH, "headers": request.headers, "query_string": b""}
            await BASE(scope, receive, send)
        return (time.perf_counter() - began) / _BATCH * 1e6

    return asyncio.run(batch())


if __name__ == "__main__":
    main()
