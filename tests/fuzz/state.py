"""State files: JSON of earlier versions, and databases, whole or damaged."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import closing
from functools import cache
from pathlib import Path

import msgspec

from tests.fuzz.answering import ordinary_request
from trackfox_mock import Website, World
from trackfox_mock.errors import StorageError, TrackfoxMockError
from trackfox_mock.tenants import snapshot
from trackfox_mock.tenants.durable.archive import Archive, bring_in
from trackfox_mock.tenants.durable.sqlite import SqliteStore
from trackfox_mock.tenants.durable.state_file import open_state
from trackfox_mock.tenants.memory import MemoryStore
from trackfox_mock.tenants.store import Wanted


@cache
def _fixtures() -> tuple[Website, ...]:
    return World().fixtures


def _nobody(_: str) -> None:
    """Who is told."""


@contextlib.contextmanager
def _folder() -> Iterator[Path]:
    base = "/dev/shm" if Path("/dev/shm").is_dir() else None  # noqa: S108 - a folder in memory
    with tempfile.TemporaryDirectory(dir=base) as folder:
        yield Path(folder)


def snapshots(data: bytes) -> None:
    """A snapshot is refused with a sentence, or taken over by every store alike, and by the file."""
    with _folder() as folder:
        file = folder / "state"
        file.write_bytes(data)
        try:
            change, payments = snapshot.read(snapshot.decoded(file))
        except (TrackfoxMockError, ValueError) as problem:
            assert str(problem)  # noqa: PT017 - it is refused or read, both are right
            return
        memory = MemoryStore(_fixtures())
        memory.replace(change, payments)
        with closing(SqliteStore(_fixtures(), path=folder / "durable")) as durable:
            durable.replace(change, payments)
            assert msgspec.json.encode(snapshot.snapshot(durable)) == msgspec.json.encode(snapshot.snapshot(memory))
        bring_in(folder / "imported", change, payments)
        with closing(Archive(folder / "imported")) as archive:
            assert len(list(archive.payments())) == len(payments)
            archive.change  # noqa: B018 - it is read when somebody asks
        with closing(open_state(file, _fixtures(), tell=_nobody)) as store:
            assert store.payments_total() == memory.payments_total()


def databases(data: bytes) -> None:
    """A damaged state file is refused with a sentence, or served; bytes of it are replaced as the input says."""
    with _folder() as folder:
        file = folder / "state"
        shutil.copyfile(_sound(), file)
        content = bytearray(file.read_bytes())
        for start in range(0, len(data) - 3, 4):
            place = int.from_bytes(data[start : start + 3], "big") % len(content)
            content[place] = data[start + 3]
        file.write_bytes(content)
        _use(file)


def files(data: bytes) -> None:
    """Any bytes given as a state file are refused with a sentence, or served."""
    with _folder() as folder:
        file = folder / "state"
        file.write_bytes(data)
        _use(file)


def _use(file: Path) -> None:
    with contextlib.suppress(TrackfoxMockError), closing(Archive(file)) as archive:
        for owner in archive.owners:
            archive.total(owner)
            archive.cents(owner)
        msgspec.json.encode([list(archive.payments()), archive.requests_total])
        archive.change  # noqa: B018 - it is read when somebody asks
    with contextlib.suppress(TrackfoxMockError), closing(open_state(file, _fixtures(), tell=_nobody)) as store:
        world = World(store=store, requests_kept=10)
        msgspec.json.encode([snapshot.snapshot(store), len(list(world.journal))])
        _answer(world)


def _answer(world: World) -> None:
    """A payment is recorded, or refused as one that cannot be kept; so is all else that is asked."""
    entry = world.answer(ordinary_request())
    world.settle()
    assert entry.decision.reply.status in {200, 401, 404, 500, 507}, entry.decision
    with contextlib.suppress(StorageError):
        world.store.payments_total()
        world.store.find(Wanted(), 10)


@cache
def _sound() -> Path:
    folder = Path(tempfile.mkdtemp())
    file = folder / "sound"
    with closing(open_state(file, _fixtures(), tell=_nobody)) as store:
        world = World(store=store, requests_kept=10)
        for _ in range(3):
            world.finish(world.answer(ordinary_request()), 0.0)
        world.administration.add_website({"website_id": "cave", "api_token": "open-sesame-0815", "sessions": []})
        world.settle()
        store.commit()
    return file
