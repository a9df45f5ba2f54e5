"""A Redis that was killed while it wrote: what is half in its log comes back at no later start."""

from __future__ import annotations

import os
import time
from contextlib import suppress

import psutil
import pytest

from tests.stores.nodes import Node, nodes
from tests.stores.redis_server import RedisServer, needs_redis, running_redis
from tests.stores.test_shared import pay, until_ready
from trackfox_mock.errors import StoreAwayError
from trackfox_mock.tenants.shared.address import StoreAddress
from trackfox_mock.tenants.shared.line import Line

pytestmark = needs_redis

LOGGED = ("--appendonly", "yes", "--appendfsync", "always")
HOSTED = ("--user", "default", "on", "nopass", "~*", "&*", "+@all", "-info", "-bgrewriteaof")
NEVER = 600_000_000  # microseconds a key


def tear(server: RedisServer, word: bytes) -> None:
    """Cut the log off in a command of the last payment's transaction, as a kill in the middle of a write does."""
    logs = (server.folder / "appendonlydir").glob("*.incr.aof")
    newest = max(logs, key=lambda log: int(log.name.split(".")[-3]))
    text = newest.read_bytes()
    os.truncate(newest, text.index(b"\r\n%b\r\n" % word, text.rindex(b"\r\nRPUSH\r\n")) + 3)


def restart(server: RedisServer, *made: Node) -> None:
    server.start()
    for node in made:
        until_ready(node)


def kill_copying(server: RedisServer) -> None:
    """Kill the process by which Redis writes a copy of its data."""
    for child in psutil.Process(server.process.pid).children():
        child.kill()


def numbers(node: Node) -> list[str]:
    return [payment["payment_id"] for payment in node.admin("GET", "payments")["payments"]][::-1]


@pytest.mark.parametrize("word", [b"RPUSH", b"ZADD", b"HINCRBY", b"EXEC"])
def test_a_payment_that_is_half_in_the_log_comes_back_at_no_later_start(word: bytes) -> None:
    with running_redis(*LOGGED) as server, nodes(server.url) as (one, other):
        pay(one, 1)
        pay(one, 2)
        server.kill()
        tear(server, word)
        restart(server, one, other)
        assert one.revenues == [1]
        pay(other, 3)
        server.wait_for_log()
        server.kill()
        restart(server, one, other)
        assert one.revenues == [1, 3]
        assert numbers(one) == ["pay_000001", "pay_000002"]


def test_nor_if_it_is_killed_again_before_its_new_log_is_whole() -> None:
    with running_redis(*LOGGED) as server, nodes(server.url, 1) as (node,):
        pay(node, 1)
        pay(node, 2)
        server.kill()
        tear(server, b"ZADD")
        server.options = (*LOGGED, "--rdb-key-save-delay", str(NEVER))
        restart(server, node)
        pay(node, 3)
        kill_copying(server)
        server.kill()
        server.options = LOGGED
        server.start(tries=2)  # Redis 7.0 mends the old log, and ends; docs/scale.md says so
        until_ready(node)
        assert node.revenues == [1, 3]


def test_nothing_is_written_while_a_new_log_has_to_wait_for_a_copy_of_the_data() -> None:
    with running_redis(*LOGGED, "--rdb-key-save-delay", str(NEVER)) as server:
        with server.client() as client:
            client.set("some", "data")
            client.bgsave()
        with pytest.raises(StoreAwayError, match="was started again, and cannot begin a new log yet; see to it"):
            ask(server)
        kill_copying(server)
        deadline = time.monotonic() + 60
        while True:
            with suppress(StoreAwayError):
                assert ask(server) == [b"lost"]
                break
            assert time.monotonic() < deadline
            time.sleep(0.02)


def ask(server: RedisServer) -> object:
    """What a node asks, over a connection of its own."""
    line = Line(StoreAddress(server.url))
    try:
        return line.call("pull", [0, "", 0, 0])
    finally:
        line.close()


def test_a_store_that_lets_nobody_begin_its_log_is_used_as_it_is() -> None:
    with running_redis(*LOGGED, *HOSTED) as server, nodes(server.url, 1) as (node,):
        pay(node, 1)
        assert node.revenues == [1]
