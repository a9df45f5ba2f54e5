"""From spawn to first answer, and what `--help` costs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.harness import Effort, Finding, Sample, interleaved
from benchmarks.servers import BASE, MOCK, serving

_CLICK = (sys.executable, "-c", "import click")
_HELP = (str(Path(sys.executable).with_name("trackfox-mock")), "--help")


def measure(effort: Effort) -> Iterator[Finding]:
    """Starts, as ratios to those of the bare application under uvicorn's own command, and of an import of click."""
    rounds = 1 if effort.rounds == 1 else 2 * effort.rounds
    starts = interleaved({"BASE": _start(BASE), "serve": _start(MOCK)}, rounds)
    yield Finding("start", "serve, spawn to first answer, over BASE", starts["serve"].over(starts["BASE"]), at_most=1.1)
    helps = interleaved({"click": _run(_CLICK), "--help": _run(_HELP)}, rounds)
    yield Finding("start", "--help, over `import click`", helps["--help"].over(helps["click"]), at_most=1.5)
    for name, sample in (starts | helps).items():
        yield Finding("start", name, Sample(tuple(1000 * seconds for seconds in sample.values)), "ms")


def _start(command: Sequence[str]) -> Callable[[], float]:
    def start() -> float:
        with serving(command) as served:
            return served.started_in

    return start


def _run(command: Sequence[str]) -> Callable[[], float]:
    def run() -> float:
        began = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 - commands of this package
        return time.perf_counter() - began

    return run
