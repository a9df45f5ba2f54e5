"""What the commands that ask a service have in common: their options, what must hold before they start, their runs."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import SplitResult

import click

from trackfox_contract.wire.safety import SAFE_MODE
from trackfox_mock import TrackfoxMockError, World, http_parts

if TYPE_CHECKING:
    from trackfox_contract.engine.check import Check
    from trackfox_contract.report.progress import Progress

_NEEDED = ("h11", "hypothesis", "pytest", "schemathesis")
_COULD_NOT_CHECK = 4
_Command = TypeVar("_Command", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--fixtures",
        multiple=True,
        type=click.Path(path_type=Path),
        help="Websites that the service knows (YAML or JSON).",
    ),
    click.option("--spec", type=click.Path(path_type=Path), help="Another OpenAPI document than the built-in one."),
    click.option("--allow-writes", is_flag=True, help="Name existing sessions, and so create payments."),
    click.option("--seed", type=int, default=1, show_default=True, help="The same seed makes the same requests."),
    click.option(
        "--timeout",
        type=click.FloatRange(min=0.1),
        default=10.0,
        show_default=True,
        help="Seconds that one request may take.",
    ),
)

budget_option = click.option(
    "--budget",
    type=click.Choice(["quick", "standard", "thorough"]),
    default="standard",
    show_default=True,
    help="How much is generated.",
)


_WRITES = "Names the given sessions: a payment is recorded for every call that is accepted."


class CouldNotCheckError(TrackfoxMockError):
    """The check could not be made."""

    exit_code = _COULD_NOT_CHECK


def asking_options(command: _Command) -> _Command:
    """The options of every command that asks a service."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def demand_extra(name: str) -> None:
    """Makes sure that what the extra `contract` brings is installed.

    Raises:
        CouldNotCheckError: it is not; `name` is the command that needs it.
    """
    absent = [module for module in _NEEDED if importlib.util.find_spec(module) is None]
    if absent:
        raise CouldNotCheckError(
            f"{name} needs packages that are not installed ({', '.join(absent)}); "
            "in a checkout of trackfox-mock: pip install '.[contract]'"
        )


def demand_usable(url: str, world: World, fixtures: Sequence[Path]) -> None:
    """Makes sure that a service can be asked: an address, and websites that it knows.

    Raises:
        UsageError: the address is no base URL, or there is no website.
    """
    parts = _base_of(url)
    if world.api.path and parts.path.rstrip("/").endswith(world.api.path):
        base = url.rstrip("/")[: -len(world.api.path)]
        raise click.UsageError(
            f"came {url!r}, which is the endpoint; expected the base URL that {world.api.path} is added to: {base}"
        )
    if not fixtures:
        raise click.UsageError(
            "--fixtures is missing: the check needs to know a website, its token and a session; "
            "start with: trackfox-mock verify --init"
        )
    if not world.fixtures:
        raise click.UsageError("the fixtures hold no website; at least one is needed.")


def _base_of(url: str) -> SplitResult:
    parts = http_parts(url)
    if parts is not None and "@" in parts.netloc:
        raise click.UsageError(
            "came a URL with a name or a password in it; expected it without: the token of the fixtures is all that is "
            "sent."
        )
    if parts is None or parts.query or parts.fragment or not url.isprintable() or " " in url:
        raise click.UsageError(f"came {url!r}; expected the service's base URL, as in http://127.0.0.1:4012.")
    return parts


@contextmanager
def asking(
    urls: Sequence[str], world: World, *, allow_writes: bool, budget: str, seed: int, timeout: float
) -> Iterator[tuple[list[Check], Progress]]:
    """A run for each service, ready to ask it, whose connections are closed at the end, and a line that tells how far.

    Says, before anything is sent, whether payments may be created.

    Args:
        urls: the services.
        world: the document and the websites that all of them know.
        allow_writes: whether existing sessions may be named.
        budget: how much is generated, by its name.
        seed: the same seed makes the same requests.
        timeout: seconds that one request may take.

    Raises:
        CouldNotCheckError: a service is not there, does not know the fixtures, or asked us to wait for too long.
    """
    from trackfox_contract.engine.check import Check  # noqa: PLC0415 - only a real run needs Hypothesis and the rest
    from trackfox_contract.engine.preflight import InconclusiveError  # noqa: PLC0415 - the same
    from trackfox_contract.engine.settings import BUDGETS, Settings  # noqa: PLC0415 - the same
    from trackfox_contract.oracle.document import Document  # noqa: PLC0415 - the same
    from trackfox_contract.report.progress import Progress  # noqa: PLC0415 - the same
    from trackfox_contract.suite.storage import nothing_left_behind  # noqa: PLC0415 - the same
    from trackfox_contract.wire.client import TooManyRequestsError  # noqa: PLC0415 - the same
    from trackfox_contract.wire.ctrl_c import ctrl_c  # noqa: PLC0415 - the same

    click.echo(f"{_WRITES if allow_writes else SAFE_MODE}\n")
    document = Document.of(world.api)
    checks = [
        Check(Settings(url, document, world.fixtures, allow_writes, BUDGETS[budget], seed, timeout)) for url in urls
    ]
    progress = Progress()
    for check in checks:
        check.client.on_sent = lambda _: progress.sent(sum(one.client.sent_in_all for one in checks))
    with ctrl_c.held():
        try:
            with nothing_left_behind():
                yield checks, progress
        except (InconclusiveError, TooManyRequestsError) as problem:
            raise CouldNotCheckError(f"could not check: {problem}") from None
        finally:
            progress.close()
            for check in checks:
                check.client.close()
