"""A replica takes the place of the store: what it has goes on, what it lacks is gone, nothing is half there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stores.nodes import Node, nodes
from tests.stores.redis_server import RedisServer, needs_redis, redis_at_a_port, running_redis
from tests.stores.test_crash import numbers
from tests.stores.test_shared import TOYS, pay, refused, until_ready

pytestmark = needs_redis

AT_ONCE = ("--repl-diskless-sync-delay", "0")


class Replicated:
    """Two stores, the second a replica of the first, and an address that leads to the first.

    Args:
        address: where there is nothing yet.
        primary: the first.
        replica: the second.
    """

    def __init__(self, address: Path, primary: RedisServer, replica: RedisServer) -> None:
        self.address = address
        self.primary = primary
        self.replica = replica
        self.lead_to(primary)

    def lead_to(self, server: RedisServer) -> None:
        beside = self.address.with_suffix(".new")
        beside.symlink_to(server.socket)
        beside.replace(self.address)

    def fail_over(self) -> None:
        """Make the replica the store, whatever it has."""
        with self.replica.client() as client:
            client.replicaof("NO", "ONE")
        self.lead_to(self.replica)


@pytest.fixture
def replicated() -> Iterator[Replicated]:
    with (
        redis_at_a_port("--port", *AT_ONCE) as (primary, port),
        running_redis("--replicaof", f"127.0.0.1 {port}") as replica,
    ):
        yield Replicated(replica.folder / "address.sock", primary, replica)


@pytest.fixture
def pair(replicated: Replicated) -> Iterator[list[Node]]:
    with nodes(f"unix://{replicated.address}") as made:
        yield made


def catch_up(replicated: Replicated) -> None:
    """Wait until the replica has all there is."""
    deadline = time.monotonic() + 60
    with replicated.primary.client() as client:
        while client.wait(1, 100) < 1:
            assert time.monotonic() < deadline


def stop_replicating(replicated: Replicated) -> None:
    with replicated.replica.client() as client:
        client.replicaof("127.0.0.1", "1")


def test_what_the_replica_has_goes_on(replicated: Replicated, pair: list[Node]) -> None:
    one, other = pair
    one.admin("POST", "websites", **TOYS)
    pay(one, 1)
    catch_up(replicated)
    replicated.primary.kill()
    assert "cannot be reached" in refused(one)
    replicated.fail_over()
    until_ready(one)
    until_ready(other)
    pay(other, 2)
    assert one.revenues == other.revenues == [1, 2]
    assert one.admin("GET", "health")["websites"] == 4


def test_what_the_replica_does_not_have_is_gone_everywhere(replicated: Replicated, pair: list[Node]) -> None:
    one, other = pair
    pay(one, 1)
    catch_up(replicated)
    stop_replicating(replicated)
    one.admin("POST", "websites", **TOYS)
    pay(one, 2)
    replicated.primary.kill()
    replicated.fail_over()
    until_ready(one)
    until_ready(other)
    toys = {"token": "tf_toys_0001", "website_id": "toys", "session_id": "s", "visitor_id": "v"}
    assert [node.post(**toys).status_code for node in (one, other)] == [401, 401]
    pay(other, 3)
    assert one.revenues == other.revenues == [1, 3]
    assert numbers(one) == ["pay_000001", "pay_000002"]


def test_a_store_that_became_a_replica_takes_nothing_and_is_left_once_the_address_leads_elsewhere(
    replicated: Replicated, pair: list[Node]
) -> None:
    one, other = pair
    pay(one, 1)
    catch_up(replicated)
    with replicated.primary.client() as client:
        client.replicaof("127.0.0.1", "1")
    assert other.call("GET", "/__admin/payments").status_code == 503
    assert "is a replica that takes no writes" in refused(one)
    replicated.fail_over()
    until_ready(one)
    pay(one, 2)
    pay(other, 3)
    assert one.revenues == other.revenues == [1, 2, 3]
