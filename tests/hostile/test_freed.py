"""A connection that has ended is freed at once; nothing of it waits for Python's collector."""

from __future__ import annotations

import gc
import socket
import time
from contextlib import suppress

import pytest

from tests.hostile.wire import hear, post

LONG = b"Prefer: delay=100"
WAYS = {
    "after a payment": post(),
    "after one that took longer": post(LONG),
    "with requests in a row behind it": post(LONG) * 8,
    "broken by a fault, with requests behind it": post(b"Prefer: fault=reset") + post(LONG) * 8,
    "refused": b"hello\r\n\r\n",
    "in the middle of a head": post()[:40],
    "in the middle of a body": post()[:-10],
    "in the middle of a body that takes longer": post(LONG)[:-10],
    "in the middle of a body for the control API": post(target=b"/__admin/requests/find", body=b'{"limit": 3}')[:-3],
    "while rows are streamed": post(method=b"GET", target=b"/__admin/rows/events", body=b""),
    "while events are streamed": post(method=b"GET", target=b"/__admin/events", body=b""),
    "while a wait lasts": post(target=b"/__admin/requests/wait", body=b'{"outcome": "never"}'),
}


def connections() -> int:
    """How many there are in this process, closed ones included that nobody has freed."""
    return sum(type(one).__name__ == "MockProtocol" for one in gc.get_objects())


@pytest.mark.parametrize("sent", WAYS.values(), ids=WAYS)
def test_a_connection_that_has_ended_is_freed(address: tuple[str, int], sent: bytes) -> None:
    hear(address, post(b"Connection: close"))  # what is loaded and kept by the first one does not count
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            with socket.create_connection(address, timeout=10) as connection:
                connection.sendall(sent)
                connection.settimeout(0.02)
                with suppress(OSError):
                    connection.recv(65536)
        deadline = time.monotonic() + 10
        while connections() and time.monotonic() < deadline:
            time.sleep(0.01)
        assert connections() == 0
    finally:
        gc.enable()
