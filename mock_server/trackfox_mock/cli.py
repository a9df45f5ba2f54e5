"""`trackfox-mock`: the commands and what each is for. A command's own file is loaded when it is called."""

from __future__ import annotations

import gc
import io
import os
import sys
from contextlib import suppress
from errno import ENOSPC, EPIPE
from importlib import import_module
from typing import Any

import click

from trackfox_mock.errors import TrackfoxMockError, suggestion
from trackfox_mock.release import VERSION

# name: where it is, what it needs beyond the base install, and the line that --help shows.
_COMMANDS = {
    "serve": ("trackfox_mock.commands.serve", "", "Serve the endpoint on this machine."),
    "ready": ("trackfox_mock.commands.ready", "", "Ask a running mock whether it is ready."),
    "exec": ("trackfox_mock.commands.exec", "", "Run a command against a mock of its own, and tell what arrived."),
    "ca": (
        "trackfox_mock.commands.ca",
        "",
        "Print where the certificate authority of HTTPS is, and how to trust it.",
    ),
    "state": ("trackfox_mock.commands.state", "", "Look at, export and import a file of serve --state."),
    "explain": ("trackfox_mock.commands.explain", "", "Explain why a request is refused, without a server."),
    "verify": ("trackfox_contract.commands.verify", "contract", "Check whether a service keeps the contract."),
    "observe": (
        "trackfox_contract.commands.observe",
        "contract",
        "Learn how a service reads the document's silences.",
    ),
    "compare": ("trackfox_contract.commands.compare", "contract", "Show where two services answer differently."),
    "proxy": (
        "trackfox_contract.commands.proxy",
        "contract",
        "Stand before the real service: show, judge and record what passes.",
    ),
    "webhook": ("trackfox_mock.commands.webhook", "", "Send an application what a payment provider would send."),
}

_HELP = """A local mock and contract-testing kit for TrackFox's attribute-payment endpoint (unofficial).

Start with:  trackfox-mock serve

Exit codes: 0 fine, 1 findings, 2 wrong usage, 3 could not start, 4 could not check.
"""


class _Commands(click.Group):
    """A group that imports a command only when it is called, so that --help costs nothing."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name in _FOR_PEOPLE:
            return _FOR_PEOPLE[cmd_name]
        if cmd_name not in _COMMANDS:
            raise click.UsageError(f"there is no command {cmd_name!r}; {suggestion(cmd_name, _COMMANDS)}", ctx)
        module, extra, _ = _COMMANDS[cmd_name]
        gc.disable()  # what an import makes stays: looking through it for what is to go takes a twentieth of the start
        try:
            command: click.Command = import_module(module).command
        except ModuleNotFoundError as problem:
            if not extra:
                raise
            raise TrackfoxMockError(
                f"{cmd_name} needs {problem.name}, which is not installed; "
                f"in a checkout of trackfox-mock: pip install '.[{extra}]'"
            ) from None
        finally:
            gc.enable()
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's signature
        with formatter.section("Commands"):
            formatter.write_dl([(name, line) for name, (_, _, line) in _COMMANDS.items()])


def _print_version(ctx: click.Context, _: click.Parameter, value: Any) -> None:
    if value:
        click.echo(f"trackfox-mock {VERSION}")
        ctx.exit()


@click.command("version")
def _version() -> None:
    """Show what --version shows."""
    click.echo(f"trackfox-mock {VERSION}")


@click.command("help")
@click.argument("name", required=False)
@click.pass_context
def _help(ctx: click.Context, name: str | None) -> None:
    """Show what --help shows, of all or of one command."""
    whole = ctx.parent
    assert whole is not None  # noqa: S101 - it is a command of the group
    if name is None:
        click.echo(whole.get_help())
        return
    command = group.get_command(whole, name)
    assert command is not None  # noqa: S101 - an unknown name was refused
    with click.Context(command, info_name=name, parent=whole) as own:
        click.echo(command.get_help(own))


_FOR_PEOPLE: dict[str, click.Command] = {"help": _help, "version": _version}
"""What people type as a command; the list of --help has them as flags."""


@click.group(cls=_Commands, help=_HELP, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    "-V",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_print_version,
    help="Show the version.",
)
def group() -> None:
    """What `--help` says stands in `_HELP`."""


def main() -> None:
    """Run a command; a failure that we foresaw is one sentence and an exit code."""
    # NO_COLOR means no colours, whatever its value (no-color.org); click would ask the terminal alone.
    colour = False if os.environ.get("NO_COLOR") else None
    _write_what_can_be_written()
    try:
        # A command that leaves with `Exit(1)` returns the 1 here, one that ends returns None: click catches the rest.
        sys.exit(group(prog_name="trackfox-mock", standalone_mode=False, color=colour))
    except click.ClickException as wrong:
        wrong.show()
        sys.exit(wrong.exit_code)
    except TrackfoxMockError as problem:
        click.echo(f"trackfox-mock: {problem}", err=True)
        sys.exit(problem.exit_code)
    except (KeyboardInterrupt, click.Abort):
        sys.exit(130)
    except OSError as problem:
        if problem.errno in {EPIPE, ENOSPC}:
            _give_up_the_output(problem)
        if problem.filename is None:
            raise
        click.echo(
            f"trackfox-mock: {problem.filename}: {problem.strerror}; check the path, and who may use it.", err=True
        )
        sys.exit(TrackfoxMockError.exit_code)


def _write_what_can_be_written() -> None:
    """A terminal of another encoding gets a question mark for a letter that it lacks, and no traceback."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


def _give_up_the_output(problem: OSError) -> None:
    """Standard output is closed or full: say so where that is possible, and leave nothing for Python to try again."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    if problem.errno == ENOSPC:
        with suppress(OSError):
            click.echo(f"trackfox-mock: standard output cannot be written: {problem.strerror}.", err=True)
    sys.exit(4)
