"""A valid call that is refused, however it is written or whatever came before."""

from __future__ import annotations

import random
from typing import Any
from urllib.parse import parse_qs

from tests.services.service import Receive, Refused, Request, Service
from tests.services.wrong.table import cast, patched, refuse, wrong

patched(
    "endpoint",
    "OnlyTheFirstSession",
    is_event=lambda s, b, ses, vis: Service.is_event(s, b, ses, vis) and ses.endswith("01"),
)
patched(
    "endpoint",
    "OnlyTheLatestSession",
    is_event=lambda s, b, ses, vis: Service.is_event(s, b, ses, vis) and not ses.endswith("_01"),
)
patched("endpoint", "NoWhiteSpaceBefore", load=lambda s, raw: Service.load(s, raw if raw[:1] == b"{" else b""))
patched("endpoint", "NoLineEndAfter", load=lambda s, raw: Service.load(s, raw if raw[-1:] == b"}" else b""))
patched("endpoint", "NoCarriageReturns", load=lambda s, raw: Service.load(s, b"" if b"\r" in raw else raw))
patched("endpoint", "NoTabs", load=lambda s, raw: Service.load(s, b"" if b"\t" in raw else raw))
patched("endpoint", "EscapesStay", load=lambda s, raw: Service.load(s, raw.replace(b"\\u", b"\\\\u")))
patched(
    "endpoint",
    "CharsetIsAnotherType",
    parse=lambda s, r: Service.parse(s, r) if ";" not in (r.header("content-type") or "") else refuse(400),
)
patched("endpoint", "BodiesUpTo8KiB", parse=lambda s, r: Service.parse(s, r) if len(r.body) <= 8192 else refuse(413))
patched("endpoint", "BodiesUpTo32KiB", parse=lambda s, r: Service.parse(s, r) if len(r.body) <= 32768 else refuse(413))
patched("endpoint", "OnlyTheFirstKibibyteIsRead", load=lambda s, raw: Service.load(s, raw[:1024]))
patched(
    "endpoint",
    "NeedsAcceptJson",
    route=lambda s, r: Service.route(s, r) if "application/json" in (r.header("accept") or "") else refuse(406),
)
patched(
    "endpoint",
    "CookiesConfuseIt",
    route=lambda s, r: Service.route(s, r) if r.header("cookie") is None else refuse(400),
)
patched(
    "endpoint",
    "ChunkedBodiesMatchNothing",
    route=lambda s, r: Service.route(s, r) if r.header("transfer-encoding") is None else refuse(404),
)
patched("endpoint", "AnyMethodPays", route=lambda s, r: None)
patched("endpoint", "PutPaysToo", route=lambda s, r: None if r.method == "PUT" else Service.route(s, r))


@wrong("endpoint")
class KeysInTheDocumentsOrder(Service):
    def read(self, state: dict[str, Any]) -> None:
        super().read(state)
        if next(iter(state["body"]), "session_id") != "session_id":
            raise Refused(400)


@wrong("endpoint")
class ReadsOnlyTheFirstPiece(Service):
    async def receive_body(self, receive: Receive) -> bytes:
        body: bytes = (await receive()).get("body", b"")
        return body


@wrong("endpoint")
class ASessionIsGoodOnce(Service):
    def match(self, state: dict[str, Any]) -> None:
        super().match(state)
        if any(payment["session_id"] == state["body"]["session_id"] for payment in self.payments):
            raise Refused(404)


@wrong("endpoint")
class ASecondPaymentConflicts(Service):
    def create(self, state: dict[str, Any]) -> None:
        if state["body"] in self.payments:
            raise Refused(409)
        super().create(state)


@wrong("endpoint")
class OneEmailASession(Service):
    def match(self, state: dict[str, Any]) -> None:
        super().match(state)
        body = state["body"]
        if self.memory.setdefault(body["session_id"], body["email"]) != body["email"]:
            raise Refused(400)


@wrong("endpoint")
class AHundredPayments(Service):
    def create(self, state: dict[str, Any]) -> None:
        super().create(state)
        if len(self.payments) > 100:
            raise Refused(400)


@wrong("endpoint")
class FailsOnceInFifty(Service):
    def create(self, state: dict[str, Any]) -> None:
        super().create(state)
        if len(self.payments) % 50 == 0:
            raise Refused(404)


@wrong("error.status")
class FailsByChance(Service):
    chance = random.Random(7)  # noqa: S311 - not for secrets

    def create(self, state: dict[str, Any]) -> None:
        super().create(state)
        if self.chance.random() < 0.02:
            raise Refused(500)


patched("endpoint", "NoEscapedSlashes", load=lambda s, raw: Service.load(s, b"" if b"\\/" in raw else raw))
patched("endpoint", "NoSpaceWithinBraces", load=lambda s, raw: Service.load(s, b"" if raw.startswith(b"{ ") else raw))
patched(
    "endpoint",
    "AnotherMethodMayBeNamed",
    route=lambda s, r: None if r.header("x-http-method-override") == "POST" else Service.route(s, r),
)


@wrong("endpoint")
class NestedFieldsWin(Service):
    def parse(self, request: Request) -> dict[str, Any]:
        body = super().parse(request)
        return body | next((value for value in body.values() if isinstance(value, dict)), {})


@wrong("endpoint")
class APixelPays(Service):
    def route(self, request: Request) -> None:
        if request.method != "GET":
            super().route(request)

    def parse(self, request: Request) -> dict[str, Any]:
        if request.method != "GET":
            return super().parse(request)
        return {name: cast(name, values[0]) for name, values in parse_qs(request.query).items()}


@wrong("endpoint")
class PiecesAreDecodedAlone(Service):
    """A letter that is cut in two by the wire is lost."""

    async def receive_body(self, receive: Receive) -> bytes:
        text = ""
        while True:
            message = await receive()
            text += bytes(message.get("body", b"")).decode("utf-8", "ignore")
            if not message.get("more_body"):
                return text.encode()

    def match(self, state: dict[str, Any]) -> None:
        if state["body"]["session_id"].endswith("-"):
            raise Refused(400)
        super().match(state)
