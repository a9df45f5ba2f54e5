"""`/__admin/events`: what happens, as it happens, as server-sent events."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.connections.connection import connection_of
from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import read_query
from trackfox_mock.http.control.traffic.feed import Feed
from trackfox_mock.journal.search import Matcher

_ALIVE_SECONDS = 15


class Watched(msgspec.Struct, forbid_unknown_fields=True):
    """Which requests are told of."""

    website_id: str | None = None
    outcome: str | None = None


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""

    async def events(request: Request) -> Response:
        watched = read_query(request, Watched)
        feed = Feed(console.world, connection_of(request.scope))
        return _EventStream(feed, _told(console, feed, Matcher(website_id=watched.website_id, outcome=watched.outcome)))

    return [Route("/__admin/events", events, methods=["GET"])]


async def _told(console: Console, feed: Feed, wanted: Matcher) -> AsyncIterator[bytes]:
    """Two events a request, `received` and `completed`; a comment now and then keeps the line open."""
    yield b": trackfox-mock\n\n"
    while not feed.is_over:
        happened = await feed.next(_ALIVE_SECONDS)
        for event, entry in happened:
            if wanted.matches(entry):
                data = msgspec.json.encode(console.show(entry))
                yield b"event: %s\nid: %d\ndata: %s\n\n" % (event.encode(), entry.number, data)
        if not happened:
            yield b": still here\n\n"


class _EventStream(StreamingResponse):
    """A stream that watches its feed from its first byte to its last."""

    def __init__(self, feed: Feed, content: AsyncIterator[bytes]) -> None:
        super().__init__(content, headers={"cache-control": "no-store"}, media_type="text/event-stream")
        self._feed = feed

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        with self._feed.open():
            await super().__call__(scope, receive, send)
