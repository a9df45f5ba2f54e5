"""The mock as an ASGI application of one node of many: turns and changes wait for the store that nodes share."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from trackfox_mock.errors import StorageError
from trackfox_mock.http.access import Access
from trackfox_mock.http.application import App, Message, Receive, Scope, Send
from trackfox_mock.journal.entries import Entry
from trackfox_mock.model import Reply, Request
from trackfox_mock.tenants.shared.replica import BEAT
from trackfox_mock.world.shared import Arrival, SharedWorld, away

MOST_OF_A_TURN = 500
"""Requests; the store does nothing else while it takes them."""

_LARGEST_BODY = 16 * 1024 * 1024 + 1  # bytes; of a larger one the control API looks at no more
_BETWEEN_LOOKS = 0.05  # seconds, in which somebody may have begun to watch
_LEAVE_SECONDS = 2.0  # that a store may take which does not answer any more
_READS = ("/find", "/count", "/wait", "/send", "/again", "/explain")
"""What a POST of the control API ends in that changes nothing, or whose change is a request like any other."""


class Turns:
    """Gathers the requests that come while the store is asked, and has them decided together.

    Args:
        world: what decides.
    """

    def __init__(self, world: SharedWorld) -> None:
        self._world = world
        self._waiting: list[tuple[Arrival, asyncio.Future[Entry]]] = []
        self._running: asyncio.Task[None] | None = None

    async def answer(self, request: Request, client: str) -> Entry:
        """What becomes of a request, once the store has taken it."""
        future: asyncio.Future[Entry] = asyncio.get_running_loop().create_future()
        self._waiting.append((Arrival(request, client), future))
        self.go_on()
        return await future

    def go_on(self) -> None:
        """Have the store asked for what waits, unless it is asked already."""
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())

    async def _run(self) -> None:
        try:
            while self._waiting or self._world.has_unwritten:
                await self._take_turn()
        finally:
            self._running = None

    async def _take_turn(self) -> None:
        turn, self._waiting = self._waiting[:MOST_OF_A_TURN], self._waiting[MOST_OF_A_TURN:]
        try:
            entries = await self._world.answer_turn([arrival for arrival, _ in turn])
        except Exception as problem:  # noqa: BLE001 - who waits for an answer is told, whatever it is
            for _, future in turn:
                if not future.done():
                    future.set_exception(problem)
            return
        for (_, future), entry in zip(turn, entries, strict=True):
            if not future.done():
                future.set_result(entry)


class SharedApp(App):
    """Carries requests to a `SharedWorld`, and its answers back. Everything goes uvicorn's way, as it has to wait.

    Args:
        world: what answers.
        access: who may use the control API.
        reports: the files of the last contract checks.
    """

    world: SharedWorld

    def __init__(self, world: SharedWorld, access: Access | None = None, reports: Sequence[Path] = ()) -> None:
        super().__init__(world, access, reports)
        self._turns = Turns(world)
        self._tasks: set[asyncio.Task[None]] = set()
        self._is_leaving = False
        world.store.gathers = True

    def takes(self, method: bytes, url: bytes, fields: Mapping[bytes, bytes]) -> bool:  # noqa: ARG002 - as `App` has it
        """None: no answer is there at once."""
        return False

    def open(self) -> None:
        """The server has started: stay in touch with the store, and with what other nodes answer."""
        self._start(self._stay())
        self._start(self._follow())

    async def leave(self) -> None:
        """The server stops: end what was begun, and give the connections back."""
        self._is_leaving = True  # a task may miss that it is cancelled while it waits for an answer in vain
        for task in self._tasks:
            task.cancel()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=_LEAVE_SECONDS)
        await self.world.store.line.leave()

    def _start(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _stay(self) -> None:
        while not self._is_leaving:
            with suppress(StorageError):
                await self.world.stay()
            await asyncio.sleep(BEAT)

    async def _follow(self) -> None:
        """While somebody watches, read what other nodes have answered as soon as they say so."""
        while not self._is_leaving:
            await asyncio.sleep(_BETWEEN_LOOKS)
            if not self.world.is_watched:
                continue
            with suppress(StorageError):
                async for _ in self.world.store.line.arrivals():
                    if not self.world.is_watched:
                        break
                    await self.world.refresh()

    async def _entry(self, request: Request, client: str, started: float) -> Entry:  # noqa: ARG002 - as `App` has it
        """What becomes of a request, once the store has taken it."""
        return await self._turns.answer(request, client)

    async def _documented(self, scope: Scope, receive: Receive, send: Send) -> None:
        await super()._documented(scope, receive, send)
        if self.world.has_unwritten:
            self._turns.go_on()

    # The control API

    async def _own(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            if scope["method"] in ("GET", "HEAD") or scope["path"].endswith(_READS):
                await self._looked_at(scope, receive, send)
            else:
                await self._changed(scope, receive, send)
        except StorageError as problem:
            await _send(away(str(problem)), send)

    async def _looked_at(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/livez":
            await super()._own(scope, receive, send)
            return
        try:
            await self.world.refresh()
        except StorageError:
            if scope["path"] != "/readyz":  # which says so itself
                raise
        await super()._own(scope, receive, send)

    async def _changed(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer once the store has taken what was changed; where another node was faster, it is changed once more."""
        body = await _whole_body(receive)
        answer: list[Message] = []

        async def work() -> None:
            answer.clear()
            again = iter([{"type": "http.request", "body": body, "more_body": False}])
            await super(SharedApp, self)._own(scope, _after(again, receive), _keeping(answer))

        await self.world.change(work)
        for message in answer:
            await send(message)


async def _whole_body(receive: Receive) -> bytes:
    body = bytearray()
    while True:
        message = await receive()
        if len(body) < _LARGEST_BODY:
            body += message.get("body", b"")
        if not message.get("more_body", False):
            return bytes(body)


def _after(messages: Any, receive: Receive) -> Receive:
    async def first() -> Message:
        message: Message | None = next(messages, None)
        return await receive() if message is None else message

    return first


def _keeping(answer: list[Message]) -> Send:
    async def keep(message: Message) -> None:
        answer.append(message)

    return keep


async def _send(reply: Reply, send: Send) -> None:
    await send({"type": "http.response.start", "status": reply.status, "headers": list(reply.headers)})
    await send({"type": "http.response.body", "body": reply.body})
