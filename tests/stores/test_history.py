"""Clients pay and look at two nodes at once; what they saw could have happened one after the other."""

from __future__ import annotations

import threading
import time
from itertools import count
from math import inf

import pytest

from tests.stores.history import Looked, Paid, violations
from tests.stores.nodes import Node, nodes
from tests.stores.redis_server import RedisServer, needs_redis

PAYERS, LOOKERS, OPERATIONS = 4, 2, 40


class History:
    """What clients did and saw."""

    def __init__(self) -> None:
        self.payments: list[Paid] = []
        self.looks: list[Looked] = []
        self.numbers = count(1)

    def pay(self, node: Node) -> None:
        revenue, began = next(self.numbers), time.monotonic()
        is_acknowledged = node.post(revenue=revenue).status_code == 200
        self.payments.append(Paid(revenue, began, time.monotonic() if is_acknowledged else inf))

    def look(self, node: Node) -> None:
        began = time.monotonic()
        self.looks.append(Looked(node.revenues, began, time.monotonic()))


@needs_redis
def test_what_clients_of_two_nodes_saw_could_have_happened_one_after_the_other(redis_server: RedisServer) -> None:
    history = History()
    with nodes(redis_server.url) as pair:
        work = [(history.pay, pair[number % 2]) for number in range(PAYERS)]
        work += [(history.look, pair[number % 2]) for number in range(LOOKERS)]

        def repeat(act: object, node: Node) -> None:
            assert callable(act)
            for _ in range(OPERATIONS):
                act(node)

        clients = [threading.Thread(target=repeat, args=pair) for pair in work]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        log = pair[0].revenues
    assert len(history.payments) == len(log) == PAYERS * OPERATIONS
    assert len(history.looks) == LOOKERS * OPERATIONS
    assert list(violations(history.payments, history.looks, log)) == []


@pytest.mark.parametrize(
    ("payments", "looks", "log", "told"),
    [
        ([Paid(1, 0, 1)], [], [], "1 was lost"),
        ([Paid(1, 0, 1)], [], [1, 1], "a payment is there twice"),
        ([Paid(1, 0, 1)], [Looked([], 2, 3)], [1], "a look does not show 1, which was acknowledged before"),
        ([Paid(1, 4, 5)], [Looked([1], 2, 3)], [1], "a look shows 1, which was not sent yet"),
        ([Paid(1, 0, 9), Paid(2, 0, 9)], [Looked([2], 1, 2)], [1, 2], "a look does not show the beginning of the log"),
        ([Paid(1, 0, 9)], [Looked([1], 1, 2), Looked([], 3, 4)], [1], "a look shows less than an earlier one"),
        ([Paid(1, 0, 1), Paid(2, 2, 3)], [], [2, 1], "1 comes after a payment that was sent when it was acknowledged"),
    ],
)
def test_what_cannot_have_happened_is_found(
    payments: list[Paid], looks: list[Looked], log: list[int], told: str
) -> None:
    assert told in list(violations(payments, looks, log))


def test_what_was_never_answered_may_be_there_or_not() -> None:
    assert list(violations([Paid(1, 0, inf), Paid(2, 1, 2)], [Looked([2], 3, 4)], [2])) == []
    assert list(violations([Paid(1, 0, inf), Paid(2, 1, 2)], [Looked([1, 2], 3, 4)], [1, 2])) == []
