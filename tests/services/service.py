"""A correct service, written from the document alone: plain ASGI, plain stdlib, no code shared with the mock.

Each check is a small method, so that a wrong or an unusual service is a subclass of a few lines.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any, NoReturn

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

MESSAGE = "Payment event attributed successfully."
FIELDS = ("session_id", "visitor_id", "website_id", "revenue", "email")
IDS = FIELDS[:3]

SHOPS: Mapping[str, Mapping[str, Any]] = {
    "shop_otter": {
        "token": "tf_live_otter_Q7wErTy9ZxCv",
        "events": [("ses_otter_Mia_01", "vis_otter_Mia"), ("ses_otter_Mia_02", "vis_otter_Mia"), ("ses_otter_Noa_03", "vis_otter_Noa")],
    },
    "shop_heron": {
        "token": "tf_live_heron_P0oLkM3nJbHg",
        "events": [("ses_heron_Kai_01", "vis_heron_Kai"), ("ses_heron_Mia_02", "vis_otter_Mia")],
    },
}  # fmt: skip
"""Two shops; one visitor is known in both."""


class Refused(Exception):  # noqa: N818 - it is an answer, not a mistake
    """The request is answered with this status."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


@dataclass
class Request:
    """One request as it arrived; header names in lower case."""

    method: str
    path: str
    query: str
    headers: list[tuple[str, str]]
    body: bytes
    client: int

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name), None)


class Service:
    """Answers as the document says; what it leaves open is read in the plainest way."""

    path = "/api/v1/attribute-payment"
    steps: tuple[str, ...] = ("authorize", "read", "validate", "authenticate", "match")

    def __init__(self) -> None:
        self.shops = SHOPS
        self.payments: list[dict[str, Any]] = []
        self.count = 0
        self.memory: dict[Any, Any] = {}

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self.live(receive, send)
            return
        body = await self.receive_body(receive)
        headers = [(key.decode("latin-1").lower(), value.decode("latin-1")) for key, value in scope["headers"]]
        query = scope["query_string"].decode("latin-1")
        client = (scope.get("client") or ("", 0))[1]
        await self.handle(Request(scope["method"], scope["path"], query, headers, body, client), send)

    async def live(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def receive_body(self, receive: Receive) -> bytes:
        body: bytes = b""
        while True:
            message = await receive()
            body += bytes(message.get("body", b""))
            if not message.get("more_body"):
                return body

    async def handle(self, request: Request, send: Send) -> None:
        self.count += 1
        try:
            status, payload, headers = self.answer(request)
        except Refused as refused:
            status, payload, headers = self.refusal(refused.status)
        await self.respond(send, status, payload, headers)

    async def respond(self, send: Send, status: int, payload: bytes, headers: Mapping[str, str]) -> None:
        raw = [
            (key.encode(), value.encode()) for key, value in {"content-length": str(len(payload)), **headers}.items()
        ]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        await send({"type": "http.response.body", "body": payload})

    # What is answered

    def answer(self, request: Request) -> tuple[int, bytes, dict[str, str]]:
        self.route(request)
        state: dict[str, Any] = {"request": request}
        for step in self.steps:
            getattr(self, step)(state)
        self.create(state)
        return self.success(state)

    def success(self, state: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        return 200, json.dumps({"message": MESSAGE}).encode(), {"content-type": "application/json"}

    def refusal(self, status: int) -> tuple[int, bytes, dict[str, str]]:
        return status, b'{"error": "refused"}', {"content-type": "application/json"}

    def create(self, state: dict[str, Any]) -> None:
        self.payments.append(dict(state["body"]))

    # The checks

    def route(self, request: Request) -> None:
        if request.path != self.path:
            raise Refused(404)
        if request.method != "POST":
            raise Refused(405)

    def authorize(self, state: dict[str, Any]) -> None:
        header = state["request"].header("authorization")
        if header is None:
            raise Refused(self.no_header(state["request"]))
        state["token"] = self.bearer(header)

    def no_header(self, request: Request) -> int:
        return 401

    def bearer(self, header: str) -> str:
        match = re.fullmatch(r"Bearer ([^\s]+)", header)
        return match[1] if match else self.malformed(header)

    def malformed(self, header: str) -> str:
        raise Refused(401)

    def read(self, state: dict[str, Any]) -> None:
        state["body"] = self.parse(state["request"])

    def parse(self, request: Request) -> dict[str, Any]:
        try:
            body = self.load(request.body)
        except (ValueError, RecursionError):
            raise Refused(400) from None
        if not isinstance(body, dict):
            return self.not_an_object(body)
        return body

    def not_an_object(self, body: Any) -> dict[str, Any]:
        raise Refused(400)

    def load(self, raw: bytes) -> Any:
        def refuse(constant: str) -> NoReturn:
            raise ValueError(constant)

        return json.loads(raw.decode("utf-8"), parse_constant=refuse)

    def validate(self, state: dict[str, Any]) -> None:
        body = state["body"]
        for name in FIELDS:
            value = self.field(body, name, state["request"])
            if value is None:
                self.absent(body, name)
        for name in IDS:
            if not self.is_id(body[name]):
                self.not_an_id(body, name)
        if not self.is_amount(body["revenue"]) or not self.is_address(body["email"]):
            raise Refused(400)

    def field(self, body: dict[str, Any], name: str, request: Request) -> Any:
        return body.get(name)

    def absent(self, body: dict[str, Any], name: str) -> None:
        raise Refused(400)

    def not_an_id(self, body: dict[str, Any], name: str) -> None:
        raise Refused(400)

    def is_id(self, value: Any) -> bool:
        return isinstance(value, str)

    def is_amount(self, value: Any) -> bool:
        return isinstance(value, int) and not isinstance(value, bool) and value > 0

    def is_address(self, value: Any) -> bool:
        return isinstance(value, str) and re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value) is not None

    def authenticate(self, state: dict[str, Any]) -> None:
        shop = self.shop(state["body"]["website_id"])
        if shop is None:
            raise Refused(401)
        if not self.is_token(state["token"], shop["token"]):
            self.wrong_token(state, shop)

    def shop(self, website_id: Any) -> Mapping[str, Any] | None:
        return next((shop for known, shop in self.shops.items() if self.same_website(website_id, known)), None)

    def same_website(self, given: Any, known: str) -> bool:
        return bool(given == known)

    def is_token(self, given: str, known: str) -> bool:
        return given == known

    def wrong_token(self, state: dict[str, Any], shop: Mapping[str, Any]) -> None:
        raise Refused(401)

    def match(self, state: dict[str, Any]) -> None:
        body = state["body"]
        shop = self.shop(body["website_id"])
        if shop is None or not any(self.is_event(body, session, visitor) for session, visitor in shop["events"]):
            self.no_match(state)

    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:
        return self.same_session(body["session_id"], session) and self.same_visitor(body["visitor_id"], visitor)

    def same_session(self, given: Any, known: str) -> bool:
        return self.same(given, known)

    def same_visitor(self, given: Any, known: str) -> bool:
        return self.same(given, known)

    def same(self, given: Any, known: str) -> bool:
        return bool(given == known)

    def no_match(self, state: dict[str, Any]) -> None:
        raise Refused(404)
