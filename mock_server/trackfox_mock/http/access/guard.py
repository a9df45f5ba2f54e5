"""Who may use the control API: this machine alone, or whoever has the token; never a web page of another origin."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from hashlib import sha256
from typing import Any

from starlette.responses import Response

from trackfox_mock.decision.problems import problem_reply
from trackfox_mock.http.access import Access
from trackfox_mock.http.access.hosts import is_this_machine
from trackfox_mock.redaction.masking import printable
from trackfox_mock.redaction.redactor import Redactor

Scope = MutableMapping[str, Any]
_WRONG_TOKEN_SECONDS = 0.5

Application = Callable[[Scope, Any, Any], Awaitable[None]]


class Guard:
    """Lets through to the control API whom `Access` allows; health is for everybody.

    Every answer tells browsers to take it for what it says it is. A wrong token is answered late, so that nobody can
    try many of them.

    Args:
        app: the control API.
        access: who may.
        redactor: hides secrets in what a refusal quotes.
    """

    def __init__(self, app: Application, access: Access, redactor: Redactor) -> None:
        self._app = app
        self._access = access
        self._redactor = redactor

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one ASGI scope."""
        refusal = self._refusal(scope) if scope["path"].startswith("/__admin") else None
        if refusal is None:
            await self._app(scope, receive, _safely(send))
            return
        kind, detail = refusal
        if kind == "admin-token":
            await asyncio.sleep(_WRONG_TOKEN_SECONDS)
        reply = problem_reply(kind, printable(self._redactor.text(detail)))
        headers = {name.decode(): value.decode() for name, value in reply.headers}
        await Response(reply.body, reply.status, headers)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[str, str] | None:
        fields = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = fields.get(b"host", "")
        if self._access.token is None:
            if not is_this_machine(host, scope):
                return "host", f"The Host header is {host!r}; use http://127.0.0.1 or http://localhost."
        elif not _has(self._access.token, fields):
            return "admin-token", "Send the token that was printed when the mock started, as X-Admin-Token."
        origin = fields.get(b"origin")
        if origin is not None and origin.partition("://")[2] != host:
            return "origin", f"The request comes from a page of {origin!r}, and this is {host!r}."
        return None


def _safely(send: Any) -> Any:
    async def send_safely(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            message = {**message, "headers": [*message["headers"], (b"x-content-type-options", b"nosniff")]}
        await send(message)

    return send_safely


def _has(token: str, fields: dict[bytes, str]) -> bool:
    """Whether a request carries the token.

    Digests are compared, in constant time: how long it takes tells neither where a wrong one differs nor how long the
    right one is.
    """
    wanted = sha256(token.encode()).digest()
    return any(secrets.compare_digest(sha256(given.encode()).digest(), wanted) for given in _tokens(fields))


def _tokens(fields: dict[bytes, str]) -> Iterator[str]:
    if b"x-admin-token" in fields:
        yield fields[b"x-admin-token"]
    scheme, _, token = fields.get(b"authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        yield token.strip()
