"""The mock as an ASGI application: the documented endpoint on a fast path, Starlette for all else."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Protocol

from trackfox_mock.decision.advice import DUPLICATE
from trackfox_mock.document.spec import Api
from trackfox_mock.faults.preferences import wants_explanation
from trackfox_mock.http.access import Access
from trackfox_mock.http.connections.connection import ENTRY
from trackfox_mock.http.delivery import Delivery
from trackfox_mock.http.late import Late
from trackfox_mock.http.violations import violations_field
from trackfox_mock.journal.entries import Entry
from trackfox_mock.model import Headers, Reply, Request
from trackfox_mock.redaction.masking import printable
from trackfox_mock.world.world import World

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]


class Answering(Protocol):
    """Answers requests in the place of a world, and has it write them down."""

    async def __call__(self, request: Request, client: str) -> Entry:
        """Answer one; `client` is the address that it came from."""

    def close(self) -> None:
        """The server stops."""


_OWN_PATHS = ("/__admin", "/livez", "/readyz")
_PAGE_PATHS = ("/", "/favicon.ico")
_PAGE_FILES = "/__page/"


def create_app(
    world: World,
    *,
    cors: Sequence[str] = (),
    access: Access | None = None,
    reports: Sequence[Path] = (),
    answering: Answering | None = None,
    overhear: Callable[[bytes], None] | None = None,
    kind: type[App] | None = None,
) -> Application:
    """The ASGI application of a world.

    Args:
        world: what answers.
        cors: origins whose browsers may call it, `*` for any; none by default, as the endpoint is for servers.
        access: who may use the control API, and what it shows.
        reports: files that a contract check or a run of tests writes, for the page; read when somebody looks.
        answering: answers in the world's place, as a proxy before the real service does.
        overhear: is given what came and is no request that can be answered, as a TLS handshake.
        kind: of application; one of a node among many waits for the store that it shares with them.
    """
    app = (kind or App)(world, access, reports)
    app.answering = answering
    app.overhear = overhear
    if cors:
        from starlette.middleware.cors import CORSMiddleware  # noqa: PLC0415 - only who asks for it pays for it

        app.is_wrapped = True
        app.documented = CORSMiddleware(
            app.documented, allow_origins=list(cors), allow_methods=_methods(world.api), allow_headers=["*"]
        )
    return app


def _methods(api: Api) -> list[str]:
    return list(dict.fromkeys(operation.method for operation in (api, *api.others)))


class App:
    """Carries requests to a world, and its answers back."""

    def __init__(self, world: World, access: Access | None = None, reports: Sequence[Path] = ()) -> None:
        self.world = world
        self._access = access
        self._reports = reports
        self._control, self._page = Late(self._made_control), Late(self._made_page)
        self.documented: Application = self._documented
        self.answering: Answering | None = None
        self.overhear: Callable[[bytes], None] | None = None  # is told of bytes that are no request for us
        self.is_wrapped = False
        self._is_durable = world.store.is_durable
        self._unsettled: list[tuple[Entry, float, Callable[[Reply, Headers], None]]] = []

    # The short way of a request: see `DirectHandler` in short_way.py

    def takes(self, method: bytes, url: bytes, fields: Mapping[bytes, bytes]) -> bool:
        """Whether a request is for the documented endpoint, by any method, and nothing can hold its answer back."""
        api = self.world.services.api
        return (
            url == api.path.encode()
            and method != b"HEAD"
            and not self.world.faults.scheduled
            and not self.is_wrapped
            and self.answering is None
            and b"prefer" not in fields
        )

    @property
    def body_limit(self) -> int:
        """In bytes; of a larger body only the size is looked at."""
        return self.world.services.body_limit

    def respond(self, request: Request, client: str, send: Callable[[Reply, Headers], None]) -> None:
        """Answer a request that it takes."""
        started = time.perf_counter()
        entry = self.world.answer(request, client, unbroken=True)
        if self._is_durable:
            self._unsettled.append((entry, started, send))
            return
        send(entry.decision.reply, _help(entry))
        self.world.finish(entry, time.perf_counter() - started)

    def settle(self) -> None:
        """Send what the store had to make safe first: the answers of one turn, in one transaction."""
        if not self._unsettled:
            return
        unsettled, self._unsettled = self._unsettled, []
        now = time.perf_counter()
        for entry, started, _ in unsettled:
            entry.elapsed = now - started
        self.world.settle()
        for entry, started, send in unsettled:
            send(entry.decision.reply, _help(entry))
            self.world.finish(entry, time.perf_counter() - started)

    # The way through ASGI

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] != "http":
            await _lifespan(receive, send)
            return
        path = scope["path"]
        if path == self.world.services.api.path:
            await self.documented(scope, receive, send)
        elif path.startswith(_OWN_PATHS):
            await self._own(scope, receive, send)
        elif scope["method"] in ("GET", "HEAD") and self._is_of_the_page(path):
            await self._page(scope, receive, send)
        else:
            await self.documented(scope, receive, send)

    def close(self) -> None:
        """The server stops."""
        if self.answering is not None:
            self.answering.close()

    async def _documented(self, scope: Scope, receive: Receive, send: Send) -> None:
        started = time.perf_counter()
        message = await receive()
        body: bytes = message.get("body", b"")
        size = len(body)
        limit = self.world.services.body_limit
        if size > limit or message.get("more_body", False):
            message, body, size = await _rest_of_body(message, receive, limit)
        if message["type"] != "http.request":
            return  # the client went away
        request = Request(scope["method"], scope["path"], scope["headers"], body, scope["query_string"], size)
        client = scope.get("client")
        address = client[0] if client else ""
        entry = scope[ENTRY] = await self._entry(request, address, started)
        reply = entry.decision.reply
        beside = [*_help(entry), *self._explained(entry)]
        if entry.fault is None:
            head = [*reply.headers, *beside]
            await send({"type": "http.response.start", "status": reply.status, "headers": head})
            await send({"type": "http.response.body", "body": reply.body})
            self.world.finish(entry, time.perf_counter() - started)
            return
        try:
            delivery = Delivery(scope, receive, send)
            entry.reply = await delivery.broken(entry.fault, entry.fault.reply or reply, beside)
        finally:
            self.world.finish(entry, time.perf_counter() - started)

    async def _entry(self, request: Request, client: str, started: float) -> Entry:
        """What becomes of a request, made safe where the store is durable."""
        if self.answering is None:
            entry = self.world.answer(request, client)
        else:
            entry = await self.answering(request, client)
        if self._is_durable:
            entry.elapsed = None if entry.fault else time.perf_counter() - started
            self.world.settle()
        return entry

    def _explained(self, entry: Entry) -> Headers:
        """What the explanation says, in header fields, for who prefers that."""
        is_clean = entry.outcome == "attributed" and not entry.is_advised
        if is_clean or not wants_explanation(entry.request):
            return ()
        told = zip((b"x-mock-why", b"x-mock-cure"), self.world.told(entry), strict=True)
        return [(name, _ascii(text)) for name, text in told if text]

    async def _own(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._control(scope, receive, send)

    def _made_control(self) -> Application:
        from trackfox_mock.http.control import create_admin  # noqa: PLC0415 - Starlette is loaded by who needs it

        return create_admin(self.world, self._access, self.documented, self._reports)

    def _is_of_the_page(self, path: str) -> bool:
        """Whether the page answers there; what an edited document serves comes before it."""
        if path not in _PAGE_PATHS:
            return path.startswith(_PAGE_FILES)
        return all(other.path != path for other in self.world.services.api.others)

    def _made_page(self) -> Application:
        from trackfox_mock.http.page import create_page  # noqa: PLC0415 - it is loaded by who looks

        return create_page(self.world, self._access)


async def _lifespan(receive: Receive, send: Send) -> None:
    """Nothing is to be started or stopped, but clients such as Starlette's TestClient ask."""
    for event in ("startup", "shutdown"):
        await receive()
        await send({"type": f"lifespan.{event}.complete"})


async def _rest_of_body(message: Message, receive: Receive, limit: int) -> tuple[Message, bytes, int]:
    """The last message of a body that comes in several, the whole body, and its size in bytes.

    Of a body beyond `limit` bytes only the size is kept.
    """
    parts = [message.get("body", b"")]
    size = len(parts[0])
    while message.get("more_body", False):
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limit:
            parts.clear()
    return message, b"".join(parts) if size <= limit else b"", size


def _help(entry: Entry) -> list[tuple[bytes, bytes]]:
    """Our header fields beside the service's answer: the outcome, where it is explained, what is wrong."""
    decision = entry.decision
    if not entry.number:
        return [_not_attributed(entry.outcome, decision.rule)]  # nobody could write it down
    link = (b"link", b'</__admin/requests/%d/explain>; rel="describedby"' % entry.number)
    if decision.session is not None:
        fields = [_ATTRIBUTED, link]
    else:
        fields = [_not_attributed(entry.outcome, decision.rule), link]
        if entry.outcome == "refused":
            fields.append((b"sl-violations", violations_field(decision)))
    if entry.is_advised:
        ids = [one.id for one in entry.further_advice]
        if entry.repeats is not None:
            ids.insert(0, DUPLICATE)
        fields.append(_advice(tuple(ids)))
    if entry.expects:
        fields.append((b"preference-applied", b", ".join(b"expect=%b" % rule.encode() for rule in entry.expects)))
    if entry.fault is not None:
        fields.append((b"x-mock-fault", entry.fault.effect.name.encode()))
    return fields


def _ascii(text: str) -> bytes:
    return printable(text).encode("ascii", "backslashreplace")[:_LONGEST_SENTENCE]


_LONGEST_SENTENCE = 2000
_ATTRIBUTED = (b"x-mock-outcome", b"attributed")


@lru_cache(maxsize=64)
def _advice(ids: tuple[str, ...]) -> tuple[bytes, bytes]:
    return b"x-mock-advice", ", ".join(dict.fromkeys(ids)).encode()


@lru_cache(maxsize=64)
def _not_attributed(outcome: str, rule: str) -> tuple[bytes, bytes]:
    return b"x-mock-outcome", f"{outcome}; rule={rule}".encode()
