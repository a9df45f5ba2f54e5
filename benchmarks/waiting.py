"""How long a payment would wait at most while somebody reads all that a full mock holds."""

from __future__ import annotations

import asyncio
import contextlib
import gc
import time
from collections.abc import Iterator
from typing import Any

import msgspec

from benchmarks.baseline import PATH
from benchmarks.decision import example_request
from benchmarks.harness import Effort, Finding, Sample
from benchmarks.servers import BODY
from trackfox_mock import Request, World, create_app
from trackfox_mock.commands.serving.process import spare_the_collector

_MOST_PAYMENTS = 100_000
_RESTORED = 50_000
JOURNAL = 1000  # requests, as many as it keeps by default
NOTE = "x" * 15_000  # letters that are looked through for secrets in every form
_LONGEST = 50.0  # milliseconds

LOOKS = {
    "a listing of the journal": ("GET", "/__admin/requests", "", b""),
    "an export as HAR": ("GET", "/__admin/requests/har", "", b""),
    "an export as curl": ("GET", "/__admin/requests/curl", "", b""),
    "a search by an expression": (
        "POST", "/__admin/requests/find", "", b'{"bodyPatterns": [{"matches": ".*(x+x+)+y"}]}',
    ),
    "the page's rows": ("GET", "/__admin/rows", "", b""),
    "a listing of all payments": ("GET", "/__admin/payments", "limit=1000000", b""),
    "a search among the payments": ("GET", "/__admin/payments", "email=nobody@example.com", b""),
    "a snapshot": ("GET", "/__admin/state", "", b""),
}  # fmt: skip


def measure(effort: Effort) -> Iterator[Finding]:
    """The longest turn of the event loop under each look, in processor time, which no other process can lengthen."""
    with _collected_as_when_served():
        yield from _findings(effort)


@contextlib.contextmanager
def _collected_as_when_served() -> Iterator[None]:
    before = gc.get_threshold()
    spare_the_collector()
    try:
        yield
    finally:
        gc.unfreeze()
        gc.set_threshold(*before)


def _findings(effort: Effort) -> Iterator[Finding]:
    payments = min(effort.scale, _MOST_PAYMENTS)
    app = create_app(_full_world(payments))
    held = f"{JOURNAL:,} large requests, {payments:,} payments"
    looks = {**LOOKS, "a state being put back": ("PUT", "/__admin/state", "", large_snapshot())}  # as the last one
    for name, look in looks.items():
        asyncio.run(_longest_turn(app, *look))  # what is loaded by the first look does not count
        turns = [asyncio.run(_longest_turn(app, *look)) for _ in range(effort.rounds)]
        yield Finding("waiting", f"longest turn during {name} ({held})", Sample(tuple(turns)), "ms", at_most=_LONGEST)


def large_snapshot() -> bytes:
    """A state that is about as large as one may be that is put back."""
    world = World()
    for number in range(_RESTORED):
        world.answer(example_request(number))
    return msgspec.json.encode(world.administration.snapshot())


def _full_world(payments: int) -> World:
    world = World()
    for number in range(payments):
        world.answer(example_request(number))
    headers = example_request(0).headers
    for number in range(JOURNAL):
        body = f'{BODY.replace("%d", str(number))[:-1]},"note":"{NOTE}"}}'.encode()
        world.finish(world.answer(Request("POST", PATH, headers, body, b"", len(body))), 0.001)
    return world


async def _longest_turn(app: Any, method: str, path: str, query: str, body: bytes) -> float:
    """Milliseconds of processor time that the others had to wait for their turn at most."""
    task = asyncio.ensure_future(_ask(app, method, path, query, body))
    longest = 0.0
    while not task.done():
        began = time.thread_time()
        await asyncio.sleep(0)
        longest = max(longest, time.thread_time() - began)
    await task
    return longest * 1000


async def _ask(app: Any, method: str, path: str, query: str, body: bytes) -> None:
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "method": method,
        "path": path, "raw_path": path.encode(), "query_string": query.encode(), "headers": [(b"host", b"localhost")],
        "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80), "state": {},
    }  # fmt: skip
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive() -> dict[str, Any]:
        return waiting.pop() if waiting else await asyncio.get_running_loop().create_future()

    async def send(_: dict[str, Any]) -> None:
        await asyncio.sleep(0)

    await app(scope, receive, send)
