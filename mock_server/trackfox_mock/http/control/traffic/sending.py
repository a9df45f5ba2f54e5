"""`POST /__admin/send` and `/__admin/requests/{id}/again`: a request to the endpoint, made here.

It goes the way of every request, is in the journal, and a fault may hit it. Nobody needs to see a token for it: that of
a website is put in here, and the fingerprint that the journal shows stands for the token that it hides.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock import model
from trackfox_mock.errors import LostAnswerError
from trackfox_mock.http.connections.connection import ENTRY
from trackfox_mock.http.control.console import Console, Noun
from trackfox_mock.http.control.exchange import ProblemError, json_response, read_body
from trackfox_mock.journal.serializers import show_entry
from trackfox_mock.redaction.masking import fingerprint

_OURS = (b"content-length", b"transfer-encoding")


class Edited(msgspec.Struct, forbid_unknown_fields=True):
    """What is to be another; the rest is as it came. A header field that is null is left out."""

    method: str | None = None
    url: str | None = None
    headers: dict[str, str | None] = {}
    body: str | None = None


class Written(Edited, forbid_unknown_fields=True):
    """A request of its own; `website_id` has the token of that website sent, if no Authorization is given."""

    website_id: str | None = None


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    sending = _Sending(console)
    return [
        Route("/__admin/send", sending.send, methods=["POST"]),
        Route("/__admin/requests/{number:number}/again", sending.again, methods=["POST"]),
    ]


class _Sending(Noun):
    async def send(self, request: Request) -> Response:
        written = await read_body(request, Written)
        api, headers = self._world.api, [(b"host", request.headers.get("host", "").encode())]
        if written.body:
            headers.append((b"content-type", b"application/json"))
        if written.website_id is not None:
            token = self._console.website(written.website_id).api_token
            headers.append((b"authorization", b"Bearer " + token.encode("utf-8", "replace")))
        plain = model.Request(api.method, api.path, headers)
        return await self._sent(_edited(plain, written, {}), request)

    async def again(self, request: Request) -> Response:
        entry = self._console.entry(request.path_params["number"])
        edited = await read_body(request, Edited)
        if edited.body is None and entry.request.body_size > len(entry.request.body):
            raise ProblemError(
                "body",
                f"Of the {entry.request.body_size} bytes of request {entry.number} the journal kept "
                f"{len(entry.request.body)}; give the body that is to be sent.",
            )
        return await self._sent(_edited(entry.request, edited, self._hidden_in(entry.request)), request)

    def _hidden_in(self, request: model.Request) -> dict[str, str]:
        """The secrets in a request by what is shown in their place."""
        redactor, hidden = self._redactor, dict[str, str]()
        for text in (request.path.encode(), request.query, request.body):
            hidden |= redactor.hidden_in(text.decode("utf-8", "replace"))
        for raw_name, raw_value in request.headers:
            name, value = raw_name.decode("latin-1"), raw_value.decode("utf-8", "replace")
            hidden |= redactor.hidden_in(value) | {fingerprint(value.partition(" ")[2]): value.partition(" ")[2]}
            hidden[redactor.header(name, value)] = value
        return {shown: secret for shown, secret in hidden.items() if shown != secret and secret}

    async def _sent(self, made: model.Request, asked: Request) -> Response:
        """Send it; the answer has what became of it, and what a fault did to its answer if it took it."""
        assert self._console.endpoint is not None  # noqa: S101 - whoever serves the control API has given it
        scope = _scope(made, asked)

        async def receive() -> dict[str, Any]:
            return {"type": "http.request", "body": made.body, "more_body": False}

        async def send(_: Any) -> None:
            pass

        lost = None
        try:
            await self._console.endpoint(scope, receive, send)
        except LostAnswerError as problem:
            lost = str(problem)
        return json_response({"request": show_entry(scope[ENTRY], self._redactor), "lost": lost}, 201)


def _scope(made: model.Request, asked: Request) -> dict[str, Any]:
    """The request as ASGI has it. It has no connection, so a fault that breaks one is told instead."""
    return {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": made.method,
        "scheme": "http",
        "path": made.path,
        "query_string": made.query,
        "headers": made.headers,
        "client": (asked.client.host if asked.client else "", 0),
    }


def _edited(before: model.Request, edited: Edited, hidden: dict[str, str]) -> model.Request:
    path, _, query = (edited.url or "").partition("?")
    body = before.body if edited.body is None else _revealed(edited.body, hidden)
    headers = [*_headers(before, edited, hidden), (b"content-length", b"%d" % len(body))]
    return model.Request(
        edited.method or before.method,
        path or before.path,
        headers,
        body,
        query.encode("utf-8", "replace") if edited.url else before.query,
        len(body),
    )


def _headers(before: model.Request, edited: Edited, hidden: dict[str, str]) -> Iterator[tuple[bytes, bytes]]:
    given = {name.lower().encode("utf-8", "replace"): text for name, text in edited.headers.items()}
    yield from ((name, value) for name, value in before.headers if name not in given and name not in _OURS)
    for name, text in given.items():
        if text is not None and name not in _OURS:
            yield name, _revealed(text, hidden)


def _revealed(text: str, hidden: dict[str, str]) -> bytes:
    for shown in sorted(hidden, key=len, reverse=True):
        text = text.replace(shown, hidden[shown])
    return text.encode("utf-8", "replace")
