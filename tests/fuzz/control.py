"""Calls of the control API, one after the other: whatever they hold, none is answered with 5xx, and the mock pays on.

An input is one call or several, apart by a line of `---`: a request line, header fields, an empty line, a body.
"""

from __future__ import annotations

import asyncio
from functools import cache
from typing import Any
from urllib.parse import unquote

from tests.fuzz.answering import ordinary_request
from tests.fuzz.hastened import at_once
from tests.fuzz.reading import text_of
from trackfox_mock import Api, Website, World, create_app, load_spec

APART = b"\n---\n"
MOST = 16
_PATIENCE = 1000.0


@cache
def _given() -> tuple[Api, tuple[Website, ...]]:
    return load_spec(), World().fixtures


def calls(data: bytes) -> None:
    """No call is answered with 5xx, other than those that say so; the endpoint is served afterwards."""
    api, websites = _given()
    world = World(api, websites, journal_size=10, payments_limit=10, seed=1)
    app = create_app(world)
    world.finish(world.answer(ordinary_request()), 0.0)
    for call in data.split(APART)[:MOST]:
        at_once(_call(app, call))
    entry = world.answer(ordinary_request())
    world.finish(entry, 0.0)
    assert entry.decision.reply.status in {200, 401, 404} or world.faults.scheduled


async def _call(app: Any, call: bytes) -> None:
    """One call over ASGI, by a client who leaves once the answer is there, or takes for ever."""
    head, _, body = call.partition(b"\n\n")
    line, *fields = head.split(b"\n")
    line = bytes(byte for byte in line if 32 <= byte < 127)  # another is refused before it gets there
    method, _, target = line.partition(b" ")
    path, _, query = target.partition(b"?")
    named = [tuple(field.partition(b": ")[::2]) for field in fields]
    headers = [(b"host", b"localhost"), *((name.lower(), value) for name, value in named if name)]
    scope: dict[str, Any] = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": text_of(method), "scheme": "http",
        "path": unquote(text_of(path)), "raw_path": path, "root_path": "", "query_string": query,
        "headers": headers, "client": ("127.0.0.1", 9), "server": ("127.0.0.1", 4012), "state": {},
    }  # fmt: skip
    if not scope["path"].startswith(("/__admin", "/livez", "/readyz")):
        return
    received = [{"type": "http.request", "body": body, "more_body": False}]
    statuses: list[int] = []
    is_over = asyncio.Event()

    async def receive() -> Any:
        if received:
            return received.pop()
        await is_over.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])

    answering = asyncio.ensure_future(app(scope, receive, send))
    await asyncio.wait([answering], timeout=_PATIENCE)
    is_over.set()
    await asyncio.wait([answering], timeout=_PATIENCE)
    assert answering.done(), "it goes on when the client has left"
    answering.result()
    assert statuses, "there was no answer"
    assert statuses[0] < 500 or statuses[0] in {503, 507}, statuses
