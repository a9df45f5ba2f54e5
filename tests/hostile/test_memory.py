"""What hostile texts leave in memory once nobody keeps them any more: nothing to speak of."""

from __future__ import annotations

import gc
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.control import Client, client
from tests.hostile.kinds import KINDS
from tests.hostile.wire import PARSERS, Server, hear, post, serving
from trackfox_mock import World, create_app, running

__all__ = ["client"]


@contextmanager
def without_collector() -> Iterator[None]:
    """Nothing that is in a cycle is found while the block lasts, as it is not for long under Python's own rules."""
    gc.collect()
    gc.disable()
    tracemalloc.start()
    try:
        yield
    finally:
        tracemalloc.stop()
        gc.enable()


@pytest.mark.parametrize(
    "sent",
    [
        post(body=b"[" * 200_000),
        post(b"X-Long: " + b"x" * 200_000, host=[b"Host: a b"]),
        post(b"X-Long: " + b"x" * 200_000, length=b"5"),
    ],
    ids=["a whole body", "a head that is refused", "a long head"],
)
def test_a_closed_connection_holds_nothing_of_what_a_client_sent(sent: bytes) -> None:
    with running(create_app(World(journal_size=1))) as base_url:
        address = ("127.0.0.1", int(base_url.rpartition(":")[2]))
        hear(address, sent, patience=0)
        with without_collector():
            for _ in range(30):
                hear(address, sent, patience=0)
            hear(address, post(b"Connection: close"))
            left, _ = tracemalloc.get_traced_memory()
    assert left < 1_500_000, f"{left:,} bytes are left of thirty connections"


def meet_all(server: Server, times: int = 1) -> float:
    """Send every kind of hostile request so many times; gives the mebibytes that the server has then."""
    for _ in range(times):
        for kind in KINDS:
            if server.parser in kind.parsers:
                hear(server.address, *kind.sent, expected=len(kind.statuses), patience=0.02)
    return server.resident


@pytest.mark.slow
@pytest.mark.parametrize("parser", PARSERS)
def test_ten_tables_of_hostile_requests_leave_next_to_nothing_behind(tmp_path: Path, parser: str) -> None:
    with serving(tmp_path, parser, "--journal-size", "1") as server:
        # What is loaded by the first request does not count, nor does the room that one large body takes.
        for path in (b"/livez", b"/__admin/requests"):
            hear(server.address, b"GET %b HTTP/1.1\r\nHost: localhost\r\n\r\n" % path)
        hear(server.address, post(target=b"/api/v1/attribute-payment?a=b"))
        for _ in range(2):
            hear(server.address, post(body=b"[" * 900_000))
        at_first, descriptors = server.resident, server.descriptors
        once, ten_times = (meet_all(server, times) - at_first for times in (1, 9))
        assert once < 5, f"{once} MiB after one table"
        assert ten_times < once + 1, f"{ten_times} MiB after ten tables, and {once} MiB after one"
        assert server.descriptors <= descriptors + 2


@pytest.mark.slow
def test_escapes_of_any_length_are_forgotten_with_the_requests_that_had_them(client: Client) -> None:
    def look_at(count: int) -> None:
        for number in range(count):
            client.pay(note="%" + "25" * (4_000 + number) + "41")
        client.get("/__admin/requests")
        client.delete("/__admin/requests")
        gc.collect()

    look_at(2)  # what is loaded by the first request does not count
    tracemalloc.start()
    try:
        look_at(100)
        left, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert left < 300_000, f"{left:,} bytes are left of a hundred requests"
