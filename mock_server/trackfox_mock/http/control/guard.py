"""Who may use the control API: this machine alone, or whoever has the token; never a web page of another origin."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, Iterator, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from starlette.responses import Response

from trackfox_mock.decision.problems import problem_reply
from trackfox_mock.http.access import Access
from trackfox_mock.http.hosts import is_this_machine

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]


class Guard:
    """Lets through to the control API whom `Access` allows; health is for everybody.

    Args:
        app: the control API.
        access: who may.
    """

    def __init__(self, app: Application, access: Access) -> None:
        self._app = app
        self._access = access

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> None:
        """Answer one ASGI scope."""
        refusal = self._refusal(scope) if scope["path"].startswith("/__admin") else None
        if refusal is None:
            await self._app(scope, receive, send)
            return
        reply = problem_reply(*refusal)
        headers = {name.decode(): value.decode() for name, value in reply.headers}
        await Response(reply.body, reply.status, headers)(scope, receive, send)

    def _refusal(self, scope: Scope) -> tuple[str, str] | None:
        fields = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = fields.get(b"host", "")
        if self._access.token is None:
            if not is_this_machine(host, scope):
                return "host", f"The Host header is {host!r}; use http://127.0.0.1 or http://localhost."
        elif not any(secrets.compare_digest(token.encode(), self._access.token.encode()) for token in _tokens(fields)):
            return "admin-token", "Send the token that was printed when the mock started, as X-Admin-Token."
        origin = fields.get(b"origin")
        if origin is not None and urlsplit(origin).netloc != host:
            return "origin", f"The request comes from a page of {origin!r}, and this is {host!r}."
        return None


def _tokens(fields: dict[bytes, str]) -> Iterator[str]:
    if b"x-admin-token" in fields:
        yield fields[b"x-admin-token"]
    scheme, _, token = fields.get(b"authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        yield token.strip()
