"""A large state is put back while payments are answered, and from one moment to the next."""

from __future__ import annotations

import asyncio
import gc
import threading
from collections.abc import Coroutine
from typing import Any

import msgspec
import pytest

from tests.conftest import ENDPOINT, TOKEN, VALID
from trackfox_mock import World, create_app
from trackfox_mock.http import control
from trackfox_mock.http.control import create_admin, turns
from trackfox_mock.model import Request

PAYMENTS = 300


@pytest.fixture(autouse=True)
def short_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """Others get their turn after every step."""
    monkeypatch.setattr(turns, "_TURN_SECONDS", 0.0)


@pytest.fixture
def world() -> World:
    return World()


def snapshot_of(world: World, count: int) -> dict[str, Any]:
    """A snapshot with so many payments of the website that the valid call names."""
    website_id = str(VALID["website_id"])
    (session,) = [one for one in world.store.sessions(website_id) if one.session_id == VALID["session_id"]]
    for number in range(count):
        world.store.record(session, 100 + number, f"customer+{number}@example.com", 1.0)
    snapshot = world.administration.snapshot()
    world.store.forget_payments()
    return snapshot


async def call(app: Any, method: str, path: str, content: bytes = b"", query: str = "") -> tuple[int, Any]:
    """One call of the control API: its status and its JSON."""
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": method,
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    waiting, sent = [{"type": "http.request", "body": content, "more_body": False}], list[Any]()

    async def receive() -> dict[str, Any]:
        return waiting.pop() if waiting else await asyncio.get_running_loop().create_future()

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    body = b"".join(message.get("body", b"") for message in sent)
    return sent[0]["status"], msgspec.json.decode(body)


async def seen_meanwhile(world: World, call: Coroutine[Any, Any, tuple[int, Any]]) -> tuple[int, Any, list[int]]:
    """What a call gave, and how many payments there are at each of the turns that others get before its end."""
    calling = asyncio.ensure_future(call)
    seen = []
    while not calling.done():
        seen.append(world.store.payments_total())
        await asyncio.sleep(0)
    return *calling.result(), seen


def test_others_get_their_turns_while_a_state_is_put_back_and_see_all_of_it_or_nothing(world: World) -> None:
    content = msgspec.json.encode(snapshot_of(world, PAYMENTS))
    status, shown, seen = asyncio.run(seen_meanwhile(world, call(create_app(world), "PUT", "/__admin/state", content)))
    assert status == 200
    assert sum(map(len, shown["payments"].values())) == PAYMENTS
    before = seen.index(PAYMENTS)
    assert set(seen[:before]) == {0}
    assert set(seen[before:]) == {PAYMENTS}
    assert before > 2 * PAYMENTS  # reading a payment is a step, and so is recording it
    assert len(seen) - before > 2.5 * PAYMENTS  # a row to let go of is one, a payment to show two


def test_payments_that_are_put_back_share_their_session(world: World) -> None:
    world.administration.replace(snapshot_of(world, PAYMENTS))
    assert len({id(payment.session) for payment in world.store.payments()}) == 1


def test_the_payments_of_before_are_let_go_a_few_at_a_time(world: World) -> None:
    content = msgspec.json.encode(snapshot_of(world, 0))
    world.administration.replace(snapshot_of(world, PAYMENTS))
    _, _, seen = asyncio.run(seen_meanwhile(world, call(create_app(world), "PUT", "/__admin/state", content)))
    assert len(seen) - seen.index(0) > PAYMENTS


@pytest.mark.parametrize(("last", "expected"), [({}, 200), ({"revenue": "much"}, 400)], ids=["sound", "wrong"])
def test_the_collector_pauses_meanwhile_and_only_then(world: World, last: dict[str, Any], expected: int) -> None:
    snapshot = snapshot_of(world, PAYMENTS)
    snapshot["payments"][str(VALID["website_id"])][-1] |= last

    async def put() -> tuple[int, set[bool]]:
        body = msgspec.json.encode(snapshot)
        putting = asyncio.ensure_future(call(create_app(world), "PUT", "/__admin/state", body))
        collecting = set()
        while not putting.done():
            collecting.add(gc.isenabled())
            await asyncio.sleep(0)
        return putting.result()[0], collecting

    status, collecting = asyncio.run(put())
    assert (status, False in collecting, gc.isenabled()) == (expected, True, True)


def test_a_payment_that_comes_meanwhile_is_answered_and_gone_with_the_old_state(world: World) -> None:
    content = msgspec.json.encode(snapshot_of(world, PAYMENTS))

    body = msgspec.json.encode(VALID)
    headers = [(b"authorization", b"Bearer " + TOKEN.encode()), (b"content-type", b"application/json")]

    async def pay_meanwhile() -> int:
        putting = asyncio.ensure_future(call(create_app(world), "PUT", "/__admin/state", content))
        await asyncio.sleep(0)
        entry = world.answer(Request("POST", ENDPOINT, headers, body, b"", len(body)))
        assert not putting.done()
        await putting
        return entry.decision.reply.status

    assert asyncio.run(pay_meanwhile()) == 200
    assert world.store.payments_total() == PAYMENTS


def test_a_state_that_is_wrong_in_its_last_row_changes_nothing_and_is_told_the_row(world: World) -> None:
    snapshot = snapshot_of(world, PAYMENTS)
    snapshot["payments"][str(VALID["website_id"])][-1]["revenue"] = "much"
    calling = call(create_app(world), "PUT", "/__admin/state", msgspec.json.encode(snapshot))
    status, problem, seen = asyncio.run(seen_meanwhile(world, calling))
    assert (status, set(seen)) == (400, {0})
    assert f"Expected `int`, got `str` - at `$.payments[...][{PAYMENTS - 1}].revenue`" in problem["detail"]


def test_others_get_their_turns_while_payments_are_searched(world: World) -> None:
    world.administration.replace(snapshot_of(world, PAYMENTS))
    calling = call(create_app(world), "GET", "/__admin/payments", query="email=customer%2B7@example.com")
    status, found, seen = asyncio.run(seen_meanwhile(world, calling))
    assert (status, found["meta"]["total"]) == (200, 1)
    assert len(seen) > PAYMENTS


def test_payments_are_answered_while_the_control_api_is_loaded(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    may_end = threading.Event()

    def load_slowly(*given: Any) -> Any:
        assert may_end.wait(10)
        return create_admin(*given)

    monkeypatch.setattr(control, "create_admin", load_slowly)

    async def pay_meanwhile() -> int:
        app = create_app(world)
        calls = [asyncio.ensure_future(call(app, "GET", "/__admin/health")) for _ in range(2)]
        status, _ = await call(app, "POST", ENDPOINT, b"{}")
        assert not any(one.done() for one in calls)
        may_end.set()
        assert [one[0] for one in await asyncio.gather(*calls)] == [200, 200]
        return status

    assert asyncio.run(pay_meanwhile()) == 401


def test_fixtures_that_are_read_again_meanwhile_stay(world: World) -> None:
    change, payments = world.store.change(), list(world.store.payments())
    steps = world.store.replacing(change, [*payments, *payments])
    few = list(world.store.fixtures)[:1]
    world.store.reseed(few)
    for _ in steps:
        pass
    assert [website.website_id for website in world.store.websites()] == [few[0].website_id]
