"""Every kind of store, so that one suite can hold all of them to the same promise."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from tests.stores.redis_server import RedisServer, needs_redis, running_redis
from trackfox_mock import Session, Website
from trackfox_mock.tenants.durable.sqlite import SqliteStore
from trackfox_mock.tenants.memory import MemoryStore
from trackfox_mock.tenants.shared.address import StoreAddress
from trackfox_mock.tenants.shared.line import Line
from trackfox_mock.tenants.shared.store import SharedStore
from trackfox_mock.tenants.store import Store

MakeStore = Callable[..., Store]
KINDS = ("memory", "sqlite", pytest.param("redis", marks=needs_redis))

ADA = Session("lamps", "ses_1", "vis_ada", 10.0, {"source": "google"})
ADA_AGAIN = Session("lamps", "ses_1", "vis_ada", 20.0, {"source": "mail"})
BOB = Session("lamps", "ses_1", "vis_bob", None, {})
EVE = Session("kites", "ses_2", "vis_eve", None, {"deep": {"list": [1, None, "ü"]}})
LAMPS = Website("lamps", "tf_live_lamps_0001", "Lamps", (ADA_AGAIN, ADA, BOB))
KITES = Website("kites", "tf_live_kites_0001", "", (EVE,))


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A redis-server that all tests share; each has a prefix of its own."""
    with running_redis() as server:
        yield server


def shared_store(server: RedisServer, websites: Sequence[Website], limit: int | None = None, name: str = "") -> Store:
    """A node's store; nodes with the same name share theirs."""
    address = StoreAddress(server.url, f"{name or secrets.token_hex(8)}:")
    return SharedStore(websites, limit, line=Line(address))


@pytest.fixture(params=KINDS)
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStore]:
    """Make a store of some websites; it is closed at the end."""
    made: list[Store] = []

    def make(websites: Sequence[Website] = (LAMPS, KITES), limit: int | None = None) -> Store:
        if request.param == "memory":
            made.append(MemoryStore(websites, limit))
        elif request.param == "sqlite":
            made.append(SqliteStore(websites, limit, path=tmp_path / f"{len(made)}.db"))
        else:
            made.append(shared_store(request.getfixturevalue("redis_server"), websites, limit))
        return made[-1]

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    """A store of two websites."""
    return make_store()
