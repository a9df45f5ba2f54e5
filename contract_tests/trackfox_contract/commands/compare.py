"""`trackfox-mock compare`: two services asked the same, and the smallest requests on which they differ."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trackfox_contract.commands.asking import asking, asking_options, budget_option, demand_extra, demand_usable
from trackfox_mock import SILENCES, Inputs

if TYPE_CHECKING:
    from trackfox_contract.learning.compare import Difference
    from trackfox_contract.request.redaction import Redactor

_LONGEST_ANSWER = 160


@click.command()
@click.argument("url")
@click.argument("other_url")
@asking_options
@budget_option
def compare(  # noqa: PLR0917 - click calls by name
    url: str,
    other_url: str,
    fixtures: tuple[Path, ...],
    spec: Path | None,
    allow_writes: bool,  # noqa: FBT001 - click calls by name
    seed: int,
    timeout: float,
    budget: str,
) -> None:
    """Send the same to two services, and show where their answers differ.

    Exit codes: 0 no difference was found, 1 they differ, 2 wrong usage, 3 a file is wrong, 4 could not check.
    """
    demand_extra("compare")
    world = Inputs(spec, fixtures).world()
    urls = (url, other_url)
    for one in urls:
        demand_usable(one, world, fixtures)
    from trackfox_contract.learning import compare  # noqa: PLC0415 - only a real run needs Hypothesis and the rest
    from trackfox_contract.learning.mock import Mock  # noqa: PLC0415 - the same
    from trackfox_contract.report.terminal import answered_with_success  # noqa: PLC0415 - the same

    found = 0
    with asking(urls, world, allow_writes=allow_writes, budget=budget, seed=seed, timeout=timeout) as (
        checks,
        progress,
    ):
        first, second = checks
        for difference in compare.compare(first, second, Mock(world.api, world.fixtures), progress.phase):
            found += 1
            progress.pause()
            click.echo("\n".join(_lines(difference, urls, first.recorder.redactor)) + "\n")
    for one, check in zip(urls, (first, second), strict=True):
        if check.warning:
            click.echo(f"Note: {one}: {check.warning}.\n")
    sent, payments = first.client.sent + second.client.sent, first.client.payments + second.client.payments
    differences = f"{found or 'No'} difference{'' if found == 1 else 's'}"
    click.echo(f"{differences} in {sent:,} requests, seed {seed}; {answered_with_success(payments)}.")
    raise SystemExit(1 if found or first.is_stopped or second.is_stopped else 0)


command = compare


def _lines(difference: Difference, urls: tuple[str, str], redactor: Redactor) -> Iterator[str]:
    from trackfox_contract.request.curl import curl  # noqa: PLC0415 - as the rest
    from trackfox_contract.wire.answers import carriage, told  # noqa: PLC0415 - h11 is part of the extra

    for name in difference.about:
        yield click.style(f"{name}: {_words(name)}", bold=True)
    width = max(map(len, urls))
    for url, judgement, readings in zip(urls, difference.judgements, difference.readings, strict=True):
        yield f"  {url:<{width}}  {redactor.shown(told(judgement.round_trip.outcome), _LONGEST_ANSWER)}"
        if "transport" in difference.about:
            yield f"  {'':<{width}}  carried: {carriage(judgement.round_trip.outcome)}"
        for name in difference.about:
            for key in (name, *readings.parts_of(name)) if name in SILENCES else ():
                if readings.reading(key).provenance == "observed":
                    yield f"  {'':<{width}}  reads {key} as {readings[key]}: {SILENCES[name].meaning(readings[key])}"
        for breach in judgement.breaches:
            yield f"  {'':<{width}}  {click.style(f'breaks {breach.clause_id}', fg='red')}: expected {breach.expected}"
    yield "  try:"
    yield from (f"    {line}" for line in curl(redactor, urls[0], difference.call).splitlines())


def _words(name: str) -> str:
    from trackfox_contract.oracle.clauses import CLAUSES  # noqa: PLC0415 - as the rest

    return SILENCES[name].question if name in SILENCES else CLAUSES[name].says
