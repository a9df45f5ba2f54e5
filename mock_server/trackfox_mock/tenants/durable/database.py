"""The SQLite file of `--state`: opened for one server alone, made where there is none, JSON of earlier taken over."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import msgspec

from trackfox_mock.errors import StateError, StorageError

FORMAT = 1
"""What `PRAGMA user_version` says; a file with a higher one was written by a later version."""

_APPLICATION = 0x74664D6B  # "tfMk", as `PRAGMA application_id`
_MAGIC = b"SQLite format 3\0"
_WAL_PAGES = 4000  # of 4 KiB each; then what is in the log is moved into the file

_SCHEMA = """
create table removed (website_id text primary key) without rowid;
create table websites (
    place integer primary key, website_id text not null unique, api_token text not null, name text not null
);
create table sessions (
    place integer primary key, website_id text not null, session_id text not null, visitor_id text not null,
    occurred_at real, attribution text not null
);
create table payments (
    number integer primary key, website_id text not null, ordinal integer not null, recorded_at real not null,
    revenue not null, email text not null,
    session_id text not null, visitor_id text not null, occurred_at real, attribution text not null,
    further text
);
create index payments_of_website on payments (website_id);
create table requests (number integer primary key, entry blob not null);
create table kept (name text primary key, value blob not null) without rowid;
"""


def is_json(path: Path) -> bool:
    """Whether there is a file that is no database, so that it may be JSON of an earlier version.

    Raises:
        StateError: it cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(len(_MAGIC))
    except FileNotFoundError:
        return False
    except OSError as problem:
        raise StateError(path, f"cannot be read: {problem.strerror}; choose another file for --state.") from None
    return bool(start) and start != _MAGIC


def open_database(path: Path, *, is_synced: bool = False) -> sqlite3.Connection:
    """Open a state file for this process alone; make it where there is none, or an empty one.

    Args:
        path: the file, links resolved.
        is_synced: wait at every commit until the disk has it, which holds against loss of power.

    Raises:
        StateError: it is in use, broken, read-only, of a later version, or something else's.
    """
    with told(path):
        _create(path)
        connection = sqlite3.connect(path, timeout=0, isolation_level=None, cached_statements=64)
    try:
        with told(path):
            _prepare(connection, path, is_synced=is_synced)
    except BaseException:
        connection.close()
        raise
    return connection


def _create(path: Path) -> None:
    """Make an empty file that only its owner may read, as there will be tokens and e-mails; one that is there stays."""
    os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))


def _prepare(connection: sqlite3.Connection, path: Path, *, is_synced: bool) -> None:
    connection.execute("pragma locking_mode = exclusive")
    connection.execute("begin immediate")  # which takes the lock, and tells whether the file can be written
    found, version = _number(connection, "application_id"), _number(connection, "user_version")
    is_new = not connection.execute("select count(*) from sqlite_master").fetchone()[0]
    if not is_new and found != _APPLICATION:
        raise StateError(path, "is a SQLite database of something else; choose another file for --state.")
    if version > FORMAT:
        raise StateError(
            path,
            f"is of a later version of trackfox-mock: its format is {version}, and this version reads up to {FORMAT}; "
            "use the later version, or choose another file for --state.",
        )
    if is_new:
        for statement in _SCHEMA.split(";")[:-1]:
            connection.execute(statement)
        connection.execute(f"pragma application_id = {_APPLICATION}")
        connection.execute(f"pragma user_version = {FORMAT}")
    connection.execute("commit")
    connection.execute("pragma journal_mode = wal")
    connection.execute(f"pragma synchronous = {'full' if is_synced else 'normal'}")
    connection.execute(f"pragma wal_autocheckpoint = {_WAL_PAGES}")
    connection.execute("begin immediate")
    connection.execute("commit")


def _number(connection: sqlite3.Connection, pragma: str) -> int:
    return int(connection.execute(f"pragma {pragma}").fetchone()[0])


_ILLEGIBLE = (AttributeError, msgspec.MsgspecError, OverflowError, TypeError, ValueError)
"""What comes of rows that are not as they were written."""


@contextmanager
def told(path: Path) -> Iterator[None]:
    """What goes wrong while a file is opened or read, as a sentence for who chose it."""
    try:
        yield
    except OSError as problem:
        raise StateError(path, f"cannot be written: {problem.strerror}; choose another file for --state.") from None
    except sqlite3.Error as problem:
        raise StateError(path, _SENTENCES.get(_code(problem), f"cannot be used: {problem}; choose another.")) from None
    except _ILLEGIBLE:
        raise StateError(path, _SENTENCES[sqlite3.SQLITE_CORRUPT]) from None


@contextmanager
def legible(path: Path) -> Iterator[None]:
    """What goes wrong while a file is read that is served already, as a sentence for who asked."""
    try:
        yield
    except (sqlite3.Error, *_ILLEGIBLE):
        raise StorageError(_damaged(path)) from None


def failure(path: Path, problem: sqlite3.Error) -> StorageError:
    """Why something could not be written down, as a sentence for who sent it."""
    if _code(problem) == sqlite3.SQLITE_FULL:
        return StorageError(f"{path.name} cannot be written, as its disk is full; make room, and it goes on by itself.")
    if _code(problem) == sqlite3.SQLITE_CORRUPT:
        return StorageError(_damaged(path))
    return StorageError(f"{path.name} cannot be written: {problem}; see to it, and it goes on by itself.")


def _damaged(path: Path) -> str:
    return f"{path.name} cannot be read: parts of it are damaged; end the mock, and put back a copy."


def _code(problem: sqlite3.Error) -> int:
    return getattr(problem, "sqlite_errorcode", 0) & 0xFF


_SENTENCES = {
    sqlite3.SQLITE_BUSY: "is in use by another server; give each its own file for --state.",
    sqlite3.SQLITE_LOCKED: "is in use by another server; give each its own file for --state.",
    sqlite3.SQLITE_READONLY: "cannot be written: it is read-only; change that, or choose another file for --state.",
    sqlite3.SQLITE_PERM: "cannot be written: it is read-only; change that, or choose another file for --state.",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened as a database; choose another file for --state.",
    sqlite3.SQLITE_NOTADB: "is broken: it is no database; put back a copy, or delete it to start afresh.",
    sqlite3.SQLITE_CORRUPT: "is broken: parts of it are damaged; put back a copy, or delete it to start afresh.",
    sqlite3.SQLITE_FULL: "cannot be written: the disk is full; make room, or choose another file for --state.",
}
