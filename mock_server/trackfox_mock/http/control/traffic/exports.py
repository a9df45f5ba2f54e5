"""`/__admin/requests/har` and `/curl`: the journal for other tools. E-mails are masked, as these files travel."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import read_query
from trackfox_mock.http.control.traffic.requests import Listing, matching
from trackfox_mock.http.control.turns import stream
from trackfox_mock.journal.entries import Entry
from trackfox_mock.journal.exports import curl_command, har_archive, har_entry


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    redactor = console.redactor.without_emails()

    async def chosen(request: Request) -> list[Entry]:
        """The oldest first: an export is read, or run, in the order in which things happened."""
        query = read_query(request, Listing)
        found = await matching(console.world.journal, query.matcher)
        return found if query.limit is None else found[max(len(found) - query.limit, 0) :]

    def har(entries: Iterable[Entry]) -> Response:
        start, end = msgspec.json.encode(har_archive())[:-3], b"]}}"
        return stream(start, entries, lambda entry: msgspec.json.encode(har_entry(entry, redactor)), end)

    def curl(entries: Iterable[Entry]) -> Response:
        def write(entry: Entry) -> bytes:
            return curl_command(entry, redactor).encode("utf-8", "replace")

        return stream(b"", entries, write, b"\n", between=b"\n\n", media_type="text/plain")

    async def as_har(request: Request) -> Response:
        return har(await chosen(request))

    async def as_curl(request: Request) -> Response:
        return curl(await chosen(request))

    async def one_as_har(request: Request) -> Response:
        return har([console.entry(request.path_params["number"])])

    async def one_as_curl(request: Request) -> Response:
        return curl([console.entry(request.path_params["number"])])

    return [
        Route("/__admin/requests/{number:number}/har", one_as_har, methods=["GET"]),
        Route("/__admin/requests/{number:number}/curl", one_as_curl, methods=["GET"]),
        Route("/__admin/requests/har", as_har, methods=["GET"]),
        Route("/__admin/requests/curl", as_curl, methods=["GET"]),
    ]
