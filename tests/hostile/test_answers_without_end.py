"""Who answers our commands drop by drop, or for ever, is not listened to for longer than was said."""

from __future__ import annotations

import shlex
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import suppress
from typing import Self

import pytest
from click.testing import CliRunner

from trackfox_contract.wire import payments
from trackfox_mock.commands import ready, webhook

OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
DRIPS = {"the head": (OK + b"X-Slow: ", b"x"), "the body": (OK + b"Content-Length: 999999\r\n\r\n", b"[")}
FLOOD = (OK + b"\r\n", b" " * 65536)


class Endless:
    """A server that sends a start, and then the same bytes again and again until its client has left.

    Args:
        pause: seconds between two of them.
    """

    def __init__(self, start: bytes, more: bytes, pause: float) -> None:
        self._sent, self._pause = (start, more), pause
        self._is_over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve)

    def _serve(self) -> None:
        start, more = self._sent
        with suppress(OSError):
            connection, _ = self._listener.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(start)
                while not self._is_over.wait(self._pause):
                    connection.sendall(more)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._is_over.set()
        self._thread.join()
        self._listener.close()


@pytest.fixture(params=list(DRIPS.values()), ids=list(DRIPS))
def dripping(request: pytest.FixtureRequest) -> Iterator[Endless]:
    start, more = request.param
    with Endless(start, more, pause=0.01) as server:
        yield server


def test_a_webhook_waits_for_its_answer_as_long_as_was_said(dripping: Endless) -> None:
    done = CliRunner().invoke(webhook.command, ["stripe", "--to", dripping.url, "--timeout", "0.3"])
    assert done.exit_code == 1
    assert "no answer within 0.3 s" in done.output


def test_ready_gives_up_on_who_never_ends_a_head(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ready, "_PATIENCE", 0.3)
    with Endless(*DRIPS["the head"], pause=0.01) as server:
        done = CliRunner().invoke(ready.command, ["--url", server.url])
    assert done.exit_code == 1
    assert "Nothing is ready at" in done.output


@pytest.mark.parametrize("part", DRIPS)
def test_payments_that_never_end_are_given_up(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payments, "_PATIENCE", 0.3)
    with (
        Endless(*DRIPS[part], pause=0.01) as server,
        pytest.raises(payments.PaymentsUnreadableError, match="not all come within"),
    ):
        payments.reader_of(server.url)()


def test_of_payments_without_end_no_more_is_read_than_is_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(payments, "_MOST", 1 << 20)
    with (
        Endless(*FLOOD, pause=0) as server,
        pytest.raises(payments.PaymentsUnreadableError, match="more than 64 MiB"),
    ):
        payments.reader_of(server.url)()


@pytest.mark.parametrize(
    ("program", "patience", "complaint"),
    [
        ("while True: print('[' * 100_000)", 10, "more than 64 MiB"),
        ("import time\nwhile True: print('[', flush=True); time.sleep(0.01)", 0.5, "not all come within 0.5 s"),
        ("raise SystemExit(3)", 10, "non-zero exit status 3"),
    ],
    ids=["without end", "drop by drop", "failing"],
)
def test_a_command_that_prints_payments_is_ended_if_it_does_not_end(
    program: str, patience: float, complaint: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(payments, "_MOST", 1 << 20)
    monkeypatch.setattr(payments, "_PATIENCE", patience)
    with pytest.raises(payments.PaymentsUnreadableError, match=complaint):
        payments.reader_of(shlex.join([sys.executable, "-c", program]))()
