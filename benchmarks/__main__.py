"""`python -m benchmarks`: measures, prints the table of ratios, and writes docs/performance.md when told to."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator, Sequence
from importlib import import_module
from pathlib import Path

import click

from benchmarks.harness import FULL, QUICK, Effort, Finding, text_table
from benchmarks.page import write_page
from benchmarks.servers import need_wrk
from trackfox_mock import TrackfoxMockError

SUBJECTS = ("decision", "start", "fixture", "throughput", "durable", "memory", "load", "looking", "waiting", "proxy")
ON_DEMAND = ("shared",)  # it needs a redis-server
_PAGE = Path(__file__).resolve().parent.parent / "docs" / "performance.md"


@click.command()
@click.argument("subjects", nargs=-1, type=click.Choice((*SUBJECTS, *ON_DEMAND)))
@click.option("--quick", is_flag=True, help="A smoke run: everything once, and small. Its figures mean nothing.")
@click.option("--peers", is_flag=True, help="Other mocks too, installed from npm and PyPI into .peers/.")
@click.option("--write", is_flag=True, help="Write the results into docs/performance.md.")
def main(*, subjects: Sequence[str], quick: bool, peers: bool, write: bool) -> None:
    """Measure the SUBJECTS, by default all but `shared`, and print what came of it beside its target.

    BASE is a bare Starlette route that reads and answers JSON, LIMIT a bare ASGI function that answers constant bytes;
    both run under the same uvicorn, in the same rounds.
    """
    need_wrk()
    if write and (quick or subjects):
        raise click.UsageError("--write wants a whole run: leave out --quick and the subjects.")
    findings = []
    for subject in [*(subjects or SUBJECTS), *(["peers"] if peers else [])]:
        began = time.monotonic()
        click.echo(f"measuring: {subject} ...", err=True)
        findings += list(_measure(subject)(QUICK if quick else FULL))
        click.echo(f"measured:  {subject} in {time.monotonic() - began:.0f} s", err=True)
    click.echo(text_table(findings))
    if write:
        write_page(_PAGE, findings)


def _measure(subject: str) -> Callable[[Effort], Iterator[Finding]]:
    measure: Callable[[Effort], Iterator[Finding]] = import_module(f"benchmarks.{subject}").measure
    return measure


if __name__ == "__main__":
    try:
        main(standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except TrackfoxMockError as problem:
        click.echo(f"benchmarks: {problem}", err=True)
        sys.exit(problem.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
