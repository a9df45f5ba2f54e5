"""What hostile texts leave in memory once nobody keeps them any more: nothing to speak of."""

from __future__ import annotations

import gc
import tracemalloc

from tests.control import Client, client

__all__ = ["client"]


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
