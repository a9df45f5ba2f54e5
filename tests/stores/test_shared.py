"""Nodes that share a store are one mock: what one has acknowledged holds at every other, at once."""

from __future__ import annotations

import asyncio
import signal
import threading
import time
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.stores.nodes import Node, nodes
from tests.stores.redis_server import RedisServer, needs_redis, running_redis
from trackfox_mock.assets import fixtures_path
from trackfox_mock.errors import StoreAddressError, StoreAwayError
from trackfox_mock.faults.schedule import Fault
from trackfox_mock.http.shared import SharedApp
from trackfox_mock.tenants.fixtures import load_fixtures
from trackfox_mock.tenants.shared.address import StoreAddress
from trackfox_mock.tenants.shared.line import Line, Word
from trackfox_mock.tenants.shared.store import SharedStore
from trackfox_mock.world.shared import SharedWorld

pytestmark = needs_redis

TOYS = {"website_id": "toys", "api_token": "tf_toys_0001", "sessions": [{"session_id": "s", "visitor_id": "v"}]}


@pytest.fixture
def pair(redis_server: RedisServer) -> Iterator[list[Node]]:
    """Two nodes."""
    with nodes(redis_server.url) as made:
        yield made


def test_a_payment_that_one_node_acknowledged_is_seen_by_all(pair: list[Node]) -> None:
    one, other = pair
    assert one.post(revenue=1).status_code == 200
    assert other.revenues == one.revenues == [1]
    assert other.post(revenue=2).status_code == 200
    assert one.revenues == [1, 2]
    assert one.admin("GET", "health")["payments"] == 2


def test_a_payment_is_known_again_at_another_node(pair: list[Node]) -> None:
    one, other = pair
    one.post(revenue=900)
    again = other.post(revenue=900)
    assert "duplicate" in again.headers["x-mock-advice"]
    newest = one.admin("GET", "requests")["requests"][0]
    assert (newest["payment_id"], newest["repeats"]) == ("pay_000002", "pay_000001")
    assert "as pay_000001, and it is counted twice now" in newest["advice"][0]["sentence"]


def test_a_duplicate_is_merged_over_nodes_where_that_is_the_reading(pair: list[Node]) -> None:
    one, other = pair
    one.admin("PUT", "readings", duplicate="one-event")
    assert [node.post(revenue=900).status_code for node in (one, other, one)] == [200, 200, 200]
    assert other.revenues == [900]


def test_websites_and_sessions_come_and_go_for_every_node(pair: list[Node]) -> None:
    one, other = pair
    toys = {"token": "tf_toys_0001", "website_id": "toys", "session_id": "s", "visitor_id": "v"}
    assert other.post(**toys).status_code == 401
    one.admin("POST", "websites", **TOYS)
    assert other.post(**toys).status_code == 200
    one.admin("POST", "websites/toys/sessions", session_id="s2", visitor_id="v2")
    assert other.post(**toys | {"session_id": "s2", "visitor_id": "v2"}).status_code == 200
    assert other.call("POST", "/__admin/websites", **TOYS).status_code == 409
    other.admin("DELETE", "websites/toys")
    assert one.post(**toys).status_code == 401
    assert one.revenues == []


def test_a_reset_and_readings_hold_everywhere(pair: list[Node]) -> None:
    one, other = pair
    one.admin("PUT", "readings", **{"extra-property": "refused"})
    assert other.post(more=1).status_code == 400
    one.post(revenue=5)
    other.admin("POST", "reset")
    assert one.post(more=1).status_code == 200
    assert one.revenues == other.revenues == [9900]
    assert [request["id"] for request in one.admin("GET", "requests")["requests"]] == [3]


@pytest.mark.parametrize("how", ["scheduled", "from the start"])
def test_a_fault_is_counted_by_all_nodes_together(redis_server: RedisServer, how: str) -> None:
    first = [Fault(status=503, times=3)] if how == "from the start" else []
    with nodes(redis_server.url, faults=first) as pair:
        if not first:
            pair[0].admin("POST", "faults", status=503, failRequestCount=3)
        statuses = [pair[number % 2].post().status_code for number in range(6)]
        assert statuses == [503, 503, 503, 200, 200, 200]
        (fault,) = pair[1].admin("GET", "faults")["faults"]
        assert (fault["seen"], fault["hits"]) == (6, 3)
        pair[1].admin("DELETE", "faults")
        assert pair[0].admin("GET", "faults")["faults"] == []
        pair[0].admin("POST", "reset")
        assert pair[1].post().status_code == (503 if first else 200)


def test_faults_drawn_by_chance_are_the_same_whoever_draws(redis_server: RedisServer) -> None:
    fault = Fault(status=503, probability=0.5, times=8, seed=7)
    found = []
    for count in (1, 3):
        with nodes(redis_server.url, count, faults=[fault]) as made:
            found.append([made[number % count].post().status_code for number in range(24)])
    assert found[0] == found[1]
    assert found[0].count(503) == 8


def test_requests_at_every_node_are_in_one_journal(pair: list[Node]) -> None:
    one, other = pair
    one.post(revenue=0)
    other.post(revenue=1)
    one.admin("POST", "faults", status=500)
    other.post(revenue=2)
    shown = one.admin("GET", "requests")["requests"]
    assert [(request["id"], request["outcome"]) for request in shown] == [
        (3, "faulted"),
        (2, "attributed"),
        (1, "refused"),
    ]
    assert one.admin("POST", "requests/count", outcome="refused") == {"count": 1, "complete": True}
    assert "dollars" in other.admin("GET", "requests/1")["why"] or other.admin("GET", "requests/1")["why"]
    other.admin("DELETE", "requests/2")
    assert [request["id"] for request in one.admin("GET", "requests")["requests"]] == [3, 1]
    one.admin("DELETE", "requests")
    assert other.admin("GET", "requests")["requests"] == []
    assert other.admin("POST", "requests/count") == {"count": 0, "complete": True}


def test_a_retry_of_a_refused_request_names_the_first_one(pair: list[Node]) -> None:
    one, other = pair
    other.post(revenue=1)
    one.post(revenue=0)
    one.post(revenue=0)
    newest = other.admin("GET", "requests")["requests"][0]
    assert "refused before, as request 2" in newest["advice"][0]["sentence"]


def test_who_waits_at_one_node_hears_of_a_request_at_another(pair: list[Node]) -> None:
    one, other = pair
    answers: list[int] = []

    def wait() -> None:
        answers.append(one.call("POST", "/__admin/requests/wait", n=1, timeout=20).status_code)

    waiting = threading.Thread(target=wait)
    waiting.start()
    other.post()
    waiting.join(30)
    assert answers == [200]


def test_the_live_feed_of_one_node_tells_of_a_request_at_another(pair: list[Node]) -> None:
    one, other = pair
    with one.client.stream("GET", f"{one.url}/__admin/events") as events:
        lines = events.iter_lines()
        assert next(lines) == ": trackfox-mock"
        other.post(revenue=77)
        told = [line for line in (next(lines) for _ in range(9)) if line.startswith("event")]
    assert told == ["event: received", "event: completed"]


def test_a_request_is_sent_again_from_another_node(pair: list[Node]) -> None:
    one, other = pair
    one.post(revenue=31)
    sent = other.admin("POST", "requests/1/again")["request"]
    assert (sent["id"], sent["outcome"]) == (2, "attributed")
    assert one.revenues == [31, 31]


def test_many_requests_at_once_are_all_answered_and_numbered_without_a_gap(pair: list[Node]) -> None:
    def pay(node: Node) -> None:
        for number in range(50):
            assert node.post(revenue=number + 1).status_code == 200

    clients = [threading.Thread(target=pay, args=(node,)) for node in pair]
    for client in clients:
        client.start()
    for client in clients:
        client.join()
    payments = pair[0].admin("GET", "payments")["payments"]
    assert [payment["payment_id"] for payment in payments[::-1]] == [f"pay_{number:06}" for number in range(1, 101)]
    assert {request["id"] for request in pair[1].admin("GET", "requests")["requests"]} == set(range(1, 101))


# The store away, full, slow, and back


def refused(node: Node) -> str:
    """Why nothing can be acknowledged."""
    answer = node.post(revenue=666)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")
    assert answer.json()["type"] == "/__admin/problems/store"
    assert node.call("POST", "/__admin/reset").status_code == 503
    assert node.call("GET", "/readyz").status_code == 503
    assert node.call("GET", "/livez").status_code == 200
    return str(answer.json()["detail"])


def until_ready(node: Node) -> None:
    deadline = time.monotonic() + 60
    while node.call("GET", "/readyz").status_code != 200:
        assert time.monotonic() < deadline
        time.sleep(0.02)


def pay(node: Node, revenue: int) -> None:
    """Pay, as often as it takes: a machine under load may make any store slow."""
    deadline = time.monotonic() + 60
    while node.post(revenue=revenue).status_code != 200:
        assert time.monotonic() < deadline


def have_a_neighbour(redis_server: RedisServer, node: Node) -> None:
    """Have another node that is there for the next hours."""
    nodes_there = f"{node.world.store.line.address.prefix}nodes"
    redis_server.client().zadd(nodes_there, {"another": time.time() + 10_000})


@pytest.mark.parametrize("keeps", [True, False], ids=["with its data", "without its data"])
def test_a_store_that_was_away_comes_back(*, keeps: bool) -> None:
    options = ("--appendonly", "yes", "--appendfsync", "always") if keeps else ()
    with running_redis(*options) as server, nodes(server.url) as (one, other):
        one.admin("POST", "websites", **TOYS)
        one.post(revenue=1)
        server.kill()
        assert "cannot be reached; see to it, and it goes on by itself" in refused(one)
        refused(other)
        server.start()
        until_ready(one)
        until_ready(other)
        assert one.post(revenue=2).status_code == 200
        assert other.revenues == ([1, 2] if keeps else [2])
        assert other.admin("GET", "health")["websites"] == (4 if keeps else 3)


def test_a_store_that_came_back_with_older_data_is_known_by_its_marks(
    redis_server: RedisServer, pair: list[Node]
) -> None:
    one, other = pair
    one.admin("POST", "websites", **TOYS)
    toys = {"token": "tf_toys_0001", "website_id": "toys", "session_id": "s", "visitor_id": "v"}
    assert one.post(**toys).status_code == 200
    prefix, client = one.world.store.line.address.prefix, redis_server.client()
    client.delete(f"{prefix}log")
    client.hset(f"{prefix}meta", mapping={"version": 0, "mark": ""})
    other.admin("POST", "websites", website_id="kites2", api_token="tf_kites_0002")
    assert one.post(**toys).status_code == 401
    assert len(one.admin("GET", "websites")["websites"]) == 4


def test_a_fault_that_hits_while_the_store_goes_away_holds_up_nobody() -> None:
    with running_redis() as server, nodes(server.url, 1) as (one,):
        one.admin("POST", "faults", delayDistribution={"type": "fixed", "milliseconds": 300})
        slow = threading.Thread(target=one.post)
        slow.start()
        while one.world.journal.last == 0:
            one.call("GET", "/__admin/requests")
        server.kill()
        slow.join()
        assert one.call("GET", "/livez").status_code == 200
        server.start()


def test_a_store_that_is_full_takes_nothing() -> None:
    with running_redis() as server, nodes(server.url) as (one, other):
        one.post(revenue=1)
        server.client().config_set("maxmemory", "1")
        assert "is full" in refused(one)
        time.sleep(0.5)  # in which a failure is remembered
        assert other.call("GET", "/readyz").status_code == one.call("GET", "/readyz").status_code == 503
        server.client().config_set("maxmemory", "0")
        until_ready(one)
        assert one.post(revenue=2).status_code == 200
        assert other.revenues == [1, 2]


def test_a_store_that_is_slow_is_not_waited_for() -> None:
    with running_redis() as server, nodes(server.url, 1, patience=0.5) as (one,):
        pay(one, 1)
        server.process.send_signal(signal.SIGSTOP)
        assert "did not answer in time" in refused(one)
        server.process.send_signal(signal.SIGCONT)
        pay(one, 2)
        until_ready(one)


def test_a_node_with_another_document_does_not_mix_with_the_rest(redis_server: RedisServer) -> None:
    with nodes(redis_server.url, 1, common={"document": "a"}) as (one,):
        have_a_neighbour(redis_server, one)
        line = Line(one.world.store.line.address)
        with pytest.raises(StoreAwayError, match=r"another document \(--spec\): start all of them alike"):
            SharedStore(one.world.store.fixtures, line=line, common={"document": "b"})
        line.close()
        assert one.post().status_code == 200


def test_a_node_that_slept_while_others_came_with_another_document_says_so(redis_server: RedisServer) -> None:
    with nodes(redis_server.url, 1, common={"document": "a"}) as (one,):
        store = one.world.store
        have_a_neighbour(redis_server, one)
        redis_server.client().hset(f"{store.line.address.prefix}meta", mapping={"of:document": "b", "epoch": "later"})
        assert "have another document" in refused(one)


@pytest.mark.parametrize("url", ["http://localhost", "redis://", "redis://h:port", "localhost:6379"])
def test_what_is_no_address_of_a_store_is_refused(url: str) -> None:
    with pytest.raises(StoreAddressError, match="expected one such as redis://"):
        StoreAddress(url)


@pytest.mark.parametrize(
    ("rest", "told"),
    [
        ("/zero", "the database 'zero'; expected a number, as in /0."),
        ("/0?timeout=5", "the option 'timeout'; expected one of ssl_ca_certs, ssl_certfile, ssl_keyfile, db."),
    ],
)
def test_what_the_client_of_the_store_would_not_read_is_refused(rest: str, told: str) -> None:
    with pytest.raises(StoreAddressError, match=f"--store came with {told}"):
        StoreAddress(f"redis://:s3cret@localhost{rest}")


def test_a_password_is_never_shown() -> None:
    address = StoreAddress("rediss://user:s3cret@shop.example/2")
    assert str(address) == "rediss://shop.example:6379/2"
    with pytest.raises(StoreAwayError) as caught:
        Line(StoreAddress("redis://:s3cret@127.0.0.1:1/0")).call("pull", [])
    assert "s3cret" not in str(caught.value)
    assert "the store at redis://127.0.0.1:1/0 cannot be reached" in str(caught.value)


def test_an_answer_to_another_question_is_a_refusal_and_nothing_is_asked_again(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with nodes(redis_server.url, 1) as (node,):
        line = node.world.store.line
        ask = line.ask

        async def mixed_up(script: str, words: Sequence[Word]) -> Any:
            answer = await ask(script, words)
            return [b"joined", b""] if script == "commit" else answer

        monkeypatch.setattr(line, "ask", mixed_up)
        assert node.post(revenue=1).status_code == 503
        monkeypatch.undo()
        assert node.revenues == [1]


def test_a_node_ends_though_a_task_misses_that_it_is_cancelled(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    missed: list[bool] = []

    async def stay() -> None:
        try:
            await asyncio.sleep(60)
        except asyncio.CancelledError:
            if missed:
                raise
            missed.append(True)
            raise StoreAwayError("the store is away.") from None

    async def end(app: SharedApp) -> None:
        app.open()
        await asyncio.sleep(0)
        await asyncio.wait_for(app.leave(), 30)

    websites = load_fixtures([fixtures_path()])
    store = SharedStore(websites, line=Line(StoreAddress(redis_server.url, "deaf:")))
    world = SharedWorld(None, websites, store=store)
    monkeypatch.setattr(world, "stay", stay)
    asyncio.run(end(SharedApp(world)))
    store.close()
    assert missed == [True]
