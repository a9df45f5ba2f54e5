"""`trackfox-mock verify`: the suite over a service, and the ledger as the answer."""

from __future__ import annotations

import importlib.util
import os
import sys
import time
from pathlib import Path
from urllib.parse import urlsplit

import click

from mock_server import Inputs, TrackfoxMockError, World, create_app

_NEEDED = ("h11", "hypothesis", "pytest", "schemathesis")
_COULD_NOT_CHECK = 4
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


class CouldNotCheckError(TrackfoxMockError):
    """The check could not be made."""

    exit_code = _COULD_NOT_CHECK


@click.command()
@click.argument("url", required=False)
@click.option(
    "--fixtures", multiple=True, type=click.Path(path_type=Path), help="Websites that the service knows (YAML or JSON)."
)
@click.option("--spec", type=click.Path(path_type=Path), help="Another OpenAPI document than the built-in one.")
@click.option("--allow-writes", is_flag=True, help="Name existing sessions, and so create payments.")
@click.option(
    "--budget",
    type=click.Choice(["quick", "standard", "thorough"]),
    default="standard",
    show_default=True,
    help="How much is generated.",
)
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed sends the same requests.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=10.0,
    show_default=True,
    help="Seconds that one request may take.",
)
@click.option("--json", "json_path", type=click.Path(path_type=Path), help="Write the ledger as JSON to this file.")
@click.option(
    "--junit", "junit_path", type=click.Path(path_type=Path), help="Write the ledger as JUnit XML to this file."
)
@click.option(
    "--html", "html_path", type=click.Path(path_type=Path), help="Write the ledger as one HTML page to this file."
)
@click.option("--init", is_flag=True, help="Print a commented fixture file and leave.")
def verify(  # noqa: PLR0917 - click calls by name
    url: str | None,
    fixtures: tuple[Path, ...],
    spec: Path | None,
    allow_writes: bool,  # noqa: FBT001 - click calls by name
    budget: str,
    seed: int,
    timeout: float,
    json_path: Path | None,
    junit_path: Path | None,
    html_path: Path | None,
    init: bool,  # noqa: FBT001 - click calls by name
) -> None:
    """Check whether a service keeps the contract; without URL, the mock in this process.

    Exit codes: 0 kept, 1 broken, 2 wrong usage, 4 could not check.
    """
    if init:
        click.echo(_TEMPLATE, nl=False)
        return
    started = time.monotonic()
    _demand_extra()
    world = Inputs(spec, fixtures).world()
    _demand_usable(url, world, fixtures)
    from contract_tests.document import Document  # noqa: PLC0415 - only a real run needs pytest and the rest
    from contract_tests.run import Outputs, run  # noqa: PLC0415 - the same
    from contract_tests.settings import BUDGETS, Settings  # noqa: PLC0415 - the same

    outputs = Outputs(json_path, junit_path, html_path, _summary_path())
    settings = Settings(
        target=url or create_app(world),
        document=Document.of(world.api),
        websites=world.fixtures,
        allow_writes=allow_writes or not url,
        budget=BUDGETS[budget],
        seed=seed,
        timeout=timeout,
    )
    raise SystemExit(run(settings, outputs, started))


command = verify


def _demand_extra() -> None:
    absent = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if absent:
        raise CouldNotCheckError(
            f"verify needs {', '.join(absent)}; install it with: pip install 'trackfox-mock[contract]'"
        )


def _demand_usable(url: str | None, world: World, fixtures: tuple[Path, ...]) -> None:
    if url is None:
        return
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise click.UsageError(f"came {url!r}; expected the service's base URL, as in http://127.0.0.1:4012.")
    if not fixtures:
        raise click.UsageError(
            "--fixtures is missing: the check needs to know a website, its token and a session; start with --init."
        )
    if not world.fixtures:
        raise click.UsageError("the fixtures hold no website; at least one is needed.")


def _summary_path() -> Path | None:
    name = os.environ.get("GITHUB_STEP_SUMMARY")
    return Path(name) if name else None


if __name__ == "__main__":
    sys.exit(verify())
