"""`/__admin/requests`: what arrived. Paths and journal JSON are WireMock's, extended."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.connections.connection import connection_of
from trackfox_mock.http.control.console import Console, Noun
from trackfox_mock.http.control.exchange import ProblemError, answer, read_body, read_query
from trackfox_mock.http.control.traffic.feed import Feed
from trackfox_mock.journal.entries import Entry
from trackfox_mock.journal.search import Matcher, closest

LONGEST_WAIT = 600

Count = Annotated[int, msgspec.Meta(ge=0)]


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
        Route(f"{path}/{{number:int}}", requests.one, methods=["GET"]),
        Route(f"{path}/{{number:int}}", requests.delete, methods=["DELETE"]),
    ]


class _Requests(Noun):
    async def listing(self, request: Request) -> Response:
        query = read_query(request, Listing)
        return self._shown(self._matching(query.matcher.matches), query.limit)

    async def unmatched(self, request: Request) -> Response:
        query = read_query(request, Listing)
        wanted = query.matcher
        found = self._matching(lambda entry: entry.decision.refused_by == "route" and wanted.matches(entry))
        return self._shown(found, query.limit)

    async def find(self, request: Request) -> Response:
        return self._shown(self._matching((await read_body(request, Matcher)).matches))

    async def count(self, request: Request) -> Response:
        wanted, journal = await read_body(request, Matcher), self._world.journal
        if wanted.counted:
            count = journal.count(wanted.website_id, wanted.outcome, wanted.rule)
        else:
            count = len(self._matching(wanted.matches))
        return answer({"count": count, "complete": wanted.counted or not journal.has_evicted})

    async def remove(self, request: Request) -> Response:
        return self._removed((await read_body(request, Matcher)).matches)

    async def clear(self, _: Request) -> Response:
        self._world.journal.clear()
        return answer({})

    async def one(self, request: Request) -> Response:
        return answer(self._console.show(self._console.entry(request.path_params["number"])))

    async def delete(self, request: Request) -> Response:
        chosen = self._console.entry(request.path_params["number"])
        self._removed(lambda entry: entry is chosen)
        return answer({})

    async def wait(self, request: Request) -> Response:
        """Answer once enough requests have come, or with what came closest when the time is up."""
        expected = await read_body(request, Expected)
        if expected.n > self._world.journal.size:
            raise ProblemError(
                "body",
                f"n: came {expected.n}; expected at most {self._world.journal.size}, as the journal keeps no more. "
                "Start the mock with a larger --journal-size.",
            )
        found = await self._arrivals(expected, Feed(self._world, connection_of(request.scope)))
        if len(found) >= expected.n:
            return self._shown(found)
        near = closest(expected, self._newest_first())
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

    async def _arrivals(self, expected: Expected, feed: Feed) -> list[Entry]:
        """The matching requests as soon as there are enough, or those that there are when the time is up."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + expected.timeout
        with feed.open():
            while True:
                found = self._matching(expected.matches)
                left = deadline - loop.time()
                if len(found) >= expected.n or left <= 0 or feed.is_over:
                    return found
                await feed.next(left)

    def _newest_first(self) -> Iterable[Entry]:
        return reversed(list(self._world.journal))

    def _matching(self, wanted: Callable[[Entry], bool]) -> list[Entry]:
        return [entry for entry in self._newest_first() if wanted(entry)]

    def _removed(self, wanted: Callable[[Entry], bool]) -> Response:
        removed = self._world.journal.remove(wanted)
        return self._shown(removed)

    def _shown(self, entries: list[Entry], limit: int | None = None) -> Response:
        content: dict[str, Any] = {
            "requests": [self._console.show(entry) for entry in entries[:limit]],
            "meta": {"total": len(entries)},
        }
        return answer(content)
