"""`/__admin/rows`: the journal at a glance, a short row a request; and as a stream that never holds up the mock.

A row costs a tenth of what a whole request of the journal does, and says in one sentence why it was refused. The
stream sends rows in batches. Where more come than anybody reads it drops the oldest, and says how many.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import AsyncIterator
from itertools import islice
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.connections.connection import connection_of
from trackfox_mock.http.control.console import Console, Noun
from trackfox_mock.http.control.exchange import json_response, read_query
from trackfox_mock.http.control.reports import written
from trackfox_mock.http.control.traffic.batches import MOST, Batches
from trackfox_mock.http.control.traffic.row import show_row
from trackfox_mock.http.control.turns import Stream
from trackfox_mock.journal.entries import Entry
from trackfox_mock.journal.serializers import show_fault
from trackfox_mock.release import VERSION

_AT_ONCE = 50  # rows that are made before other requests get their turn
_SECONDS_IN_A_FLOOD = 0.4
_STATE_SECONDS = 1.0
_ALIVE_SECONDS = 15


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """Which rows: those before a request, the newest first."""

    before: Annotated[int, msgspec.Meta(ge=0)] | None = None
    limit: Annotated[int, msgspec.Meta(ge=0, le=10_000)] = 500
    website_id: str | None = None
    outcome: str | None = None

    def matches(self, entry: Entry) -> bool:
        """Whether a request is meant."""
        return (
            (self.before is None or entry.number < self.before)
            and self.website_id in (None, entry.website_id)
            and self.outcome in (None, entry.outcome)
        )


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    rows = _Rows(console)
    return [
        Route("/__admin/rows", rows.listing, methods=["GET"]),
        Route("/__admin/rows/events", rows.events, methods=["GET"]),
    ]


class _Rows(Noun):
    def __init__(self, console: Console) -> None:
        super().__init__(console)
        self._run = secrets.token_hex(8)

    async def listing(self, request: Request) -> Response:
        wanted = read_query(request, Wanted)
        matching = (entry for entry in reversed(list(self._world.journal)) if wanted.matches(entry))
        found = list(islice(matching, wanted.limit))
        rows: list[dict[str, Any]] = []
        for start in range(0, len(found), _AT_ONCE):
            rows += map(self._row, found[start : start + _AT_ONCE])
            await asyncio.sleep(0)
        return json_response({"rows": rows, "meta": {"total": len(self._world.journal.entries)}})

    async def events(self, request: Request) -> Response:
        batches = Batches(self._world, connection_of(request.scope))
        return _RowStream(batches, self._told(batches))

    async def _told(self, batches: Batches) -> AsyncIterator[bytes]:
        """What is there, then rows and changes as they come; a comment now and then keeps the line open."""
        yield _event("hello", self._hello())
        told, told_at = None, time.monotonic()
        while not batches.is_over:
            entries, dropped = await batches.next(_STATE_SECONDS)
            events = []
            if entries:
                events.append(_event("rows", {"rows": [self._row(entry) for entry in entries], "dropped": dropped}))
            state = self._state()
            if state != told:
                told = state
                events.append(_event("state", state))
            if events or time.monotonic() - told_at > _ALIVE_SECONDS:
                told_at = time.monotonic()
                yield b"".join(events) or b": still here\n\n"
            if dropped:
                await asyncio.sleep(_SECONDS_IN_A_FLOOD)

    def _hello(self) -> dict[str, Any]:
        api, journal = self._world.api, self._world.journal
        return {
            "run": self._run,
            "version": VERSION,
            "method": api.method,
            "path": api.path,
            "server": api.server,
            "last": max((entry.number for entry in journal), default=0),
            "journal_size": journal.size,
            "rows_a_batch": MOST,
            "website_id": self._website_for_a_start(),
        }

    def _website_for_a_start(self) -> str | None:
        """A website with a session, for who wants to send a payment; rather none of the documentation's own."""
        store, placeholders = self._world.store, self._world.service.placeholders
        paying = [one.website_id for one in islice(store.websites(), 50) if store.sessions_total(one.website_id)]
        return next((one for one in paying if one not in placeholders), next(iter(paying), None))

    def _state(self) -> dict[str, Any]:
        self._world.faults.expire(self._world.clock())
        return {
            "faults": [show_fault(scheduled) for scheduled in self._world.faults],
            "requests": self._world.journal.total,
            "kept": len(self._world.journal.entries),
            "reports": written(self._console),
        }

    def _row(self, entry: Entry) -> dict[str, Any]:
        return show_row(self._world, entry, self._redactor)


def _event(name: str, data: Any) -> bytes:
    return b"event: %s\ndata: %s\n\n" % (name.encode(), msgspec.json.encode(data))


class _RowStream(Stream):
    """A stream that watches from its first byte to its last."""

    def __init__(self, batches: Batches, content: AsyncIterator[bytes]) -> None:
        super().__init__(content, headers={"cache-control": "no-store"}, media_type="text/event-stream")
        self._batches = batches

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        with self._batches.open():
            await super().__call__(scope, receive, send)
