"""Why a request was answered as it was, or would be: `/__admin/requests/{id}/explain` and `POST /__admin/explain`."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Route

from trackfox_mock import model
from trackfox_mock.explain import Explanation
from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import json_response, read_body


class Described(msgspec.Struct, forbid_unknown_fields=True):
    """A request as data: what is left out is as in the document, a body that is no string is sent as JSON."""

    method: str | None = None
    url: str | None = None
    headers: dict[str, str] = {}
    body: Any = ""


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    world, redactor = console.world, console.redactor

    async def entry(request: Request) -> Response:
        found = console.entry(request.path_params["number"])
        if "text/html" in request.headers.get("accept", ""):
            return RedirectResponse(f"/#/requests/{found.number}", 303)  # a person, whom the page tells the same
        explanation = world.explain(found, base_url=_base_url(request), show_secrets=redactor.tokens)
        return _shown(request, explanation, None if found.fault is None else found.fault.effect.sentence)

    async def described(request: Request) -> Response:
        given = await read_body(request, Described)
        explanation = world.explain_request(
            _as_request(given, world.api.method, world.api.path),
            base_url=_base_url(request),
            show_secrets=redactor.tokens,
        )
        return _shown(request, explanation, None)

    return [
        Route("/__admin/requests/{number:number}/explain", entry, methods=["GET"]),
        Route("/__admin/explain", described, methods=["POST"]),
    ]


def _as_request(given: Described, method: str, path: str) -> model.Request:
    url, _, query = (given.url or path).partition("?")
    body = given.body.encode("utf-8", "replace") if isinstance(given.body, str) else msgspec.json.encode(given.body)
    headers = [
        (name.lower().encode("utf-8", "replace"), value.encode("utf-8", "replace"))
        for name, value in given.headers.items()
    ]
    return model.Request(given.method or method, url, headers, body, query.encode("utf-8", "replace"), len(body))


def _base_url(request: Request) -> str:
    return f"http://{request.headers.get('host', '')}"


def _shown(request: Request, explanation: Explanation, fault: str | None) -> Response:
    """As JSON, or as text for a terminal where that is asked for (`Accept: text/plain`)."""
    if request.headers.get("accept", "").startswith("text/plain"):
        text = explanation.text()
        return PlainTextResponse(f"{fault}\nWithout it:\n\n{text}\n" if fault else f"{text}\n")
    return json_response({**explanation.as_dict(), "fault": fault})
