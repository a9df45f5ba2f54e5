"""The flags by which several processes or machines are one mock, and the store that they share."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click
import msgspec

from trackfox_mock.commands.options import WholeNumber, option
from trackfox_mock.errors import TrackfoxMockError
from trackfox_mock.model import Website
from trackfox_mock.release import VERSION
from trackfox_mock.world.inputs import Inputs, MakeStore
from trackfox_mock.world.world import World

if TYPE_CHECKING:
    from trackfox_mock.http.application import App

_OPTIONS = [
    option(
        "--store",
        twin="STORE",
        metavar="URL",
        help="Be one of several nodes that share all they know, in the Redis or Valkey at this address, as "
        "redis://127.0.0.1:6379/0.",
    ),
    option(
        "--store-prefix",
        twin="STORE_PREFIX",
        default="trackfox-mock:",
        show_default=True,
        help="What every name in the store begins with; nodes with another one share nothing.",
    ),
    option(
        "--workers",
        twin="WORKERS",
        type=WholeNumber(min=1),
        default=1,
        show_default=True,
        help="Answer with so many processes on one port; they need a --store.",
    ),
]


def sharing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The flags of a shared store."""
    for flag in reversed(_OPTIONS):
        function = flag(function)
    return function


class Kinds(NamedTuple):
    """What a node is made of: what makes its store, its world, and its application; None stands for the usual ones."""

    store: MakeStore | None
    world: type[World] = World
    app: type[App] | None = None


def sharing(
    url: str, prefix: str, inputs: Inputs, *, faults: Sequence[str], journal_size: int, refused: Mapping[str, object]
) -> Kinds:
    """What a node is made of that shares a store.

    Args:
        url: of the store.
        prefix: of all names in it.
        inputs: which all nodes must have alike.
        faults: from the start, alike as well.
        journal_size: how many requests are kept.
        refused: flags that do not go with a store, and what they were given as.

    Raises:
        UsageError: one of those flags is there.
        StoreAddressError: it is no such URL.
        TrackfoxMockError: the client of the store is not installed.
    """
    for flag, given in refused.items():
        if given:
            raise click.UsageError(f"{flag} does not go with --store; {_REASONS[flag]}")
    from trackfox_mock.tenants.shared.address import StoreAddress  # noqa: PLC0415 - only who asks for it pays for it

    address = StoreAddress(url, prefix)
    try:
        from trackfox_mock.http.shared import SharedApp  # noqa: PLC0415 - the same
        from trackfox_mock.tenants.shared.line import Line  # noqa: PLC0415 - the same
        from trackfox_mock.tenants.shared.store import SharedStore  # noqa: PLC0415 - the same
        from trackfox_mock.world.shared import SharedWorld  # noqa: PLC0415 - the same
    except ModuleNotFoundError as problem:
        raise TrackfoxMockError(
            f"--store needs {problem.name}, which is not installed; "
            "in a checkout of trackfox-mock: pip install '.[redis]'"
        ) from None
    line = Line(address)

    def store(websites: Sequence[Website], payments_limit: int | None) -> SharedStore:
        common = {
            "version": VERSION,
            "document": _digest_of(inputs.spec),
            "fixtures": _digest(msgspec.json.encode(websites)),
            "readings": _digest_of(inputs.readings, *inputs.assignments),
            "faults": _digest("\n".join(faults).encode()),
            "limits": f"{payments_limit or 'all'} {journal_size}",
        }
        return SharedStore(websites, payments_limit, line=line, common=common, requests_limit=journal_size)

    return Kinds(store, SharedWorld, SharedApp)


_REASONS = {
    "--state": "choose one of the two: a file of its own, or a store that others share.",
    "--keep-requests": "with --store all that --journal-size says are kept.",
    "--watch": "an edit would make one node another than the rest: end all of them, and start them with the edit.",
}


def _digest_of(file: Path | None, *words: str) -> str:
    return _digest(b"" if file is None else file.read_bytes(), "\n".join(words).encode())


def _digest(*parts: bytes) -> str:
    return sha256(b"\0".join(parts)).hexdigest()[:16]
