"""What one request changes for the next, and answers that are mixed up."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from tests.services.service import Receive, Refused, Request, Send, Service
from tests.services.wrong.table import refuse, wrong


@wrong("event.only-on-success")
class AnErrorLocksTheSession(Service):
    def answer(self, request: Request) -> tuple[int, bytes, dict[str, str]]:
        try:
            return super().answer(request)
        except Refused as refused:
            if refused.status == 401:
                self.memory["locked"] = request.body
            raise

    def match(self, state: dict[str, Any]) -> None:
        if self.memory.pop("locked", None) == state["request"].body:
            raise Refused(404)
        super().match(state)


@wrong("event.only-on-success")
class LockedAfterManyBadTokens(Service):
    def wrong_token(self, state: dict[str, Any], shop: Mapping[str, Any]) -> None:
        self.memory["bad"] = self.memory.get("bad", 0) + 1
        raise Refused(401)

    def authenticate(self, state: dict[str, Any]) -> None:
        super().authenticate(state)
        if self.memory.get("bad", 0) > 40:
            raise Refused(401)


@wrong("event.only-on-success")
class ARefusedPaymentBlocksTheNext(Service):
    def validate(self, state: dict[str, Any]) -> None:
        try:
            super().validate(state)
        except Refused:
            self.memory["blocked"] = True
            raise

    def match(self, state: dict[str, Any]) -> None:
        super().match(state)
        if self.memory.pop("blocked", False):
            raise Refused(400)


# what a second request changes, and answers that are mixed up


@wrong("endpoint")
class TheRequestIsShared(Service):
    """Keeps the current body in one place while it waits."""

    async def receive_body(self, receive: Receive) -> bytes:
        body = b""
        while True:
            message = await receive()
            body += message.get("body", b"")
            self.memory["body"] = body
            if not message.get("more_body"):
                await asyncio.sleep(0)
                await asyncio.sleep(0)
                shared: bytes = self.memory["body"]
                return shared


@wrong("endpoint")
class TheAnswerIsShared(Service):
    async def handle(self, request: Request, send: Send) -> None:
        try:
            self.memory["answer"] = self.answer(request)
        except Refused as refused:
            self.memory["answer"] = self.refusal(refused.status)
        await asyncio.sleep(0.001)
        await self.respond(send, *self.memory["answer"])


@wrong("endpoint")
class ANewPaymentTwiceAtOnceFails(Service):
    """Looks a payment up, and a while later inserts it where it may stand but once."""

    async def handle(self, request: Request, send: Send) -> None:
        was_known = request.body in self.memory
        await asyncio.sleep(0.001)
        try:
            answer = self.answer(request)
        except Refused as refused:
            answer = self.refusal(refused.status)
        else:
            if not was_known and request.body in self.memory:
                answer = self.refusal(500)
            self.memory[request.body] = True
        await self.respond(send, *answer)


@wrong("error.status")
class TheFirstCallFails(Service):
    def answer(self, request: Request) -> tuple[int, bytes, dict[str, str]]:
        return super().answer(request) if self.count > 1 else refuse(500)


@wrong("event.only-on-success")
class NothingIsPaidAfterAGet(Service):
    def route(self, request: Request) -> None:
        before, self.memory["method"] = self.memory.get("method"), request.method
        super().route(request)
        if before == "GET":
            raise Refused(404)
