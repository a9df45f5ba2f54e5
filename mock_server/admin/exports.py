"""`/__admin/requests/har` and `/curl`: the journal for other tools. E-mails are masked, as these files travel."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute, Route

from mock_server.admin.console import Console
from mock_server.admin.exchange import answer, read_query
from mock_server.admin.requests import Listing
from mock_server.exports import curl, har
from mock_server.journal import Entry


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    veil = console.veil.without_emails()

    def chosen(request: Request) -> list[Entry]:
        """The oldest first: an export is read, or run, in the order in which things happened."""
        query = read_query(request, Listing)
        matcher = query.matcher
        found = [entry for entry in list(console.world.journal) if matcher.matches(entry)]
        return found if query.limit is None else found[max(len(found) - query.limit, 0) :]

    async def as_har(request: Request) -> Response:
        return answer(har(chosen(request), veil))

    async def as_curl(request: Request) -> Response:
        return PlainTextResponse(curl(chosen(request), veil))

    return [
        Route("/__admin/requests/har", as_har, methods=["GET"]),
        Route("/__admin/requests/curl", as_curl, methods=["GET"]),
    ]
