"""Who may use the control API of a served mock: from the flags, and from what the address turns out to be."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from ipaddress import ip_address
from pathlib import Path
from secrets import token_urlsafe
from typing import Any
from urllib.parse import urlsplit

import click
from click.core import ParameterSource

from trackfox_mock.commands.options import option
from trackfox_mock.errors import AdminTokenError
from trackfox_mock.http.access import USABLE, Access

_TOKEN = "TRACKFOX_MOCK_ADMIN_TOKEN"  # noqa: S105 - the name of a variable
_FILE = "TRACKFOX_MOCK_ADMIN_TOKEN_FILE"
_LARGEST_FILE = 4096
_ALL_CAN_READ_IT = (
    "trackfox-mock: every user of this machine can read --admin-token in the list of processes; "
    f"rather set {_TOKEN}, or give --admin-token-file."
)

_OPTIONS = (
    option(
        "--admin-token",
        twin="ADMIN_TOKEN",
        help="What every call of /__admin must carry; with --expose, one is made and printed if none is given. "
        "On the command line every user of this machine can read it: rather use the variable, or a file.",
    ),
    option(
        "--admin-token-file",
        twin="ADMIN_TOKEN_FILE",
        type=click.Path(path_type=Path),
        help="A file with that token on its only line.",
    ),
)


def admission_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The flags --admin-token and --admin-token-file."""
    for flag in reversed(_OPTIONS):
        function = flag(function)
    return function


def given_token(token: str | None, file: Path | None) -> str | None:
    """The token that was given, in one way or another; None where none was.

    Raises:
        AdminTokenError: it is empty, or the file cannot be used.
        UsageError: it was given twice.
    """
    for variable in (_TOKEN, _FILE):
        if os.environ.get(variable) == "":
            raise AdminTokenError(f"{variable} is set, and empty; expected {USABLE}, or unset it.")
    if token is not None and file is not None:
        raise click.UsageError("--admin-token and --admin-token-file were both given; expected one of them.")
    if click.get_current_context().get_parameter_source("admin_token") is ParameterSource.COMMANDLINE:
        click.echo(_ALL_CAN_READ_IT, err=True)
    return token if file is None else _read(file)


def _read(file: Path) -> str:
    try:
        with file.open("rb") as opened:
            content = opened.read(_LARGEST_FILE + 1)
    except OSError as problem:
        raise AdminTokenError(
            f"--admin-token-file {file} cannot be read: {problem.strerror}; check the path."
        ) from None
    lines = content.decode("utf-8", "replace").splitlines()
    if len(content) > _LARGEST_FILE or len(lines) != 1:
        raise AdminTokenError(f"--admin-token-file {file} has {len(lines)} lines; expected one, with {USABLE}.")
    return lines[0]


def admitted(host: str, address: str, token: str | None, *, expose: bool, show_secrets: bool) -> Access:
    """Who may use the control API: on an address that others can reach, whoever has the token.

    Args:
        host: what was asked for.
        address: what that stands for; a name proves nothing.
        token: what was given.
        expose: whether others may reach it.
        show_secrets: whether tokens and e-mails are shown in full.

    Raises:
        AdminTokenError: the token is empty, or no header field can carry it.
        UsageError: others can reach the address, and nobody said that they may.
    """
    if ip_address(address).is_loopback:
        return Access(token, show_secrets=show_secrets)
    if not expose:
        what = host if host == address else f"{host} is {address}, which"
        raise click.UsageError(
            f"--host {what} can be reached by other machines. If that is what you want, say so with --expose."
        )
    return Access(token_urlsafe(18) if token is None else token, exposed=True, show_secrets=show_secrets)


def demand_origins(origins: Sequence[str]) -> None:
    """Make sure that `--cors` was given origins, as a browser names them.

    Raises:
        UsageError: one is none; no browser's page would ever be let in by it.
    """
    for origin in origins:
        parts = urlsplit(origin)
        if origin != "*" and (not parts.netloc or origin != f"{parts.scheme}://{parts.netloc}".lower()):
            raise click.UsageError(
                f"--cors came with {origin!r}; expected an origin alone, as http://localhost:3000, without a path or a "
                "slash at its end, or * for any."
            )
