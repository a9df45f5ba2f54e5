"""From spawn to first answer, and what `--help` costs."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from benchmarks.harness import Effort, Finding, Sample, interleaved
from benchmarks.servers import BASE, CannotMeasureError, serving

_ROOT = Path(__file__).resolve().parent.parent
_INSTALLED = _ROOT / ".peers" / "trackfox-mock"


def measure(effort: Effort) -> Iterator[Finding]:
    """Starts, as ratios to those of the bare application under uvicorn's own command, and of an import of click.

    It is the wheel that starts, in a virtual environment of its own, as it does for those who install it.
    """
    rounds = 1 if effort.rounds == 1 else 2 * effort.rounds
    python = Path(sys.executable) if effort.rounds == 1 else _installed()
    command = str(python.with_name("trackfox-mock"))
    serve = (command, "serve", "--port", "{port}")
    starts = interleaved({"BASE": _start((str(python), *BASE[1:])), "serve": _start(serve)}, rounds)
    yield Finding("start", "serve, spawn to first answer, over BASE", starts["serve"].over(starts["BASE"]), at_most=1.1)
    helps = interleaved(
        {"click": _run((str(python), "-c", "import click")), "--help": _run((command, "--help"))}, rounds
    )
    yield Finding("start", "--help, over `import click`", helps["--help"].over(helps["click"]), at_most=1.5)
    for name, sample in (starts | helps).items():
        yield Finding("start", name, Sample(tuple(1000 * seconds for seconds in sample.values)), "ms")


def _installed() -> Path:
    """The Python of an environment with the wheel of this checkout."""
    python = _INSTALLED / "bin" / "python"
    for command in (
        (sys.executable, "-m", "venv", str(_INSTALLED)),
        (str(python), "-m", "pip", "install", "--quiet", "--force-reinstall", str(_ROOT)),
    ):
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - as above
        if done.returncode:
            raise CannotMeasureError(f"{' '.join(command)} failed: {done.stderr.strip()[-500:]}")
    return python


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
