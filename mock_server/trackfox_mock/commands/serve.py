"""`trackfox-mock serve`: the mock in the foreground."""

from __future__ import annotations

import asyncio
import gc
import logging
import sys
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from trackfox_mock.commands.doors import doors_of, https_options, intercept_options, overhearing
from trackfox_mock.commands.inputs import inputs_options
from trackfox_mock.commands.options import WholeNumber, option
from trackfox_mock.commands.serving import watching
from trackfox_mock.commands.serving.admission import admission_options, admitted, demand_origins, given_token
from trackfox_mock.commands.serving.greeting import greeting, page, summary
from trackfox_mock.commands.serving.process import end_cleanly, spare_the_collector
from trackfox_mock.commands.serving.sharing import Kinds, sharing, sharing_options
from trackfox_mock.faults.effects import FAULTS
from trackfox_mock.faults.preferences import parse_fault
from trackfox_mock.files.output_file import demand_writable
from trackfox_mock.http import server
from trackfox_mock.http.application import create_app
from trackfox_mock.world.inputs import Inputs, MakeStore
from trackfox_mock.world.log import Log, json_line, json_note, text_line, text_note
from trackfox_mock.world.output import Output

if TYPE_CHECKING:
    from trackfox_mock.commands.serving.crew import Worker

_READABLE = 1000  # lines of a flood; nobody reads more, and what a load test sends should not wait for them


_LOST = "\n".join(f"{'':24}{name}" for name in FAULTS)
_PATH = click.Path(path_type=Path)

_EPILOG = f"""Every flag can be given in the environment, as the name in brackets.

\b
The words of --fault, joined by commas. What happens:
  code=503              this status instead of the answer
  fault=NAME            NAME is one of
{_LOST}
  delay=250             milliseconds; delay=100-400, delay=lognormal:90:0.4
  dribble=5/1000        the body in 5 pieces, over 1000 milliseconds
To which requests:
  website=ID            those of one website; else all
  skip=2                leave the first 2 alone
  first=1               hit 1 of them, then no more
  probability=0.1       hit one in ten
  seed=7                the same ones every time
  ttl=60                stop after so many seconds
When:
  phase=after-commit    the payment is recorded, and then the answer is lost
  phase=before          nothing is recorded; this is the default
"""


@click.command("serve", epilog=_EPILOG)
@option("--host", twin="HOST", default="127.0.0.1", show_default=True, help="The address to listen on.")
@option("--expose", twin="EXPOSE", is_flag=True, help="Allow a --host that other machines can reach.")
@option(
    "--port",
    twin="PORT",
    type=WholeNumber(0, 65535),
    default=4012,
    show_default=True,
    help="0 takes a free one.",
)
@option(
    "--port-file",
    twin="PORT_FILE",
    type=_PATH,
    help="Write the port there once it is ready.",
)
@inputs_options
@option(
    "--state",
    twin="STATE",
    type=_PATH,
    help="Keep payments, and whatever is changed, in this SQLite file; nothing that was answered is lost.",
)
@option(
    "--state-sync",
    twin="STATE_SYNC",
    type=click.Choice(["normal", "full"]),
    default="normal",
    show_default=True,
    help="normal holds against the end of the process, full against loss of power too, and is slower.",
)
@option(
    "--keep-requests",
    twin="KEEP_REQUESTS",
    type=WholeNumber(min=0),
    default=0,
    help="Keep the newest so many requests in the file of --state, too.",
)
@sharing_options
@option(
    "--payments-limit",
    twin="PAYMENTS_LIMIT",
    type=WholeNumber(min=1),
    help="Keep only so many payments a website, the newest ones.",
)
@option(
    "--journal-size",
    twin="JOURNAL_SIZE",
    type=WholeNumber(min=1),
    default=1000,
    show_default=True,
    help="How many requests are kept.",
)
@option(
    "--watch",
    twin="WATCH",
    is_flag=True,
    help="Read the document, fixtures and readings again when they are edited; state is kept.",
)
@option(
    "--cors",
    twin="CORS",
    multiple=True,
    metavar="ORIGIN",
    help="Let browsers of this origin call it; repeatable, * for any.",
)
@option(
    "--fault",
    "faults",
    twin="FAULT",
    multiple=True,
    metavar="WORDS",
    help="Break answers on purpose, as code=503,first=2; repeatable. The words are below.",
)
@option("--open", "opens", twin="OPEN", is_flag=True, help="Open the page in a browser once it is ready.")
@option(
    "--report",
    "reports",
    twin="REPORT",
    type=_PATH,
    multiple=True,
    help="What `verify --json`, `exec --json` or `pytest --trackfox-report` writes, for the page; repeatable.",
)
@https_options
@intercept_options
@option("--show-secrets", twin="SHOW_SECRETS", is_flag=True, help="Show tokens and e-mails in full.")
@admission_options
@option(
    "--log-format",
    twin="LOG_FORMAT",
    type=click.Choice(["text", "json", "none"]),
    default="text",
    show_default=True,
    help="The line a request; of a flood text prints the first 1,000, then 100 a second.",
)
def command(
    *,
    host: str,
    expose: bool,
    port: int,
    port_file: Path | None,
    spec: Path | None,
    fixtures: tuple[Path, ...],
    readings: Path | None,
    assignments: tuple[str, ...],
    state: Path | None,
    state_sync: str,
    keep_requests: int,
    store: str | None,
    store_prefix: str,
    workers: int,
    payments_limit: int | None,
    journal_size: int,
    watch: bool,
    cors: tuple[str, ...],
    faults: tuple[str, ...],
    opens: bool,
    reports: Sequence[Path],
    https: bool,
    https_port: int | None,
    intercept: bool,
    more_hosts: tuple[str, ...],
    offline: bool,
    ca_dir: Path | None,
    show_secrets: bool,
    admin_token: str | None,
    admin_token_file: Path | None,
    log_format: str,
) -> None:
    """Serve the endpoint on this machine, until Ctrl-C.

    Point your application at the address of the ready line. Everything that arrives is shown, one line a request.
    """
    gc.disable()  # until it is ready, when nothing that was made so far is looked at again
    click.get_current_context().call_on_close(gc.enable)
    token, address = given_token(admin_token, admin_token_file), server.address_of(host)
    access = admitted(host, address, token, expose=expose, show_secrets=show_secrets)
    demand_origins(cors)
    demand_writable(port_file, "--port-file")
    inputs = Inputs(spec, fixtures, readings, assignments)
    apart = {"--https": https, "--https-port": https_port, "--intercept": intercept}
    worker, port, port_file = _place(workers, address, port, port_file, store=store, apart=apart)
    refused = {"--state": state, "--keep-requests": keep_requests, "--watch": watch}
    shared = (
        sharing(store, store_prefix, inputs, faults=faults, journal_size=journal_size, refused=refused)
        if store
        else Kinds(_store(state, is_synced=state_sync == "full"))
    )
    world = inputs.world(
        journal_size=journal_size,
        payments_limit=payments_limit,
        faults=[parse_fault(words) for words in faults],
        store=shared.store,
        requests_kept=_kept_requests(keep_requests, state),
        kind=shared.world,
    )
    is_json = log_format == "json"
    colour = click.get_current_context().color
    say = Output(sys.stdout, json_note if is_json else text_note, colour=colour)
    log = Log(partial(json_line if is_json else text_line, world), say, None if is_json else _READABLE)
    if log_format != "none":
        world.logs.append(log)
    listener = server.bind(address, port, is_shared=worker is not None)
    url = server.base_url(listener)
    tasks = _Tasks()
    doors = doors_of(
        world,
        listener,
        log_format,
        say,
        https=https or https_port is not None,
        https_port=https_port,
        more_hosts=more_hosts,
        ca_dir=ca_dir,
        host=address,
        is_proxy=intercept,
        is_offline=offline,
        is_exposed=access.exposed,
    )

    def on_ready() -> None:
        if port_file:
            port_file.write_text(f"{listener.getsockname()[1]}\n", encoding="utf-8")
        greetings = [greeting(world, inputs, url, listener.getsockname()[1] if access.exposed else None)]
        if access.token and not token:
            greetings.append(f"The control API, {url}/__admin, needs this header:  X-Admin-Token: {access.token}")
        _announce(say, worker, greetings, "\n".join([*told, f"trackfox-mock ready on {url}"]))
        spare_the_collector()
        if opens and _greets(worker):
            _open(page(url))
        if watch and inputs.files:
            tasks.start(watching.watch(inputs, world, say, Output(sys.stderr, text_note, colour=colour)))

    end_cleanly()
    # uvicorn warns of every broken request; a warning without a handler would land on the user's terminal.
    logging.getLogger("uvicorn.error").addHandler(logging.NullHandler())
    try:
        with suppress(KeyboardInterrupt), doors as (entrance, more_listeners, told):
            app = create_app(
                world,
                cors=cors,
                access=access,
                reports=reports,
                overhear=overhearing(log_format, say),
                kind=shared.app,
            )
            server.run(app, [listener, *more_listeners], on_ready, entrance)
    finally:
        log.flush()
        world.store.close()
        say(summary(world, log_format) if worker is None else "")
        if port_file:
            port_file.unlink(missing_ok=True)
        say.end()


def _place(
    workers: int,
    address: str,
    port: int,
    port_file: Path | None,
    *,
    store: str | None,
    apart: Mapping[str, object],
) -> tuple[Worker | None, int, Path | None]:
    """Which of several workers this process is, the port of all of them, and the file that it still has to write."""
    if workers == 1:
        return None, port, port_file
    from trackfox_mock.commands.serving.crew import crew_of, demand_crew  # noqa: PLC0415 - few ask for it

    demand_crew(workers, store, apart)
    return (*crew_of(workers, address, port, port_file), None)


def _greets(worker: Worker | None) -> bool:
    return worker is None or worker.is_first


def _announce(say: Output, worker: Worker | None, greetings: Sequence[str], ready: str) -> None:
    """Say that it answers; of several workers one greets, and who watches over them says that all are ready."""
    for text in greetings if _greets(worker) else ():
        say(text)
    if worker is None:
        say(ready)
    else:
        say.end()
        worker.ready()


def _store(state: Path | None, *, is_synced: bool) -> MakeStore | None:
    """What makes the store of a world: none, so that it is in memory, or the file of --state."""
    if state is None:
        return None
    from trackfox_mock.tenants.durable.state_file import open_state  # noqa: PLC0415 - only who asks for it pays for it

    return partial(open_state, state, is_synced=is_synced, tell=partial(click.echo, err=True))


def _kept_requests(wanted: int, state: Path | None) -> int:
    if wanted and state is None:
        raise click.UsageError("--keep-requests came without --state; give the file that they are to be kept in.")
    return wanted


def _open(address: str) -> None:
    import webbrowser  # noqa: PLC0415 - only who asks for it pays for it
    from threading import Thread  # noqa: PLC0415 - the same

    # A browser of the terminal lasts until its user leaves it, and requests are to be answered meanwhile.
    Thread(target=webbrowser.open, args=(address,), daemon=True).start()


class _Tasks:
    """Background work of the server's loop; a reference is kept, as asyncio keeps none."""

    def __init__(self) -> None:
        self.running: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> None:
        self.running.add(asyncio.get_running_loop().create_task(work))
