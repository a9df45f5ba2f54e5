"""Measures that nothing careless slips through as lenient: python -m tests.services.leniency.

Of the known wrong services that break a clause which has a leniency, prints each that nothing but lenient findings show,
and how many there are. `--part 2/8` takes every eighth service, from the second on.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator

import click

from tests.services.examine import examine
from tests.services.held_out import HELD_OUT_WRONG
from tests.services.service import Service
from tests.services.wrong import WRONG

AT_STAKE = ("field.required", "body.object")
"""The clauses of which the check calls some breaches lenient."""


def services_at_stake() -> dict[str, type[Service]]:
    """The wrong services that break one of them, by name."""
    return {name: kind for name, (clause_id, kind) in (WRONG | HELD_OUT_WRONG).items() if clause_id in AT_STAKE}


def is_shown(kind: type[Service]) -> bool:
    """Whether the check says of a service more than that it is lenient."""
    return any(not finding.is_lenient for finding in examine(kind()).findings)


def slipping(names: Iterator[tuple[str, type[Service]]]) -> Iterator[str]:
    """The names of those that are shown as lenient alone."""
    return (name for name, kind in names if not is_shown(kind))


def main() -> None:
    """Measures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", default="1/1", help="as 2/8")
    part, parts = map(int, parser.parse_args().part.split("/"))
    services = list(services_at_stake().items())[part - 1 :: parts]
    names = list(slipping(iter(services)))
    shown = len(services) - len(names)
    click.echo("\n".join([*names, f"{shown} of {len(services)} are found by other requests as well"]))


if __name__ == "__main__":
    main()
