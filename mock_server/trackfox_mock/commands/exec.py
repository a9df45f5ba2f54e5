"""`trackfox-mock exec`: a command with a mock of its own."""

from __future__ import annotations

import json
import logging
import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import click

from trackfox_mock.commands.arrivals import Arrivals
from trackfox_mock.commands.doors import intercept_options
from trackfox_mock.commands.inputs import inputs_options
from trackfox_mock.commands.options import WholeNumber
from trackfox_mock.errors import TrackfoxMockError
from trackfox_mock.files.output_file import demand_writable
from trackfox_mock.http.application import create_app
from trackfox_mock.http.server import running
from trackfox_mock.model import Session
from trackfox_mock.redaction.masking import printable
from trackfox_mock.redaction.redactor import Redactor
from trackfox_mock.tenants.environment import environment
from trackfox_mock.world.inputs import Inputs
from trackfox_mock.world.world import World


@click.command(
    "exec",
    context_settings={"allow_interspersed_args": False},
    epilog="Exit code: the command's own, 128 and more for a signal; 3 if it could not be started; 1 under --strict.",
)
@inputs_options
@click.option(
    "--strict",
    is_flag=True,
    help="Exit 1 if a request was refused or looks wrong and nobody expected it, or if none came at all.",
)
@intercept_options
@click.option(
    "--local-port",
    "local_ports",
    multiple=True,
    type=WholeNumber(1, 65535),
    help="With --offline: a port of this machine that the command may reach all the same, as 5432; repeatable.",
)
@click.option("--json", "report", type=click.Path(path_type=Path), help="Write what arrived to this file.")
@click.argument("words", metavar="-- COMMAND...", nargs=-1, required=True, type=click.UNPROCESSED)
def command(
    *,
    spec: Path | None,
    fixtures: tuple[Path, ...],
    readings: Path | None,
    assignments: tuple[str, ...],
    strict: bool,
    intercept: bool,
    more_hosts: tuple[str, ...],
    ca_dir: Path | None,
    offline: bool,
    local_ports: tuple[int, ...],
    report: Path | None,
    words: tuple[str, ...],
) -> None:
    """Run a command against a mock on a free port, and tell what arrived.

    The command finds it by TRACKFOX_BASE_URL, TRACKFOX_WEBSITE_ID, TRACKFOX_API_TOKEN, TRACKFOX_VISITOR_ID and
    TRACKFOX_SESSION_ID: it posts to $TRACKFOX_BASE_URL/api/v1/attribute-payment.

    With --intercept it may have the real host written into it: its calls there reach the mock, over TLS that it trusts.

    As in:  trackfox-mock exec -- npm test
    """
    if not intercept and (more_hosts or ca_dir or offline or local_ports):
        raise click.UsageError("--intercept-host, --ca-dir, --offline and --local-port are for --intercept; add it.")
    _demand_usable(local_ports, offline=offline)
    demand_writable(report, "--json")
    world = Inputs(spec, fixtures, readings, assignments).world()
    arrivals = Arrivals(world, with_rows=report is not None)
    session = _first_session(world)
    # uvicorn warns of every broken request; a warning without a handler would land on the user's terminal.
    logging.getLogger("uvicorn.error").addHandler(logging.NullHandler())
    flags = {"more_hosts": more_hosts, "ca_dir": ca_dir, "is_offline": offline, "local_ports": local_ports}
    serving = _intercepting(world, flags) if intercept else _plainly(world)
    with serving as (base_url, more, start, notices):
        variables = {**os.environ, **environment(base_url, _token(world, session), session), **more}
        code = _run(start, words, variables)
    findings = list(findings_of(arrivals, code, nothing_came=_nothing_came(intercept=intercept, offline=offline)))
    for line in [*_summary(arrivals, findings), *(f"trackfox-mock: {printable(notice, None)}" for notice in notices)]:
        click.echo(line, err=True)
    if report is not None:
        _write(report, _report(world, arrivals, words, code, findings) | {"notices": list(notices)})
    if strict and code == 0 and (findings or arrivals.surprises):
        code = 1
    raise click.exceptions.Exit(code)


def _demand_usable(local_ports: Sequence[int], *, offline: bool) -> None:
    if local_ports and not offline:
        raise click.UsageError("--local-port is for --offline, without which the command reaches every port; add it.")
    if {80, 443} & {*local_ports}:
        raise click.UsageError("--local-port 80 and 443 are where the mock is for the command; expected another port.")


_Start = Callable[[Sequence[str], Mapping[str, str]], subprocess.Popen[bytes]]
_Serving = Iterator[tuple[str, Mapping[str, str], _Start, Sequence[str]]]
"""The base URL, more variables for the command, what starts it, and, filled while it runs, what went wrong on the way
to a request."""


@contextmanager
def _plainly(world: World) -> _Serving:
    with running(create_app(world)) as base_url:
        yield base_url, {}, _started, []


def _started(words: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(words, env=environment)  # noqa: S603 - the user's own command


@contextmanager
def _intercepting(world: World, flags: Mapping[str, Any]) -> _Serving:
    from trackfox_mock.commands.intercepting import intercepted  # noqa: PLC0415 - only who asks for it pays for it

    notices: list[str] = []
    with intercepted(world, notices.append, **flags) as command:
        yield command.base_url, command.variables, command.start or _started, notices


def _first_session(world: World) -> Session:
    """The first session there is, of a website that does not stand for a real one, if there is such a website."""
    firsts = (next(iter(world.store.sessions(website.website_id)), None) for website in world.store.websites())
    sessions = [session for session in firsts if session is not None]
    if not sessions:
        raise TrackfoxMockError("no website has a session, so no payment could be attributed; add one to the fixtures.")
    return next((one for one in sessions if one.website_id not in world.service.placeholders), sessions[0])


def _token(world: World, session: Session) -> str:
    website = world.store.website(session.website_id)
    return "" if website is None else website.api_token


def _run(start: _Start, words: Sequence[str], variables: Mapping[str, str]) -> int:
    """Run the command to its end; its exit code, or 128 and the number of the signal that ended it."""
    try:
        process = start(words, variables)
    except FileNotFoundError:
        raise TrackfoxMockError(f"there is no command {words[0]!r}; check its name, and PATH.") from None
    except OSError as problem:
        raise TrackfoxMockError(
            f"{words[0]!r} cannot be run: {problem.strerror}; check that it is executable."
        ) from None
    with _passing_on_signals(process):
        code = process.wait()
    return 128 - code if code < 0 else code


@contextmanager
def _passing_on_signals(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Leave it to the command how it ends: what would end us goes to it."""

    def pass_on(number: int, _: FrameType | None) -> None:
        # Ctrl-C reaches every process of a terminal's foreground group; a second one could cut short how it ends.
        if not (number == signal.SIGINT and _terminal_told_it()):
            process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _terminal_told_it() -> bool:
    try:
        with Path("/dev/tty").open("rb") as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except (OSError, AttributeError):
        return os.name == "nt"


_NOTHING_CAME = (
    "no request arrived: check that the command posts to $TRACKFOX_BASE_URL, or add --intercept if it has the "
    "real host written into it; docs/intercept.md names the clients that --intercept catches"
)
_NOTHING_WAS_CAUGHT = (
    "no request arrived: if the command called the real host, its client asks no proxy, and got past the mock; "
    "--offline catches it on Linux, and docs/intercept.md names the clients that are caught without"
)
_NOTHING_WAS_CALLED = (
    "no request arrived: check which host the command calls, and name it with --intercept-host if it is the service's"
)


def _nothing_came(*, intercept: bool, offline: bool) -> str:
    if not intercept:
        return _NOTHING_CAME
    return _NOTHING_WAS_CALLED if offline else _NOTHING_WAS_CAUGHT


def findings_of(arrivals: Arrivals, code: int, *, nothing_came: str = _NOTHING_CAME) -> Iterator[str]:
    """What the requests tell together with the command's exit code, and none of them alone.

    Args:
        arrivals: what came.
        code: the command's.
        nothing_came: what is told where nothing did.
    """
    refused = arrivals.refused - arrivals.expected
    if not arrivals.total:
        yield nothing_came
    elif refused and code == 0:
        came = "a request was refused" if refused == 1 else f"{refused} requests were refused"
        yield f"the command ended with 0 although {came}: check that it looks at the status"
    yield from arrivals.missed


def _summary(arrivals: Arrivals, findings: Sequence[str]) -> Iterator[str]:
    total = arrivals.total
    arrived = "1 request arrived" if total == 1 else f"{total} requests arrived"
    expected = f" ({arrivals.expected} as expected)" if arrivals.expected else ""
    faulted = f"{arrivals.faulted} faulted, " if arrivals.faulted else ""
    refused = f"{arrivals.refused} refused{expected}"
    yield (
        f"trackfox-mock: {arrived}: "
        f"{arrivals.attributed} attributed, {refused}, {faulted}{arrivals.advised} with advice"
    )
    if total > len(arrivals.lines):
        yield f"the last {len(arrivals.lines)}:"
    yield from arrivals.lines
    yield from (f"trackfox-mock: {finding}" for finding in findings)
    if arrivals.surprises:
        mend = "say so with Prefer: expect=RULE, or by POST /__admin/expectations"
        yield f"trackfox-mock: if a refusal was meant to come, {mend}"


def _report(
    world: World, arrivals: Arrivals, words: Sequence[str], code: int, findings: Sequence[str]
) -> dict[str, Any]:
    return {
        "command": [Redactor(world).text(word) for word in words],
        "exit_code": code,
        "total": arrivals.total,
        "findings": list(findings),
        "requests": list(arrivals.rows),
    }


def _write(path: Path, data: Any) -> None:
    try:
        path.write_text(json.dumps(data, indent=2) + "\n", encoding="utf-8")
    except OSError as problem:
        raise TrackfoxMockError(
            f"{path} cannot be written: {problem.strerror}; choose another file for --json."
        ) from None
