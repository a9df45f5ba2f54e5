"""Ctrl-C while a service is asked: it ends what is under way, and is raised once, where somebody can answer it."""

from __future__ import annotations

import asyncio
import os
import signal
import threading
import time
from typing import Any

import pytest

from tests.test_contract_transport import CALL
from trackfox_contract.commands.asking import asking
from trackfox_contract.wire import ctrl_c as module
from trackfox_contract.wire.asgi import AsgiTransport
from trackfox_contract.wire.client import Client, TooManyRequestsError
from trackfox_contract.wire.ctrl_c import ctrl_c
from trackfox_mock import World

URL = "http://127.0.0.1:9"


class Service:
    """Answers after some seconds; Ctrl-C is pressed as soon as it is asked."""

    def __init__(self, presses: int = 0, seconds: float = 0) -> None:
        self.presses, self.seconds = presses, seconds
        self.asked, self.ended = 0, False

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            self.ended = True
            return
        self.asked += 1
        press(self.presses)
        await asyncio.sleep(self.seconds)
        await send({"type": "http.response.start", "status": 400, "headers": []})
        await send({"type": "http.response.body", "body": b""})


def press(times: int = 1) -> None:
    for _ in range(times):
        signal.raise_signal(signal.SIGINT)


def client_of(service: Service) -> Client:
    client = Client(AsgiTransport(service, timeout=20))
    client.start()
    return client


def asked_in_a_thread() -> int:
    """How many requests a service got that is asked once, beside the main thread."""
    service = Service()

    def ask() -> None:
        client = client_of(service)
        client.send(CALL)
        client.close()

    thread = threading.Thread(target=ask)
    thread.start()
    thread.join()
    return service.asked


@pytest.mark.parametrize("presses", [1, 2])
@pytest.mark.parametrize("connections", [1, 3])
def test_while_requests_are_under_way_it_ends_them_and_closing_is_silent(presses: int, connections: int) -> None:
    service = Service(presses, seconds=10)
    client = client_of(service)
    started = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        client.send_all([CALL] * 3, connections)
    client.close()
    assert service.ended
    assert time.monotonic() - started < 5


def test_while_a_service_takes_its_time_nobody_waits_for_it() -> None:
    client = client_of(Service(seconds=10))
    started = time.monotonic()
    threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
    with pytest.raises(KeyboardInterrupt):
        client.send(CALL)
    client.close()
    assert time.monotonic() - started < 5


def test_a_command_that_asks_has_it_held_while_it_does() -> None:
    came = []

    def press_in_the_middle() -> None:
        with asking([URL], World(), allow_writes=False, budget="quick", seed=1, timeout=1.0):
            press()
            came.append("the code went on")

    with pytest.raises(KeyboardInterrupt):
        press_in_the_middle()
    assert came


def test_between_two_requests_it_is_raised_by_the_next_and_by_no_later_one() -> None:
    client = client_of(service := Service())
    with ctrl_c.held():
        client.send(CALL)
        press(2)
        with pytest.raises(KeyboardInterrupt):
            client.send(CALL)
        press()
        client.close()
    assert (service.asked, service.ended) == (1, True)


def test_behind_the_last_request_it_is_raised_at_the_end() -> None:
    with pytest.raises(KeyboardInterrupt), ctrl_c.held():
        press()
    with pytest.raises(KeyboardInterrupt):
        press()


def test_one_that_came_before_a_failure_is_forgotten_with_it() -> None:
    def fail() -> None:
        with ctrl_c.held():
            press()
            raise TooManyRequestsError

    with pytest.raises(TooManyRequestsError):
        fail()
    assert asked_in_a_thread() == 1


def test_where_nothing_is_asked_for_long_it_is_raised_when_it_is_pressed_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STUCK", 0.001)
    with ctrl_c.held():
        press()
        time.sleep(0.002)
        with pytest.raises(KeyboardInterrupt):
            press()


def test_who_handles_it_already_or_is_in_another_thread_is_left_alone() -> None:
    came: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        with ctrl_c.held():
            press()
    finally:
        signal.signal(signal.SIGINT, before)
    assert came == [signal.SIGINT]
    assert asked_in_a_thread() == 1
