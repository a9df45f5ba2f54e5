"""The flags of HTTPS and interception, and what `serve` makes of them."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any

import click

from trackfox_mock.commands.options import WholeNumber, option
from trackfox_mock.http.server import Entrance
from trackfox_mock.redaction.masking import printable
from trackfox_mock.tenants.fixtures import iso_time
from trackfox_mock.world.world import World

_PATH = click.Path(path_type=Path)
_HTTPS = [
    option("--https", twin="HTTPS", is_flag=True, help="Answer HTTPS beside HTTP, on the same port."),
    option(
        "--https-port",
        twin="HTTPS_PORT",
        type=WholeNumber(0, 65535),
        help="Answer HTTPS on this port too; 0 takes a free one.",
    ),
]
_INTERCEPT = [
    option(
        "--intercept",
        twin="INTERCEPT",
        is_flag=True,
        help="Be the real host, for clients that use the mock as their proxy.",
    ),
    option(
        "--intercept-host",
        "more_hosts",
        twin="INTERCEPT_HOST",
        multiple=True,
        metavar="HOST",
        help="Answer calls of this host too, as api.example.com or *.example.com; repeatable.",
    ),
    option(
        "--offline",
        twin="OFFLINE",
        is_flag=True,
        help="With --intercept: refuse calls of any other host. Under exec on Linux the command gets a network of its "
        "own, which leads to the mock alone.",
    ),
    option(
        "--ca-dir",
        twin="CA_DIR",
        type=_PATH,
        help="Keep the certificate authority of HTTPS here; without it a new one is made for each run.",
    ),
]


def intercept_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The flags of --intercept."""
    for flag in reversed(_INTERCEPT):
        function = flag(function)
    return function


def https_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The flags of HTTPS."""
    for flag in reversed(_HTTPS):
        function = flag(function)
    return function


Doors = tuple[Entrance | None, Sequence[socket.socket], Sequence[str]]
"""What stands before every connection, further listeners, and the lines that tell of both."""


@contextmanager
def _no_doors() -> Iterator[Doors]:
    yield None, [], []


def doors_of(
    world: World,
    listener: socket.socket,
    log_format: str,
    say: Callable[[str], None],
    *,
    https: bool,
    **options: Any,
) -> AbstractContextManager[Doors]:
    """What `serve` needs for its flags of HTTPS and interception; nothing is loaded where none was given.

    Raises:
        UsageError: a flag is there without the one that it belongs to.
    """
    if not options["is_proxy"] and (options["more_hosts"] or options["is_offline"]):
        raise click.UsageError("--intercept-host and --offline are for --intercept; add it.")
    if not https and not options["is_proxy"]:
        if options["ca_dir"]:
            raise click.UsageError("--ca-dir is for --https and --intercept; add one of them.")
        return _no_doors()
    from trackfox_mock.commands.intercepting import doors  # noqa: PLC0415 - only who asks for it pays for it

    return doors(world, partial(_notice, log_format, say), listener, **options)


def _notice(log_format: str, say: Callable[[str], None], sentence: str) -> None:
    """Tell of what happened on the way to a request and is none."""
    now = time.time()
    with suppress(BrokenPipeError):
        if log_format == "json":
            say(json.dumps({"time": iso_time(now), "notice": sentence}))
        elif log_format == "text":
            say(f"{time.strftime('%H:%M:%S', time.localtime(now))}  ---  {printable(sentence)}")


def overhearing(log_format: str, say: Callable[[str], None]) -> Callable[[bytes], None]:
    """Tells, once each, of clients that take a port of plain HTTP for one of HTTPS, or for a proxy."""
    told: set[str] = set()

    def overhear(data: bytes) -> None:
        sentence = _MISTAKEN.get(data[:1], _MISTAKEN.get(data[:8], ""))
        if sentence and sentence not in told:
            told.add(sentence)
            _notice(log_format, say, sentence)

    return overhear


_MISTAKEN = {
    b"\x16": "a client speaks TLS here, and this is plain HTTP: call http:// instead, or start with --https.",
    b"CONNECT ": "a client takes this for a proxy: start with --intercept, or exec --intercept (docs/intercept.md).",
}
