"""The file of `--state` as a store; JSON that earlier versions wrote there is taken over into a database once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path

from trackfox_mock.errors import StateError
from trackfox_mock.model import Website
from trackfox_mock.tenants import snapshot
from trackfox_mock.tenants.durable.database import is_json
from trackfox_mock.tenants.durable.sqlite import SqliteStore


def open_state(
    path: Path,
    fixtures: Sequence[Website],
    payments_limit: int | None = None,
    *,
    is_synced: bool = False,
    tell: Callable[[str], None],
) -> SqliteStore:
    """The store in a file, which is made where there is none.

    Args:
        path: the file; where it is a link, what it leads to.
        fixtures: the websites that are there without it.
        payments_limit: how many payments of each website are kept; None keeps all.
        is_synced: wait at every commit until the disk has it, which holds against loss of power.
        tell: told in a sentence if JSON was taken over.

    Raises:
        StateError: the file cannot be used; it is left as it is.
    """
    try:
        found = path.resolve()
    except (OSError, RuntimeError):
        raise StateError(path, "is a link that leads back to itself; choose another file for --state.") from None
    old = take_over(found, fixtures)
    if old is not None:
        tell(f"{path} was JSON of an earlier version; it is a SQLite database now, and the JSON is in {old.name}.")
    return SqliteStore(fixtures, payments_limit, path=found, is_synced=is_synced)


def take_over(path: Path, fixtures: Sequence[Website]) -> Path | None:
    """Put a database in the place of a JSON file; a file of another kind is left alone.

    Args:
        path: the file of `--state`, links resolved.
        fixtures: what the file tells its difference from.

    Returns:
        where the JSON is now; None where there was none.

    Raises:
        StateError: it cannot be read, or is not a snapshot; then it is left as it is.
    """
    if not is_json(path):
        return None
    try:
        change, payments = snapshot.read(snapshot.decoded(path))
    except ValueError as problem:
        raise StateError(path, f"{problem}. Delete it to start afresh.") from None
    beside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    beside.unlink(missing_ok=True)
    try:
        store = SqliteStore(fixtures, path=beside)
        store.replace(change, payments)
        store.close()
        return _swapped(path, beside)
    finally:
        beside.unlink(missing_ok=True)


def _swapped(path: Path, database: Path) -> Path:
    old = _free(path.with_name(f"{path.name}.before"))
    old.hardlink_to(path)
    database.replace(path)
    return old


def _free(path: Path) -> Path:
    number = 1
    found = path
    while found.exists():
        number += 1
        found = path.with_name(f"{path.name}.{number}")
    return found
