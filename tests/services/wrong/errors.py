"""Refusals with another status, failures, dropped connections and hangs."""

from __future__ import annotations

import asyncio
from typing import Any

from tests.services.service import Refused, Request, Send, Service
from tests.services.wrong.table import patched, refuse, wrong

patched("error.status", "RefusalsAre422", refusal=lambda s, n: Service.refusal(s, 422 if n == 400 else n))
patched("error.status", "RefusalsAre403", refusal=lambda s, n: Service.refusal(s, 403 if n == 401 else n))
patched("error.status", "RefusalsAre200", refusal=lambda s, n: Service.refusal(s, 200))
patched("error.status", "AllRefusalsAre400", refusal=lambda s, n: Service.refusal(s, 400))
patched("error.status", "LoneSurrogatesFail", is_id=lambda s, v: isinstance(v, str) and _encodable(v))
patched(
    "error.status",
    "LongIdsFail",
    match=lambda s, st: Service.match(s, st) if len(st["body"]["session_id"]) < 1000 else refuse(500),
)
patched(
    "error.status",
    "NulFails",
    match=lambda s, st: Service.match(s, st) if "\x00" not in st["body"]["visitor_id"] else refuse(500),
)
patched("error.status", "BigNumbersFail", is_amount=lambda s, v: Service.is_amount(s, v) and (v < 2**63 or refuse(500)))
patched(
    "error.status",
    "EmojiFail",
    match=lambda s, st: (
        Service.match(s, st)
        if st["body"]["session_id"].encode("latin-1", "ignore").decode("latin-1") == st["body"]["session_id"]
        else refuse(500)
    ),
)
patched(
    "error.status", "OtherMethodsFail", route=lambda s, r: Service.route(s, r) if r.method == "POST" else refuse(500)
)
patched(
    "error.status", "LargeBodiesFail", route=lambda s, r: Service.route(s, r) if len(r.body) < 1 << 20 else refuse(500)
)
patched(
    "error.status",
    "NoContentTypeFails",
    parse=lambda s, r: Service.parse(s, r) if r.header("content-type") else refuse(500),
)
patched("error.status", "BadUtf8Fails", load=lambda s, raw: _utf8(raw) and Service.load(s, raw))
patched(
    "error.status",
    "PercentFails",
    match=lambda s, st: Service.match(s, st) if "%" not in st["body"]["session_id"] else refuse(500),
)
patched(
    "error.status",
    "QuotesFail",
    match=lambda s, st: Service.match(s, st) if "'" not in st["body"]["visitor_id"] else refuse(500),
)
patched(
    "error.status",
    "LongAddressesFail",
    is_address=lambda s, v: Service.is_address(s, v) if len(str(v)) < 10000 else refuse(500),
)


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        raise Refused(500) from None
    return True


def _utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        raise Refused(500) from None
    return True


@wrong("error.status")
class AnExceptionForAnEmptyObject(Service):
    def validate(self, state: dict[str, Any]) -> None:
        if not state["body"]:
            raise KeyError("session_id")
        super().validate(state)


@wrong("error.status")
class NoAnswerToUnknownIds(Service):
    async def handle(self, request: Request, send: Send) -> None:
        try:
            status, payload, headers = self.answer(request)
        except Refused as refused:
            if refused.status == 404 and request.method == "POST":
                return
            status, payload, headers = self.refusal(refused.status)
        await self.respond(send, status, payload, headers)


@wrong("error.status")
class HangsOnANegativeAmount(Service):
    async def handle(self, request: Request, send: Send) -> None:
        if b'"revenue": -' in request.body:
            await asyncio.sleep(3600)
        await super().handle(request, send)
