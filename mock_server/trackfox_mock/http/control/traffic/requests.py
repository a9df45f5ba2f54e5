"""`/__admin/requests`: what arrived. Paths and journal JSON are WireMock's, extended."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.connections.connection import connection_of
from trackfox_mock.http.control.console import Console, Noun
from trackfox_mock.http.control.exchange import LARGEST_MATCHER, ProblemError, json_response, read_body, read_query
from trackfox_mock.http.control.traffic.feed import KEPT, Feed
from trackfox_mock.http.control.turns import stream
from trackfox_mock.journal.entries import Entry
from trackfox_mock.journal.search import Matcher, closest

LONGEST_WAIT = 600

_AT_ONCE = 2000  # requests that are looked through without a thread

Count = Annotated[int, msgspec.Meta(ge=0, le=2**31)]


class Listing(msgspec.Struct, forbid_unknown_fields=True):
    """The query of a listing."""

    website_id: str | None = None
    outcome: str | None = None
    limit: Count | None = None
    since: datetime | None = None

    @property
    def matcher(self) -> Matcher:
        """The same as a matcher."""
        return Matcher(website_id=self.website_id, outcome=self.outcome, since=self.since)


class Expected(Matcher, forbid_unknown_fields=True):
    """What is waited for: `n` requests that match, for at most `timeout` seconds."""

    n: Annotated[int, msgspec.Meta(ge=1)] = 1
    timeout: Annotated[float, msgspec.Meta(ge=0, le=LONGEST_WAIT)] = 5


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    requests = _Requests(console)
    path = "/__admin/requests"
    return [
        Route(path, requests.listing, methods=["GET"]),
        Route(path, requests.clear, methods=["DELETE"]),
        Route(f"{path}/unmatched", requests.unmatched, methods=["GET"]),
        Route(f"{path}/count", requests.count, methods=["POST"]),
        Route(f"{path}/find", requests.find, methods=["POST"]),
        Route(f"{path}/remove", requests.remove, methods=["POST"]),
        Route(f"{path}/wait", requests.wait, methods=["POST"]),
        Route(f"{path}/{{number:number}}", requests.one, methods=["GET"]),
        Route(f"{path}/{{number:number}}", requests.delete, methods=["DELETE"]),
    ]


async def matching(entries: Iterable[Entry], wanted: Matcher) -> list[Entry]:
    """The entries that are meant; where that takes long, payments are answered meanwhile."""
    found = list(entries)
    if wanted.is_slow or len(found) > _AT_ONCE:
        return await asyncio.to_thread(lambda: [entry for entry in found if wanted.matches(entry)])
    return [entry for entry in found if wanted.matches(entry)]


class _Requests(Noun):
    async def listing(self, request: Request) -> Response:
        query = read_query(request, Listing)
        return self._shown(await self._matching(query.matcher), query.limit)

    async def unmatched(self, request: Request) -> Response:
        query = read_query(request, Listing)
        found = [entry for entry in await self._matching(query.matcher) if entry.decision.refused_by == "route"]
        return self._shown(found, query.limit)

    async def find(self, request: Request) -> Response:
        return self._shown(await self._matching(await read_body(request, Matcher, LARGEST_MATCHER)))

    async def count(self, request: Request) -> Response:
        wanted = await read_body(request, Matcher, LARGEST_MATCHER)
        journal = self._world.journal
        if wanted.counted:
            count = journal.count(wanted.website_id, wanted.outcome, wanted.rule)
        else:
            count = len(await self._matching(wanted))
        return json_response({"count": count, "complete": wanted.counted or not journal.has_evicted})

    async def remove(self, request: Request) -> Response:
        return self._removed(await self._matching(await read_body(request, Matcher, LARGEST_MATCHER)))

    async def clear(self, _: Request) -> Response:
        self._world.journal.clear()
        return json_response({})

    async def one(self, request: Request) -> Response:
        return json_response(self._console.show(self._console.entry(request.path_params["number"])))

    async def delete(self, request: Request) -> Response:
        chosen = self._console.entry(request.path_params["number"])
        self._removed([chosen])
        return json_response({})

    async def wait(self, request: Request) -> Response:
        """Answer once enough requests have come, or with what came closest when the time is up."""
        expected = await read_body(request, Expected, LARGEST_MATCHER)
        if expected.n > self._world.journal.size:
            raise ProblemError(
                "body",
                f"n: came {expected.n}; expected at most {self._world.journal.size}, as the journal keeps no more. "
                "Start the mock with a larger --journal-size.",
            )
        self._console.let_watch()
        found = await self._arrivals(expected, request)
        if found is None:
            return Response(status_code=204)
        if len(found) >= expected.n:
            return self._shown(found)
        near = await asyncio.to_thread(closest, expected, self._newest_first())
        raise ProblemError(
            "not-arrived",
            f"{len(found)} of {expected.n} requests came within {expected.timeout:g} seconds.",
            requests=[self._console.show(entry) for entry in found],
            nearMisses=[
                {
                    "request": self._console.show(entry),
                    "differences": [self._redactor.text(one) for one in differences],
                }
                for entry, differences in near
            ],
        )

    async def _arrivals(self, expected: Expected, request: Request) -> list[Entry] | None:
        """The matching requests as soon as there are enough, or those that there are when the time is up.

        None if the client has left: what nobody reads is not looked for, as that keeps payments waiting.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + expected.timeout
        feed = Feed(self._world, connection_of(request.scope), expected.website_id)
        with feed.open(request.receive):
            while not feed.is_gone:
                found = await self._matching(expected)
                if len(found) >= expected.n or not await self._come(expected, found, feed, deadline):
                    break
            return None if feed.is_gone else await self._matching(expected)

    async def _come(self, expected: Expected, found: list[Entry], feed: Feed, deadline: float) -> bool:
        """Whether so many came, since some were found, that there may be enough; only what comes is looked at."""
        loop = asyncio.get_running_loop()
        numbers = {entry.number for entry in found}
        while (left := deadline - loop.time()) > 0 and not feed.is_over:
            came = [entry for _, entry in await feed.next(left)]
            numbers.update(entry.number for entry in await matching(came, expected))
            if len(numbers) >= expected.n or len(came) >= KEPT:
                return True
        return False

    def _newest_first(self) -> list[Entry]:
        return list(self._world.journal)[::-1]

    async def _matching(self, wanted: Matcher) -> list[Entry]:
        return await matching(self._newest_first(), wanted)

    def _removed(self, entries: list[Entry]) -> Response:
        numbers = {entry.number for entry in entries}
        return self._shown(self._world.journal.remove(lambda entry: entry.number in numbers))

    def _shown(self, entries: list[Entry], limit: int | None = None) -> Response:
        meta = msgspec.json.encode({"total": len(entries)})
        end = b'],"meta":' + meta + b"}"
        return stream(
            b'{"requests":[', entries[:limit], lambda entry: msgspec.json.encode(self._console.show(entry)), end
        )
