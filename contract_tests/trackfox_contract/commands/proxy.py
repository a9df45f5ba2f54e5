"""`trackfox-mock proxy`: the mock before the real service."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import click

from trackfox_contract.commands.asking import demand_extra, demand_usable
from trackfox_mock import (
    Entry,
    Inputs,
    Log,
    Readings,
    TrackfoxMockError,
    World,
    create_app,
    parse_fault,
    printable,
    running,
    text_line,
)

if TYPE_CHECKING:
    from trackfox_contract.proxy.recording import Recording

_PATH = click.Path(path_type=Path)
_MOST_LINES = 1000
_PAUSE_SECONDS, _PAUSE_FACTOR = 1.0, 20
"""Between two times that a recording is written: at least so long, and so many times what the last one took."""


@click.command("proxy")
@click.argument("url")
@click.option("--fixtures", multiple=True, type=_PATH, help="Websites that the service knows (YAML or JSON).")
@click.option("--spec", type=_PATH, help="Another OpenAPI document than the built-in one.")
@click.option("--readings", type=_PATH, help="A file of readings: what the mock would have answered goes by them.")
@click.option("--port", type=click.IntRange(0, 65535), default=4012, show_default=True, help="0 takes a free one.")
@click.option("--errors", is_flag=True, help="Refuse what breaks the document; it never reaches the service.")
@click.option("--record", type=_PATH, help="Write what passes to this folder, to replay it offline.")
@click.option("--emails", is_flag=True, help="With --record: write e-mail addresses as they are.")
@click.option("--learn", is_flag=True, help="Read the document's silences as the service is seen to read them.")
@click.option("--fault", "faults", multiple=True, metavar="WORDS", help="Break answers on purpose; see serve --help.")
@click.option("--insecure", is_flag=True, help="Look at no certificate of the service's; every line says so.")
@click.option("--production", is_flag=True, help="Allow a host that the document names: real payments pass.")
@click.option(
    "--timeout",
    type=click.FloatRange(min=0.1),
    default=30.0,
    show_default=True,
    help="Seconds until a whole answer of the service must be there.",
)
def command(
    *,
    url: str,
    fixtures: tuple[Path, ...],
    spec: Path | None,
    readings: Path | None,
    port: int,
    errors: bool,
    record: Path | None,
    emails: bool,
    learn: bool,
    faults: tuple[str, ...],
    insecure: bool,
    production: bool,
    timeout: float,
) -> None:
    """Stand before the real service until Ctrl-C: pass each call on, answer with what came, and show it.

    Beside each answer stands what the mock would have answered, and by clause whether the contract is kept. Only the
    documented endpoint is passed on, and only to URL.
    """
    demand_extra("proxy")
    world = Inputs(spec, fixtures, readings).world(faults=[parse_fault(words) for words in faults])
    demand_usable(url, world, fixtures)
    _demand_permission(url, world, production=production)
    if emails and record is None:
        raise click.UsageError("--emails is for --record, which writes what passes; add it.")
    from trackfox_contract.oracle.document import Document  # noqa: PLC0415 - only a real run needs these
    from trackfox_contract.oracle.known import KnownWebsites  # noqa: PLC0415 - the same
    from trackfox_contract.proxy.learner import Learner  # noqa: PLC0415 - the same
    from trackfox_contract.proxy.recording import Recording  # noqa: PLC0415 - the same
    from trackfox_contract.proxy.relay import Relay, Watcher  # noqa: PLC0415 - the same
    from trackfox_contract.proxy.upstream import Upstream  # noqa: PLC0415 - the same

    known = KnownWebsites(Document.of(world.api), world.fixtures)
    on_learnt = _reading_it(world) if learn else _only_telling
    learner = Learner(world.api, known, Readings(), on_learnt, _notice)
    recording = Recording(record, world.fixtures, learner, emails=emails) if record else None
    watchers: list[Watcher] = [learner] if learn or record else []
    watchers += [recording] if recording else []
    upstream = Upstream(url, insecure=insecure, timeout=timeout)
    relay = Relay(world, known, upstream, refuses_errors=errors, watchers=tuple(watchers))
    log = Log(_line(world, upstream.host, insecure=insecure), _say, _MOST_LINES)
    world.listeners.append(log)
    greeting = _greeting(url, world, production=production, insecure=insecure)
    _serve(create_app(world, answering=relay), port, greeting, recording)
    log.flush()
    if recording is not None:
        _end(recording)


def _demand_permission(url: str, world: World, *, production: bool) -> None:
    """The documented hosts are the real service, where payments are real.

    Raises:
        UsageError: it is one of them, and nobody said that this is meant.
    """
    host = (urlsplit(url).hostname or "").rstrip(".").lower()
    if host in {urlsplit(server).hostname for server in world.api.servers} and not production:
        raise click.UsageError(
            f"{host} is the real service: every payment that passes is recorded there. If that is meant, "
            "add --production."
        )


def _greeting(url: str, world: World, *, production: bool, insecure: bool) -> Sequence[str]:
    lines = [f"{world.api.method} {world.api.path} is passed on to {url}, and nothing else is passed on."]
    if production:
        lines.append("With --production: this may be the real service, and whatever it accepts is a real payment.")
    if insecure:
        lines.append("With --insecure: nobody knows whether it is the service that answers.")
    return lines


def _serve(app: Any, port: int, greeting: Sequence[str], recording: Recording | None) -> None:
    """In the foreground, until Ctrl-C or SIGTERM."""

    def leave(_: int, __: FrameType | None) -> None:
        raise KeyboardInterrupt

    logging.getLogger("uvicorn.error").addHandler(logging.NullHandler())
    signal.signal(signal.SIGTERM, leave)
    with suppress(KeyboardInterrupt), running(app, port=port) as base_url, _written(recording):
        _say("\n".join([*greeting, f"trackfox-mock ready on {base_url}"]))
        threading.Event().wait()


@contextmanager
def _written(recording: Recording | None) -> Iterator[None]:
    """Have a recording written every second in which something came, so that little is lost however this ends."""
    if recording is None:
        yield
        return
    recording.write()
    is_over = threading.Event()
    thread = threading.Thread(target=_write_meanwhile, args=(recording, is_over), daemon=True)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _write_meanwhile(recording: Recording, is_over: threading.Event) -> None:
    pause, told = _PAUSE_SECONDS, set[str]()
    while not is_over.wait(pause):
        began = time.monotonic()
        try:
            recording.write()
        except TrackfoxMockError as problem:
            if str(problem) not in told:
                _notice(str(problem))
            told.add(str(problem))
        pause = max(_PAUSE_SECONDS, _PAUSE_FACTOR * (time.monotonic() - began))


def _line(world: World, host: str, *, insecure: bool) -> Callable[[Entry], str]:
    def line(entry: Entry) -> str:
        text = text_line(world, entry)
        relayed = entry.relayed
        if relayed is not None and entry.payment is not None:
            text += f"  {printable(relayed.sentence)}"
        return f"{text}  {host}{'  INSECURE' if insecure else ''}"

    return line


def _reading_it(world: World) -> Callable[[str, str, str], None]:
    def read(silence: str, value: str, evidence: str) -> None:
        chosen = world.service.readings.reading(silence)
        if chosen.provenance == "observed" and chosen.value != value:
            _notice(f"{silence} is read as {chosen.value}, as observed, and was seen as {value} now: it stays")
            return
        world.services.change(None, {silence: {"value": value, "provenance": "observed"}})
        _notice(f"learnt: {silence} is {value} ({evidence})")

    return read


def _only_telling(silence: str, value: str, evidence: str) -> None:
    _notice(f"seen: {silence} is {value} ({evidence})")


def _notice(sentence: str) -> None:
    _say(f"{time.strftime('%H:%M:%S')}  ---  {printable(sentence)}")


def _end(recording: Recording) -> None:
    recording.write()
    folder = recording.folder
    _say(f"Recorded in {folder}. To replay it, with the tokens in {', '.join(recording.variables.values())}:")
    _say(f"  trackfox-mock serve --fixtures {folder}/websites.yaml --readings {folder}/readings.yaml")
    if recording.left_out:
        _say(f"{recording.left_out} more exchanges came than are kept.")


def _say(text: str) -> None:
    with suppress(BrokenPipeError):
        click.echo(text)
