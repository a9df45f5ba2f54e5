"""`/__admin/requests/har` and `/curl`: the journal for other tools. E-mails are masked, as these files travel."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import answer, read_query
from trackfox_mock.http.control.traffic.requests import Listing
from trackfox_mock.journal.entries import Entry
from trackfox_mock.journal.exports import curl, har


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    redactor = console.redactor.without_emails()

    def chosen(request: Request) -> list[Entry]:
        """The oldest first: an export is read, or run, in the order in which things happened."""
        query = read_query(request, Listing)
        matcher = query.matcher
        found = [entry for entry in list(console.world.journal) if matcher.matches(entry)]
        return found if query.limit is None else found[max(len(found) - query.limit, 0) :]

    async def as_har(request: Request) -> Response:
        return answer(har(chosen(request), redactor))

    async def as_curl(request: Request) -> Response:
        return PlainTextResponse(curl(chosen(request), redactor))

    async def one_as_har(request: Request) -> Response:
        return answer(har([console.entry(request.path_params["number"])], redactor))

    async def one_as_curl(request: Request) -> Response:
        return PlainTextResponse(curl([console.entry(request.path_params["number"])], redactor))

    return [
        Route("/__admin/requests/{number:int}/har", one_as_har, methods=["GET"]),
        Route("/__admin/requests/{number:int}/curl", one_as_curl, methods=["GET"]),
        Route("/__admin/requests/har", as_har, methods=["GET"]),
        Route("/__admin/requests/curl", as_curl, methods=["GET"]),
    ]
