"""Connections that only cost are ended, and there are no more of them than can be served."""

from __future__ import annotations

import resource
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.hostile.wire import BODY, hear, post
from trackfox_mock import World, create_app
from trackfox_mock.http.connections.patience import Patience
from trackfox_mock.http.server import serving

HEAD, _, _ = post().partition(b"\r\n\r\n")
HASTY = Patience(start=0.4, head=0.4, body=0.4, least_rate=200, unread=0.4)


@pytest.fixture
def address(parser: str) -> Iterator[tuple[str, int]]:  # noqa: ARG001 - it chooses what serves
    with serving(create_app(World()), patience=HASTY) as server:
        parts = urlsplit(server.base_url)
        yield parts.hostname or "", parts.port or 0


@pytest.mark.parametrize(
    ("sent", "statuses"),
    [
        ((), ()),
        ((HEAD,), (408,)),
        ((post()[:-10],), (408,)),
        ((post(target=b"/elsewhere")[:-10],), (408,)),
        ((post(b"Transfer-Encoding: chunked", body=b"5\r\n{"),), (408,)),
        ((post() + HEAD,), (200, 408)),
    ],
    ids=["silence", "half a head", "half a body", "the same elsewhere", "half a chunk", "behind one"],
)
def test_what_is_not_finished_in_time_is_ended(
    address: tuple[str, int], sent: tuple[bytes, ...], statuses: tuple[int, ...]
) -> None:
    heard = hear(address, *sent, expected=9)
    assert (heard.statuses, heard.is_closed) == (statuses, True)


def test_a_body_may_take_long_as_long_as_it_comes(address: tuple[str, int]) -> None:
    sent = post(body=BODY + b" " * 900)
    with socket.create_connection(address, timeout=10) as connection:
        for start in range(0, len(sent), 100):
            connection.sendall(sent[start : start + 100])
            time.sleep(0.12)
        assert connection.recv(12) == b"HTTP/1.1 200"


def test_an_answer_that_is_waited_for_is_no_reason_to_hang_up(address: tuple[str, int]) -> None:
    assert hear(address, post(b"Prefer: delay=1500")).statuses == (200,)
    assert hear(address, post(b"Prefer: delay=1500") + HEAD, expected=9).statuses == (200, 408)


def test_a_client_that_reads_nothing_is_hung_up_on(address: tuple[str, int]) -> None:
    hear(address, post() * 300, expected=300, patience=0)
    with socket.create_connection(address, timeout=10) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        listing = post(target=b"/__admin/requests", method=b"GET", body=b"")
        with pytest.raises(OSError, match=r"reset|pipe"):
            _send_until_hung_up_on(connection, listing)


def _send_until_hung_up_on(connection: socket.socket, sent: bytes) -> None:
    for _ in range(200):
        connection.sendall(sent)
        time.sleep(0.05)


def test_where_descriptors_run_out_that_is_said_once_and_who_is_there_is_served(tmp_path: Path) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (90, 90))

    command = [sys.executable, "-m", "trackfox_mock", "serve", "--port", "0", "--port-file", "port"]
    process = subprocess.Popen(
        command,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        cwd=tmp_path,
        preexec_fn=few,  # noqa: PLW1509
    )
    port = tmp_path / "port"
    with process, ExitStack() as stack:
        while not (port.exists() and port.read_text().endswith("\n")):
            time.sleep(0.05)
        address = "127.0.0.1", int(port.read_text())
        first = stack.enter_context(socket.create_connection(address, timeout=10))
        for _ in range(100):
            stack.enter_context(socket.create_connection(address, timeout=10))
        first.sendall(post())
        assert first.recv(12) == b"HTTP/1.1 200"
        process.terminate()
        assert process.stderr is not None
        told = process.stderr.read().decode()
    assert told.count("connections are open") == 1
    assert "Traceback" not in told
