"""Measures the three modes of the check beside each other, over the known services: python -m tests.services.modes.

Prints a row a service as JSON, and at the end what came of each mode. `--part 2/8` takes every eighth service, from the
second on, for runs of a few minutes; `--table FILE…` adds up the rows of several parts.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

import click

from tests.services.examine import broken, examine
from tests.services.held_out import HELD_OUT_LEGAL, HELD_OUT_WRONG
from tests.services.legal import LEGAL
from tests.services.service import Service
from tests.services.wrong import WRONG
from trackfox_contract.engine.preflight import InconclusiveError

MODES = {
    "safe": {"writes": False},
    "probe-existing": {"writes": False, "probing": True},
    "writes": {"writes": True},
}


@dataclass
class Outcome:
    """What one mode made of one service.

    Attributes:
        name: the service.
        mode: the mode.
        clause_id: the clause that it breaks; empty for a legal one.
        came: `found` on its clause, `neighbour` on another, `silent`, or `inconclusive`.
        payments: how many it recorded.
    """

    name: str
    mode: str
    clause_id: str
    came: str
    payments: int


def outcomes(part: int, parts: int, modes: Iterable[str]) -> Iterator[Outcome]:
    """Every service of a part of the table, in these modes."""
    modes = tuple(modes)
    wrong = [(name, clause_id, kind) for name, (clause_id, kind) in (WRONG | HELD_OUT_WRONG).items()]
    legal = [(name, "", kind) for name, kind in (LEGAL | HELD_OUT_LEGAL).items()]
    for name, clause_id, kind in (*wrong, *legal)[part::parts]:
        for mode in modes:
            yield _outcome(name, mode, clause_id, kind())


def _outcome(name: str, mode: str, clause_id: str, service: Service) -> Outcome:
    try:
        found = broken(examine(service, **MODES[mode], looking_for=clause_id))  # type: ignore[arg-type] # flags alone
        came = "found" if clause_id in found else "neighbour" if found else "silent"
    except InconclusiveError:
        came = "inconclusive"
    return Outcome(name, mode, clause_id, came, len(service.payments))


def table(rows: Iterable[Outcome]) -> Iterator[str]:
    """What came of each mode, as Markdown."""
    rows = list(rows)
    yield "| mode | wrong services found on their clause | on another clause | legal ones accused | most payments of one |"
    yield "|---|---|---|---|---|"
    for mode in MODES:
        wrong = [row for row in rows if row.mode == mode and row.clause_id]
        legal = [row for row in rows if row.mode == mode and not row.clause_id]
        found, near = (sum(row.came == came for row in wrong) for came in ("found", "neighbour"))
        accused = sum(row.came == "neighbour" for row in legal)
        most = max((row.payments for row in (*wrong, *legal)), default=0)
        yield f"| {mode} | {found} of {len(wrong)} | {near} | {accused} of {len(legal)} | {most:,} |"


def _read(paths: Iterable[Path]) -> Iterator[Outcome]:
    for path in paths:
        for line in path.read_text().splitlines():
            if line.startswith("{"):
                yield Outcome(**json.loads(line))


def main() -> None:
    """Measures, or adds up what was measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", default="1/1", help="as 2/8")
    parser.add_argument("--mode", choices=MODES, action="append", help="all of them when left out")
    parser.add_argument("--table", nargs="+", type=Path, default=[], help="files of rows to add up")
    options = parser.parse_args()
    part, parts = map(int, options.part.split("/"))
    rows = []
    for row in _read(options.table) if options.table else outcomes(part - 1, parts, options.mode or MODES):
        rows.append(row)
        if not options.table:
            click.echo(json.dumps(asdict(row)))
    click.echo("\n".join(table(rows)))


if __name__ == "__main__":
    main()
