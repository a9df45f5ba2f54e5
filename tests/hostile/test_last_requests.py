"""A request that is the last of its connection is answered, whatever its client sends behind it."""

from __future__ import annotations

import socket
import time

import pytest

from tests.hostile.wire import hear, post

LAST = {"HTTP/1.0": (b"HTTP/1.0", ()), "Connection: close": (b"HTTP/1.1", (b"Connection: close",))}
BEHIND = {"a line break": b"\r\n", "garbage": b"\x00" * 600_000, "a request": post(), "half a request": post()[:30]}


@pytest.mark.parametrize("gap", [0, 0.05], ids=["at once", "a little later"])
@pytest.mark.parametrize("behind", BEHIND.values(), ids=BEHIND)
@pytest.mark.parametrize("last", LAST.values(), ids=LAST)
def test_what_comes_behind_a_last_request_takes_nothing_from_its_answer(
    address: tuple[str, int], last: tuple[bytes, tuple[bytes, ...]], behind: bytes, gap: float
) -> None:
    version, fields = last
    wait = post(*fields, version=version, target=b"/__admin/requests/wait", body=b'{"outcome": "refused"}')
    with socket.create_connection(address, timeout=10) as connection:
        connection.sendall(wait)
        time.sleep(gap)
        connection.sendall(behind)
        hear(address, post(body=b"{}"), patience=0)  # what is waited for
        heard = connection.recv(65536)
    assert heard.startswith(b"HTTP/1.1 200 ")
