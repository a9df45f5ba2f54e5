"""`/__admin/websites`: tenants. A fresh one is the isolation of a parallel test, with nothing to forward."""

from __future__ import annotations

from itertools import islice
from typing import Annotated, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.control.console import Console, Noun
from trackfox_mock.http.control.exchange import ProblemError, json_response, read_body, read_query
from trackfox_mock.journal.serializers import show_website
from trackfox_mock.model import Website
from trackfox_mock.tenants.environment import environment
from trackfox_mock.tenants.fixtures import dump_session, dump_website

MOST_WEBSITES = 10_000
MOST_SESSIONS = 10_000
"""What may be added: websites, and sessions of one of them. Fixture files may hold more."""

LARGEST_SESSION = 64 * 1024
"""Bytes of a session that is added."""


class Slice(msgspec.Struct, forbid_unknown_fields=True):
    """How much of a listing is wanted."""

    limit: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 100


class Chosen(msgspec.Struct, forbid_unknown_fields=True):
    """For which session."""

    session_id: str | None = None


_NOT_KEPT = {"cache-control": "no-store"}


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    websites = _Websites(console)
    path = "/__admin/websites"
    return [
        Route(path, websites.listing, methods=["GET"]),
        Route(path, websites.create, methods=["POST"]),
        Route(f"{path}/{{website_id}}", websites.one, methods=["GET"]),
        Route(f"{path}/{{website_id}}", websites.delete, methods=["DELETE"]),
        Route(f"{path}/{{website_id}}/environment", websites.environment, methods=["GET"]),
        Route(f"{path}/{{website_id}}/sessions", websites.sessions, methods=["GET"]),
        Route(f"{path}/{{website_id}}/sessions", websites.add_session, methods=["POST"]),
    ]


class _Websites(Noun):
    async def listing(self, request: Request) -> Response:
        limit = read_query(request, Slice).limit
        store = self._world.store
        shown = [show_website(store, website, self._redactor) for website in islice(store.websites(), limit)]
        return json_response({"websites": shown, "meta": {"total": store.websites_total}})

    async def create(self, request: Request) -> Response:
        """A website as it was given, with what is missing made up; the one answer that shows its token in full."""
        given = await read_body(request, dict[str, Any])
        _bounded("websites", self._world.store.websites_total, MOST_WEBSITES)
        try:
            website = self._world.administration.add_website(given)
        except LookupError as problem:
            raise ProblemError("conflict", str(problem)) from None
        except ValueError as problem:
            raise ProblemError("body", str(problem)) from None
        return json_response(dump_website(website, website.sessions), 201)

    async def one(self, request: Request) -> Response:
        return json_response(self._show(request))

    async def environment(self, request: Request) -> Response:
        """What an application needs to pay on this website. Here the token is shown in full: it was asked for."""
        website, chosen = self._website(request), read_query(request, Chosen).session_id
        store, website_id = self._world.store, website.website_id
        sessions = store.sessions(website_id) if chosen is None else store.session(website_id, chosen)
        session = next(iter(sessions), None)
        if session is None:
            raise ProblemError("not-found", "The website has no such session; POST to its sessions to add one.")
        # A token that came from the environment is not shown: the shell that has the variable puts it there.
        token = f"${website.token_variable}" if website.token_variable else website.api_token
        return json_response(environment(str(request.base_url).rstrip("/"), token, session), headers=_NOT_KEPT)

    async def delete(self, request: Request) -> Response:
        self._world.administration.remove_website(self._website(request).website_id)
        return json_response({})

    async def sessions(self, request: Request) -> Response:
        shown = self._show(request)
        return json_response({"sessions": shown["sessions"], "meta": {"total": shown["sessions_total"]}})

    async def add_session(self, request: Request) -> Response:
        website = self._website(request)
        given = await read_body(request, dict[str, Any], LARGEST_SESSION)
        _bounded("sessions of a website", self._world.store.sessions_total(website.website_id), MOST_SESSIONS)
        try:
            session = self._world.administration.add_session(website.website_id, given)
        except ValueError as problem:
            raise ProblemError("body", str(problem)) from None
        return json_response(dump_session(session), 201)

    def _website(self, request: Request) -> Website:
        return self._console.website(request.path_params["website_id"])

    def _show(self, request: Request) -> dict[str, Any]:
        limit = read_query(request, Slice).limit
        return show_website(self._world.store, self._website(request), self._redactor, sessions=limit)


def _bounded(what: str, there_are: int, most: int) -> None:
    if there_are >= most:
        raise ProblemError("conflict", f"There are {there_are:,} {what} already, and {most:,} at most; delete some.")
