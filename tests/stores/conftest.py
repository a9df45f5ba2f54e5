"""Every kind of store, so that one suite can hold all of them to the same promise."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest

from trackfox_mock import Session, Website
from trackfox_mock.tenants.durable.sqlite import SqliteStore
from trackfox_mock.tenants.memory import MemoryStore
from trackfox_mock.tenants.store import Store

MakeStore = Callable[..., Store]
KINDS = ("memory", "sqlite")

ADA = Session("lamps", "ses_1", "vis_ada", 10.0, {"source": "google"})
ADA_AGAIN = Session("lamps", "ses_1", "vis_ada", 20.0, {"source": "mail"})
BOB = Session("lamps", "ses_1", "vis_bob", None, {})
EVE = Session("kites", "ses_2", "vis_eve", None, {"deep": {"list": [1, None, "ü"]}})
LAMPS = Website("lamps", "tf_live_lamps_0001", "Lamps", (ADA_AGAIN, ADA, BOB))
KITES = Website("kites", "tf_live_kites_0001", "", (EVE,))


@pytest.fixture(params=KINDS)
def make_store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[MakeStore]:
    """Make a store of some websites; it is closed at the end."""
    made: list[Store] = []

    def make(websites: Sequence[Website] = (LAMPS, KITES), limit: int | None = None) -> Store:
        kind: str = request.param
        store: Store = (
            MemoryStore(websites, limit)
            if kind == "memory"
            else SqliteStore(websites, limit, path=tmp_path / f"{len(made)}.db")
        )
        made.append(store)
        return store

    yield make
    for store in made:
        store.close()


@pytest.fixture
def store(make_store: MakeStore) -> Store:
    """A store of two websites."""
    return make_store()
