"""`trackfox-mock verify`: the suite over a service, and the ledger as the answer."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from trackfox_contract.commands.asking import (
    CouldNotCheckError,
    asking_options,
    budget_option,
    demand_extra,
    demand_usable,
)
from trackfox_mock import Inputs, create_app, demand_writable

if TYPE_CHECKING:
    from trackfox_contract.wire.payments import PaymentReader
    from trackfox_mock import World

_TEMPLATE = """\
# The websites, tokens and sessions that the service under test knows.
# One website with one session is enough; a second website lets the check try another website's token,
# and a second session of another visitor lets it try ids that do not belong together.
websites:
  - website_id: your_website_id
    api_token: ${TRACKFOX_API_TOKEN}   # taken from the environment, so that no token is in a file
    sessions:
      - session_id: tf_session_id
        visitor_id: tf_visitor_id
#     - session_id: another_session_id
#       visitor_id: another_visitor_id
# - website_id: another_website_id
#   api_token: ${TRACKFOX_OTHER_API_TOKEN}
#   sessions:
#     - session_id: its_session_id
#       visitor_id: its_visitor_id
"""


@click.command()
@click.argument("url", required=False)
@asking_options
@budget_option
@click.option(
    "--probe-existing",
    is_flag=True,
    help="Without writes: name existing sessions, in calls alone that a right service refuses.",
)
@click.option(
    "--payments-from",
    metavar="COMMAND|URL",
    help="What gives the recorded payments as JSON, to see whether each success is one, and each refusal none; needs "
    "--allow-writes or --probe-existing.",
)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the ledger as JSON to this file.")
@click.option(
    "--junit", "junit_path", type=click.Path(path_type=Path), help="Write the ledger as JUnit XML to this file."
)
@click.option(
    "--html", "html_path", type=click.Path(path_type=Path), help="Write the ledger as one HTML page to this file."
)
@click.option("--strict", is_flag=True, help="Count as broken, too, what breaks the letter and hurts nobody.")
@click.option("--init", is_flag=True, help="Print a commented fixture file and leave.")
def verify(  # noqa: PLR0917 - click calls by name
    url: str | None,
    fixtures: tuple[Path, ...],
    spec: Path | None,
    allow_writes: bool,  # noqa: FBT001 - click calls by name
    budget: str,
    seed: int,
    timeout: float,
    probe_existing: bool,  # noqa: FBT001 - click calls by name
    payments_from: str | None,
    json_path: Path | None,
    junit_path: Path | None,
    html_path: Path | None,
    strict: bool,  # noqa: FBT001 - click calls by name
    init: bool,  # noqa: FBT001 - click calls by name
) -> None:
    """Check whether a service keeps the contract; without URL, the mock in this process.

    Exit codes: 0 kept, 1 broken, 2 wrong usage, 3 a file is wrong, 4 could not check.
    """
    if init:
        click.echo(_TEMPLATE, nl=False)
        return
    started = time.monotonic()
    demand_extra("verify")
    world = Inputs(spec, fixtures).world()
    if url is not None:
        demand_usable(url, world, fixtures)
    for path, flag in ((json_path, "--json"), (junit_path, "--junit"), (html_path, "--html")):
        demand_writable(path, flag)
    if probe_existing:
        _demand_sessions(world, allow_writes=allow_writes)
    from trackfox_contract.engine.settings import BUDGETS, Settings  # noqa: PLC0415 - the same
    from trackfox_contract.oracle.document import Document  # noqa: PLC0415 - only a real run needs pytest and the rest
    from trackfox_contract.suite.run import Outputs, run  # noqa: PLC0415 - the same
    from trackfox_contract.wire.ctrl_c import ctrl_c  # noqa: PLC0415 - the same
    from trackfox_contract.wire.payments import reader_of_mock  # noqa: PLC0415 - the same

    app = create_app(world)
    outputs = Outputs(json_path, junit_path, html_path, _summary_path())
    settings = Settings(
        target=url or app,
        document=Document.of(world.api),
        websites=world.fixtures,
        allow_writes=allow_writes or not (url or probe_existing),
        budget=BUDGETS[budget],
        seed=seed,
        timeout=timeout,
        payments=_payments(payments_from) if payments_from else None if url else reader_of_mock(app),
        strict=strict,
        probe_existing=probe_existing,
    )
    with ctrl_c.held():
        raise SystemExit(run(settings, outputs, started))


command = verify


def _demand_sessions(world: World, *, allow_writes: bool) -> None:
    """Makes sure that existing sessions can be probed.

    Raises:
        UsageError: there is none, or more was asked for.
    """
    if allow_writes:
        raise click.UsageError(
            "came --probe-existing and --allow-writes; expected one of them: --allow-writes names existing sessions in "
            "valid calls, too."
        )
    if not any(website.sessions for website in world.fixtures):
        raise click.UsageError(
            "the fixtures hold no session that --probe-existing could name; add one that the service has: a session_id "
            "with its visitor_id, as in trackfox-mock verify --init"
        )


def _payments(source: str) -> PaymentReader:
    """What reads the payments, after it has done so once.

    Raises:
        CouldNotCheckError: it cannot.
    """
    from trackfox_contract.wire.payments import PaymentsUnreadableError, reader_of  # noqa: PLC0415 - as the rest

    read = reader_of(source)
    try:
        read()
    except PaymentsUnreadableError as problem:
        raise CouldNotCheckError(f"could not check: --payments-from: {problem}.") from None
    return read


def _summary_path() -> Path | None:
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    return Path(name) if name else None


if __name__ == "__main__":
    sys.exit(verify())
