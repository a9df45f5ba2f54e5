"""`kill -9` of a node, of a worker, or of the store itself, under load: what was acknowledged is there once, and whole.

More rounds than the gate has time for: `TRACKFOX_KILL_ROUNDS=70 pytest -m slow -s tests/stores/test_shared_kill.py`.
"""

from __future__ import annotations

import os
import random
import time
from collections.abc import Callable
from contextlib import ExitStack

import psutil
import pytest

from tests.conftest import VALID, Serve, Served
from tests.stores.redis_server import RedisServer, needs_redis, running_redis
from tests.stores.test_kill import CLIENTS, Client
from trackfox_mock.tenants.shared.address import StoreAddress
from trackfox_mock.tenants.shared.ledger import SharedLedger
from trackfox_mock.tenants.shared.line import Line

pytestmark = [needs_redis, pytest.mark.slow]

ROUNDS = int(os.environ.get("TRACKFOX_KILL_ROUNDS", "3"))
PREFIX = "kill:"

Kill = Callable[[RedisServer, list[Served]], None]


def a_node(_: RedisServer, served: list[Served]) -> None:
    served[0].process.kill()


def a_worker(_: RedisServer, served: list[Served]) -> None:
    psutil.Process(served[0].process.pid).children()[0].kill()


def the_store(server: RedisServer, _: list[Served]) -> None:
    server.kill()


def load_and_kill(serve: Serve, server: RedisServer, kill: Kill, name: str, seconds: float) -> set[str]:
    """The e-mails that were acknowledged by two nodes, or by one of two workers, before the kill and after it."""
    workers = 2 if kill is a_worker else 1
    with ExitStack() as stack:
        options = ("--store", server.url, "--store-prefix", PREFIX, "--log-format", "none")
        served = [stack.enter_context(serve(*options, "--workers", str(workers))) for _ in range(2 // workers)]
        clients = [Client(served[number % len(served)], f"{name}-{number}") for number in range(CLIENTS)]
        for client in clients:
            client.start()
        while not any(client.acknowledged for client in clients):
            time.sleep(0.005)
        time.sleep(seconds)
        kill(server, served)
        time.sleep(0.1)
        for one in served:
            one.process.kill()
        for client in clients:
            client.join()
    assert {status for client in clients for status in client.wrong} <= {503}
    return {email for client in clients for email in client.acknowledged}


def check(server: RedisServer, acknowledged: set[str]) -> None:
    line = Line(StoreAddress(server.url, PREFIX))
    payments = list(SharedLedger(line).payments([VALID["website_id"]]))
    line.close()
    emails = [payment.email for payment in payments]
    assert acknowledged - set(emails) == set(), "lost"
    assert len(emails) == len(set(emails)), "doubled"
    assert all(payment.email.endswith(f"-{payment.revenue}@example.com") for payment in payments), "torn"
    assert [payment.number for payment in payments] == list(range(1, len(payments) + 1))
    assert len(emails) - len(acknowledged) <= ROUNDS * CLIENTS, "one a client may have been on its way"


@pytest.mark.parametrize("kill", [a_node, a_worker, the_store])
def test_nothing_acknowledged_is_lost_by_a_kill(serve: Serve, kill: Kill) -> None:
    moments = random.Random(16)  # noqa: S311 - repeatable on purpose
    acknowledged: set[str] = set()
    with running_redis("--appendonly", "yes", "--appendfsync", "always") as server:
        for number in range(ROUNDS):
            acknowledged |= load_and_kill(serve, server, kill, str(number), moments.uniform(0, 0.3))
            if server.process.poll() is not None:
                server.start(tries=2)
        check(server, acknowledged)
    assert len(acknowledged) >= ROUNDS
    print(f"{ROUNDS} rounds, {len(acknowledged):,} acknowledged, none lost, doubled or torn")  # noqa: T201 - shown by -s
