"""The mock as an ASGI application: the documented endpoint on a fast path, Starlette for all else."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, MutableMapping, Sequence
from typing import Any

from mock_server.access import Access
from mock_server.delivery import Delivery
from mock_server.journal import Entry
from mock_server.model import Request
from mock_server.violations import violations_field
from mock_server.world import World

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

_OWN_PATHS = ("/__admin", "/livez", "/readyz")


def create_app(world: World, *, cors: Sequence[str] = (), access: Access | None = None) -> Application:
    """The ASGI application of a world.

    Args:
        world: what answers.
        cors: origins whose browsers may call it, `*` for any; none by default, as the endpoint is for servers.
        access: who may use the control API, and what it shows.
    """
    app = App(world, access)
    if cors:
        from starlette.middleware.cors import CORSMiddleware  # noqa: PLC0415 - only who asks for it pays for it

        app.documented = CORSMiddleware(
            app.documented, allow_origins=list(cors), allow_methods=["POST"], allow_headers=["*"]
        )
    return app


class App:
    """Carries requests to a world, and its answers back."""

    def __init__(self, world: World, access: Access | None = None) -> None:
        self.world = world
        self._access = access
        self._admin: Application | None = None
        self.documented: Application = self._documented

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] != "http":
            await _lifespan(receive, send)
            return
        path = scope["path"]
        if path != self.world.services.api.path and path.startswith(_OWN_PATHS):
            await self._own(scope, receive, send)
        else:
            await self.documented(scope, receive, send)

    async def _documented(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        request = await _read_request(scope, receive, self.world.services.body_limit)
        if request is None:
            return
        client = scope.get("client")
        entry = self.world.answer(request, client[0] if client else "")
        delivery = Delivery(scope, receive, send)
        if entry.fault is None:
            await delivery.plain(entry.decision.reply, _help(entry))
            self.world.finish(entry, time.perf_counter() - started)
            return
        try:
            reply = entry.fault.reply or entry.decision.reply
            entry.reply = await delivery.broken(entry.fault, reply, _help(entry))
        finally:
            self.world.finish(entry, time.perf_counter() - started)

    async def _own(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._admin is None:
            from mock_server.admin import create_admin  # noqa: PLC0415 - Starlette is loaded by who needs it

            self._admin = create_admin(self.world, self._access)
        await self._admin(scope, receive, send)


async def _lifespan(receive: Receive, send: Send) -> None:
    """Nothing is to be started or stopped, but clients such as Starlette's TestClient ask."""
    for event in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{event}.complete"})


async def _read_request(scope: Scope, receive: Receive, limit: int) -> Request | None:
    """The whole request, None if the client went away. Of a body beyond `limit` bytes only the size is kept."""
    message = await receive()
    if message["type"] != "http.request":
        return None
    body: bytes = message.get("body", b"")
    size = len(body)
    if message.get("more_body", False):
        parts = [body]
        while message.get("more_body", False):
            message = await receive()
            if message["type"] != "http.request":
                return None
            part = message.get("body", b"")
            size += len(part)
            if size <= limit:
                parts.append(part)
            else:
                parts.clear()
        body = b"".join(parts)
    if size > limit:
        body = b""
    return Request(scope["method"], scope["path"], scope["headers"], body, scope["query_string"], size)


def _help(entry: Entry) -> list[tuple[bytes, bytes]]:
    """Our header fields beside the service's answer: the outcome, where it is explained, what is wrong."""
    decision = entry.decision
    outcome = b"attributed" if decision.session is not None else _not_attributed(entry)
    fields = [
        (b"x-mock-outcome", outcome),
        (b"link", b'</__admin/requests/%d/explain>; rel="describedby"' % entry.number),
    ]
    if decision.session is None:
        fields.append((b"sl-violations", violations_field(decision)))
    if entry.advice:
        fields.append((b"x-mock-advice", ", ".join(dict.fromkeys(one.id for one in entry.advice)).encode()))
    if entry.fault is not None:
        fields.append((b"x-mock-fault", entry.fault.effect.name.encode()))
    return fields


def _not_attributed(entry: Entry) -> bytes:
    return f"{entry.outcome}; rule={entry.decision.rule}".encode()
