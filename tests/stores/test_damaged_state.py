"""A state file that was damaged since it was written: a payment that meets the damage is refused with its cause."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from tests.conftest import VALID, Serve, request
from tests.stores.test_state_file import PAGE
from trackfox_mock import StateError, World
from trackfox_mock.tenants.durable.state_file import open_state

OWNER = VALID["website_id"]


def pay(world: World, revenue: int) -> tuple[int, str]:
    """The status of a payment, and the rule that it rests on."""
    entry = world.answer(request({**VALID, "revenue": revenue}))
    world.settle()
    world.finish(entry, 0.0)
    return entry.decision.reply.status, entry.outcome


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A state file of several pages."""
    path = tmp_path / "state.db"
    with closing(open_state(path, World().fixtures, tell=print)) as store:
        world = World(store=store)
        for revenue in range(1, 301):
            assert pay(world, revenue)[0] == 200
    return path


def damaged(file: Path, damage: bytes) -> Iterator[int]:
    """Damage one page after the other, and mend it; gives where."""
    content = file.read_bytes()
    for start in range(PAGE, len(content), PAGE):
        for rest in ("-wal", "-shm"):
            file.with_name(file.name + rest).unlink(missing_ok=True)
        file.write_bytes(content[:start] + damage.ljust(PAGE, b"\0") + content[start + PAGE :])
        yield start


@pytest.mark.parametrize("damage", [b"", b"\xff" * PAGE], ids=["cleared", "overwritten"])
def test_a_payment_that_meets_a_damaged_page_is_refused_and_the_store_says_why(file: Path, damage: bytes) -> None:
    refused = 0
    for _ in damaged(file, damage):
        with suppress(StateError), closing(open_state(file, World().fixtures, tell=print)) as store:
            world = World(store=store)
            found = {pay(world, revenue) for revenue in (1, 500)}
            assert found <= {(200, "attributed"), (507, "refused")}
            if (507, "refused") in found:
                refused += 1
                assert store.trouble() == (
                    "state.db cannot be read: parts of it are damaged; end the mock, and put back a copy."
                )
    assert refused


def test_it_is_answered_and_shown_by_the_health_page(serve: Serve, file: Path) -> None:
    for _ in damaged(file, b""):
        with suppress(StateError), closing(open_state(file, World().fixtures, tell=print)) as store:
            if pay(World(store=store), 1)[0] == 507:
                break
    with serve("--state", str(file)) as served:
        answer = served.post(revenue=1)
        assert (answer.status_code, answer.json()["type"]) == (507, "/__admin/problems/storage")
        assert "parts of it are damaged; end the mock, and put back a copy." in answer.json()["detail"]
        assert answer.headers["x-mock-outcome"] == "refused; rule=storage"
        ready = served.client.get(f"{served.url}/readyz")
        assert (ready.status_code, "parts of it are damaged" in ready.text) == (503, True)
        health = served.client.get(f"{served.url}/__admin/health")
        assert (health.status_code, "parts of it are damaged" in health.text) == (507, True)
        newest = served.client.get(f"{served.url}/__admin/requests").json()["requests"][0]
        assert (newest["outcome"], newest["website_id"]) == ("refused", OWNER)
