"""`trackfox-mock observe`: what a service does where the document is silent, as a readings file for the mock."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from trackfox_contract.commands.asking import asking, asking_options, demand_extra, demand_usable
from trackfox_mock import SILENCES, Inputs, TrackfoxMockError, demand_writable, silence_of

if TYPE_CHECKING:
    from trackfox_contract.learning.observe import Observed


@click.command()
@click.argument("url")
@asking_options
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Write the readings file here.")
def observe(  # noqa: PLR0917 - click calls by name
    url: str,
    fixtures: tuple[Path, ...],
    spec: Path | None,
    allow_writes: bool,  # noqa: FBT001 - click calls by name
    seed: int,
    timeout: float,
    output: Path | None,
) -> None:
    """Learn how a service reads what the document leaves open, and write it down for the mock.

    Exit codes: 0 looked at, 1 the service breaks the contract where it was looked at, 2 wrong usage, 3 a file is wrong,
    4 could not check.
    """
    demand_extra("observe")
    world = Inputs(spec, fixtures).world()
    demand_usable(url, world, fixtures)
    demand_writable(output, "--output")
    from trackfox_contract.learning import observe  # noqa: PLC0415 - only a real run needs Hypothesis and the rest
    from trackfox_contract.learning.mock import Mock  # noqa: PLC0415 - the same
    from trackfox_contract.report import files  # noqa: PLC0415 - the same
    from trackfox_contract.report.causes import causes_of  # noqa: PLC0415 - the same
    from trackfox_contract.report.terminal import answered_with_success  # noqa: PLC0415 - the same

    with asking([url], world, allow_writes=allow_writes, budget="quick", seed=seed, timeout=timeout) as (
        checks,
        progress,
    ):
        (check,) = checks
        seen = observe.observe(check, Mock(world.api, world.fixtures), progress.phase)
    findings = check.evidence.findings
    click.echo("\n".join(_lines(seen)))
    if seen.unlike:
        click.echo(f"\nA mock with these readings will still differ from it in: {', '.join(seen.unlike)}.")
    for cause in causes_of(check.evidence):
        click.echo(f"\nThe service {cause.sentence}, which breaks {cause.clauses}:\n{files.told(cause.findings[0])}")
    if check.warning:
        click.echo(f"\nNote: {check.warning}.")
    click.echo(f"\n{check.client.sent} requests; {answered_with_success(check.client.payments)}.")
    if output is not None:
        _write(output, seen.yaml(f"How {_host(url)} reads the silences, as seen on {datetime.now(UTC):%Y-%m-%d}."))
        files_given = [word for path in fixtures for word in ("--fixtures", str(path))]
        served = shlex.join(["trackfox-mock", "serve", *files_given, "--readings", str(output)])
        click.echo(f"Serve a mock that does the same:  {served}")
    raise SystemExit(1 if findings else 0)


command = observe


def _lines(seen: Observed) -> Iterator[str]:
    """A silence a line: how it is read, and where that comes from."""
    for one in seen.observations:
        silence = SILENCES[silence_of(one.silence)]
        provenance = click.style("observed", fg="green") if one.value else click.style("assumed ", fg="yellow")
        value = one.value or seen.readings[one.silence]
        why = f" ({one.why})" if one.why else ""
        yield f"{provenance}  {one.silence:<16} {value}: {silence.meaning(value)}{why}"


def _host(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}{parts.path}"


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as problem:
        raise TrackfoxMockError(
            f"{path} cannot be written: {problem.strerror}; choose another file for --output."
        ) from None
