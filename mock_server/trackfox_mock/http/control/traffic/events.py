"""`/__admin/events`: what happens, as it happens, as server-sent events."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import AsyncIterator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.connections.connection import connection_of
from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import read_query
from trackfox_mock.http.control.traffic.feed import Feed
from trackfox_mock.http.control.turns import Stream, in_turns
from trackfox_mock.journal.entries import Entry
from trackfox_mock.journal.search import Matcher

_ALIVE_SECONDS = 15
_SECONDS_BETWEEN = 0.02
_KEPT = 200  # written events


class Watched(msgspec.Struct, forbid_unknown_fields=True):
    """Which requests are told of."""

    website_id: str | None = None
    outcome: str | None = None


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    written = _Written(console)

    async def events(request: Request) -> Response:
        watched = read_query(request, Watched)
        console.let_watch()
        feed = Feed(console.world, connection_of(request.scope), watched.website_id)
        return _EventStream(feed, _told(written, feed, Matcher(website_id=watched.website_id, outcome=watched.outcome)))

    return [Route("/__admin/events", events, methods=["GET"])]


async def _told(written: _Written, feed: Feed, wanted: Matcher) -> AsyncIterator[bytes]:
    """Two events a request, `received` and `completed`; a comment now and then keeps the line open."""
    yield b": trackfox-mock\n\n"
    while not feed.is_over:
        happened = await feed.next(_ALIVE_SECONDS)
        events = []
        async for event, entry in in_turns(happened):
            if wanted.matches(entry):
                events.append(written.event(event, entry))
        if events or not happened:
            yield b"".join(events) or b": still here\n\n"
        await asyncio.sleep(_SECONDS_BETWEEN)


class _Written:
    """The newest events as they are sent: written once, however many watch.

    Args:
        console: how they are shown.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._events: OrderedDict[tuple[str, int], bytes] = OrderedDict()

    def event(self, name: str, entry: Entry) -> bytes:
        """One event."""
        key = name, entry.number
        event = self._events.get(key)
        if event is None:
            data = msgspec.json.encode(self._console.show(entry))
            event = self._events[key] = b"event: %s\nid: %d\ndata: %s\n\n" % (name.encode(), entry.number, data)
            if len(self._events) > _KEPT:
                self._events.popitem(last=False)
        return event


class _EventStream(Stream):
    """A stream that watches its feed from its first byte to its last."""

    def __init__(self, feed: Feed, content: AsyncIterator[bytes]) -> None:
        super().__init__(content, headers={"cache-control": "no-store"}, media_type="text/event-stream")
        self._feed = feed

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        with self._feed.open():
            await super().__call__(scope, receive, send)
