"""Legal services: each reads a silence in its own way and keeps every clause. The check must accuse none of them."""

from __future__ import annotations

import asyncio
import gzip
import json
import re
import time
from typing import Any

from tests.services.service import FIELDS, MESSAGE, Message, Receive, Refused, Request, Send, Service

LEGAL: dict[str, type[Service]] = {}


def legal(cls: type[Service]) -> type[Service]:
    LEGAL[cls.__name__] = cls
    return cls


legal(Service)


# order


@legal
class BodyBeforeHeader(Service):
    steps = ("read", "validate", "authorize", "authenticate", "match")


@legal
class TokenBeforeTheRest(Service):
    steps = ("authorize", "read", "authenticate_early", "validate", "match")

    def authenticate_early(self, state: dict[str, Any]) -> None:
        if isinstance(state["body"].get("website_id"), str):
            self.authenticate(state)


@legal
class TokenAmongAllFirst(Service):
    steps = ("authorize", "look_up_token", "read", "validate", "authenticate", "match")

    def look_up_token(self, state: dict[str, Any]) -> None:
        if state["token"] not in {shop["token"] for shop in self.shops.values()}:
            raise Refused(401)


@legal
class MatchBeforeToken(Service):
    steps = ("authorize", "read", "validate", "match", "authenticate")


@legal
class MatchBeforeEverything(Service):
    steps = ("read", "validate", "match", "authorize", "authenticate")


@legal
class MatchBeforeTheRestOfTheBody(Service):
    """Looks up as soon as it has three ids, and looks at the amount and the address afterwards."""

    steps = ("authorize", "read", "need_ids", "match", "authenticate", "validate")

    def need_ids(self, state: dict[str, Any]) -> None:
        if any(not isinstance(state["body"].get(name), str) for name in FIELDS[:3]):
            raise Refused(400)


@legal
class MatchBeforeHeaderAndTheRest(MatchBeforeTheRestOfTheBody):
    steps = ("read", "need_ids", "match", "authorize", "authenticate", "validate")


@legal
class HeaderTokenMatchThenTheRest(MatchBeforeTheRestOfTheBody):
    steps = ("authorize", "read", "need_ids", "authenticate", "match", "validate")


@legal
class TypesThenMatchThenValues(Service):
    """A schema says of which type everything is, and what the values are worth is asked when the event is found."""

    steps = ("authorize", "read", "see_types", "authenticate", "match", "validate")

    def see_types(self, state: dict[str, Any]) -> None:
        body = state["body"]
        texts = (*FIELDS[:3], "email")
        if not all(isinstance(body.get(name), str) for name in texts) or type(body.get("revenue")) not in (int, float):
            raise Refused(400)


# unknown-website, wrong-type-id, empty-id, odd-id


@legal
class UnknownWebsiteIs404(Service):
    def authenticate(self, state: dict[str, Any]) -> None:
        if self.shop(state["body"]["website_id"]) is None:
            raise Refused(404)
        super().authenticate(state)


@legal
class WrongTypeMatchesNothing(Service):
    def is_id(self, value: Any) -> bool:
        return True


@legal
class WrongTypeMatchesNothingAndUnknownIs404(WrongTypeMatchesNothing, UnknownWebsiteIs404):
    pass


@legal
class EmptyIdIsInvalid(Service):
    def is_id(self, value: Any) -> bool:
        return isinstance(value, str) and value != ""


@legal
class BlankIdIsInvalid(Service):
    """White space alone is an empty id to many a framework."""

    def is_id(self, value: Any) -> bool:
        return isinstance(value, str) and value.strip() != ""


@legal
class OddIdsAreInvalid(Service):
    def is_id(self, value: Any) -> bool:
        return (
            isinstance(value, str)
            and 0 < len(value) <= 255
            and re.search(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]", value) is None
        )


@legal
class IdsMustBePrintable(Service):
    """Another idea of what a control character is: format characters and code points without a character are some, too."""

    def is_id(self, value: Any) -> bool:
        return isinstance(value, str) and value.isprintable()


# numbers


@legal
class IntegralFloatsAreIntegers(Service):
    def is_amount(self, value: Any) -> bool:
        if isinstance(value, float):
            return value > 0 and value.is_integer()
        return super().is_amount(value)


@legal
class AmountsFitInto32Bits(Service):
    def is_amount(self, value: Any) -> bool:
        return super().is_amount(value) and value < 2**31


@legal
class AmountsFitIntoADouble(IntegralFloatsAreIntegers):
    def is_amount(self, value: Any) -> bool:
        return super().is_amount(value) and value <= 2**53


@legal
class NumbersAsJavaScriptHasThem(Service):
    """Every number is a double: 1.0 is 1, and 9007199254740993 is 9007199254740992."""

    def load(self, raw: bytes) -> Any:
        def refuse(constant: str) -> float:
            raise ValueError(constant)

        return json.loads(raw.decode("utf-8-sig", "replace"), parse_int=float, parse_constant=refuse)

    def is_amount(self, value: Any) -> bool:
        return isinstance(value, float) and value > 0 and value.is_integer()


# e-mail


@legal
class AnyDomainWillDo(Service):
    def is_address(self, value: Any) -> bool:
        return isinstance(value, str) and re.fullmatch(r"[^@\s]+@[^@\s]+", value) is not None


@legal
class AddressesAsBrowsersHaveThem(Service):
    def is_address(self, value: Any) -> bool:
        label = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
        return (
            isinstance(value, str)
            and re.fullmatch(rf"[a-zA-Z0-9.!#$%&'*+/=?^_`{{|}}~-]+@{label}(?:\.{label})*", value) is not None
        )


@legal
class AddressesAreTrimmed(Service):
    def is_address(self, value: Any) -> bool:
        return isinstance(value, str) and super().is_address(value.strip())


@legal
class NarrowAddresses(Service):
    def is_address(self, value: Any) -> bool:
        if not isinstance(value, str) or len(value) > 254 or len(value.split("@")[0]) > 64:
            return False
        return re.fullmatch(r"[A-Za-z0-9._%+-]+@[A-Za-z0-9.-]+\.[A-Za-z]{2,}", value) is not None and ".." not in value


@legal
class QuotedAddresses(AnyDomainWillDo):
    def is_address(self, value: Any) -> bool:
        return super().is_address(value) or (
            isinstance(value, str) and re.fullmatch(r'"[^"]+"@[^@\s]+', value) is not None
        )


# the body's form


@legal
class NoFurtherFields(Service):
    def validate(self, state: dict[str, Any]) -> None:
        if set(state["body"]) - set(FIELDS):
            raise Refused(400)
        super().validate(state)


@legal
class FirstKeyWins(Service):
    def load(self, raw: bytes) -> Any:
        def refuse(constant: str) -> float:
            raise ValueError(constant)

        return json.loads(raw.decode(), object_pairs_hook=lambda pairs: dict(reversed(pairs)), parse_constant=refuse)


@legal
class NoKeyTwice(Service):
    def load(self, raw: bytes) -> Any:
        def refuse(constant: str) -> float:
            raise ValueError(constant)

        def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
            if len(dict(pairs)) < len(pairs):
                raise ValueError("a key twice")
            return dict(pairs)

        return json.loads(raw.decode(), object_pairs_hook=unique, parse_constant=refuse)


@legal
class AnyUnicodeEncoding(Service):
    """Python's own reader: UTF-8, UTF-16 and UTF-32, with or without a mark; numbers that are none are refused as amounts."""

    def load(self, raw: bytes) -> Any:
        return json.loads(raw)


@legal
class OnlyJsonContentType(Service):
    def parse(self, request: Request) -> dict[str, Any]:
        if (request.header("content-type") or "").split(";")[0].strip() != "application/json":
            raise Refused(415)
        return super().parse(request)


@legal
class OnlyJsonContentTypeBy400(Service):
    def route(self, request: Request) -> None:
        super().route(request)
        if not (request.header("content-type") or "").startswith("application/json"):
            raise Refused(400)


@legal
class LargeBodiesAreTooLarge(Service):
    def route(self, request: Request) -> None:
        super().route(request)
        if len(request.body) >= 1 << 20:
            raise Refused(413)


@legal
class LargeBodiesAreInvalid(Service):
    def parse(self, request: Request) -> dict[str, Any]:
        if len(request.body) >= 1 << 20:
            raise Refused(400)
        return super().parse(request)


# the header


@legal
class SchemeInAnyCase(Service):
    def bearer(self, header: str) -> str:
        match = re.fullmatch(r"bearer +(\S+) *", header, re.IGNORECASE)
        return match[1] if match else self.malformed(header)


@legal
class SpaceAroundTheToken(Service):
    def bearer(self, header: str) -> str:
        words = header.split()
        if len(words) != 2 or words[0] != "Bearer":
            raise Refused(401)
        return words[1]


# methods, errors, success


@legal
class OtherMethodsAre404(Service):
    def route(self, request: Request) -> None:
        if (request.path, request.method) != (self.path, "POST"):
            raise Refused(404)


@legal
class OtherMethodsAre401(Service):
    def route(self, request: Request) -> None:
        if request.method == "OPTIONS":
            raise Refused(204)
        if request.method != "POST":
            raise Refused(401)
        super().route(request)


def _errors(name: str, content_type: str, payload: bytes) -> None:
    def refusal(self: Service, status: int) -> tuple[int, bytes, dict[str, str]]:
        return status, payload, {"content-type": content_type} if content_type else {}

    legal(type(name, (Service,), {"refusal": refusal}))


_errors("ErrorsAsMessage", "application/json", b'{"message": "Invalid request"}')
_errors("ErrorsNested", "application/json", b'{"error": {"code": "invalid", "message": "no", "fields": ["email"]}}')
_errors("ErrorsListed", "application/json", b'{"errors": [{"field": "email", "message": "no"}]}')
_errors("ErrorsAsProblem", "application/problem+json", b'{"type": "about:blank", "title": "Bad Request"}')
_errors("ErrorsAsText", "text/plain; charset=utf-8", b"Bad Request")
_errors("ErrorsAsHtml", "text/html", b"<!doctype html><title>Error</title>")
_errors("ErrorsEmpty", "", b"")
_errors("ErrorsAsList", "application/json", b"[]")
_errors("ErrorsNotJson", "application/json", b"not json")


@legal
class MoreInASuccess(Service):
    def success(self, state: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        payload = json.dumps(
            {"id": len(self.payments), "message": MESSAGE, "data": {"revenue": state["body"]["revenue"]}}, indent=4
        )
        return 200, payload.encode() + b"\n", {"content-type": "Application/JSON; charset=utf-8", "x-request-id": "1"}


@legal
class CompressedWhenAsked(Service):
    def takes_gzip(self, asked: str | None) -> bool:
        return asked is not None and "gzip" in asked

    def success(self, state: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        status, payload, headers = super().success(state)
        if self.takes_gzip(state["request"].header("accept-encoding")):
            return status, gzip.compress(payload), {**headers, "content-encoding": "gzip", "vary": "accept-encoding"}
        return status, payload, headers


@legal
class CompressedForWhoDoesNotMind(CompressedWhenAsked):
    """RFC 9110, section 12.5.3: whoever names no coding accepts any, and `*` names all."""

    def takes_gzip(self, asked: str | None) -> bool:
        return asked is None or "gzip" in asked or "*" in asked


@legal
class CompressedInAWayWeCannotUndo(Service):
    """Brotli for whoever named no coding: legal, and nothing can be said about such a body."""

    def success(self, state: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        status, payload, headers = super().success(state)
        if state["request"].header("accept-encoding") is None:
            return status, b"\x0b\x02\x80{}\x03", {**headers, "content-encoding": "br"}
        return status, payload, headers


@legal
class EscapedSuccess(Service):
    def success(self, state: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        text = "".join(f"\\u{ord(letter):04x}" for letter in MESSAGE)
        return 200, f'{{"message":"{text}"}}'.encode(), {"content-type": "application/json;charset=UTF-8"}


@legal
class AnswersInPieces(Service):
    async def respond(self, send: Send, status: int, payload: bytes, headers: Any) -> None:
        raw = [(key.encode(), value.encode()) for key, value in headers.items()]
        await send({"type": "http.response.start", "status": status, "headers": raw})
        for start in range(0, len(payload), 7):
            await send({"type": "http.response.body", "body": payload[start : start + 7], "more_body": True})
        await send({"type": "http.response.body", "body": b""})


@legal
class ClosesEveryConnection(Service):
    async def respond(self, send: Send, status: int, payload: bytes, headers: Any) -> None:
        await super().respond(send, status, payload, {**headers, "connection": "close"})


@legal
class TakesItsTime(Service):
    async def handle(self, request: Request, send: Send) -> None:
        await asyncio.sleep(0.002)
        await super().handle(request, send)


@legal
class OneOfAKindAtATime(Service):
    """Has a payment wait while the very same is under way."""

    async def handle(self, request: Request, send: Send) -> None:
        lock: asyncio.Lock = self.memory.setdefault(request.body, asyncio.Lock())
        async with lock:
            await asyncio.sleep(0.001)
            await super().handle(request, send)


@legal
class OnePaymentForTwo(Service):
    def create(self, state: dict[str, Any]) -> None:
        if state["body"] not in self.payments[-50:]:
            super().create(state)


@legal
class AnswersTheSameKeyTheSame(Service):
    """Keeps what it answered to an `Idempotency-Key`."""

    def answer(self, request: Request) -> tuple[int, bytes, dict[str, str]]:
        key = (request.header("idempotency-key"), request.body, tuple(request.headers))
        if key[0] and key in self.memory:
            kept: tuple[int, bytes, dict[str, str]] = self.memory[key]
            return kept
        self.memory[key] = super().answer(request)
        return super().answer(request)


class _Limited(Service):
    def __init__(self) -> None:
        super().__init__()
        self.window: list[float] = []

    limit = 150
    retry: dict[str, str] = {"retry-after": "1"}

    async def handle(self, request: Request, send: Send) -> None:
        now = time.monotonic()
        self.window = [moment for moment in self.window if moment > now - 0.2]
        if len(self.window) >= self.limit:
            await self.respond(send, 429, b"slow down", self.retry)
            return
        self.window.append(now)
        await super().handle(request, send)


@legal
class LimitsTheRate(_Limited):
    retry = {"retry-after": "0"}


@legal
class LimitsTheRateWithoutAWord(_Limited):
    retry = {}


@legal
class RefusesEverySeventhForAMoment(Service):
    async def handle(self, request: Request, send: Send) -> None:
        self.memory["n"] = self.memory.get("n", 0) + 1
        if self.memory["n"] % 7 == 0:
            await self.respond(send, 429, b"", {})
            return
        await super().handle(request, send)


# what frameworks refuse before they look


@legal
class BodiesOfMoreThan100kBAreTooLarge(Service):
    """As Express has it by default."""

    def load(self, raw: bytes) -> Any:
        if len(raw) > 102_400:
            raise Refused(413)
        return super().load(raw)


@legal
class BodiesOfMoreThan64KiBAreInvalidBeforeAnythingElse(Service):
    def route(self, request: Request) -> None:
        if len(request.body) > 65_536:
            raise Refused(400)
        super().route(request)


@legal
class NegotiatesFirst(Service):
    def route(self, request: Request) -> None:
        accept = request.header("accept")
        if accept is not None and not re.search(r"application/(json|\*)|\*/\*", accept):
            raise Refused(406)
        super().route(request)


@legal
class TakesNoCallOfABrowser(Service):
    def route(self, request: Request) -> None:
        if any(name in ("origin", "referer", "cookie") or name.startswith("sec-fetch-") for name, _ in request.headers):
            raise Refused(403)
        super().route(request)


def _unchunked(name: str, status: int) -> None:
    def route(self: Service, request: Request) -> None:
        if request.header("transfer-encoding") is not None:
            raise Refused(status)
        Service.route(self, request)

    legal(type(name, (Service,), {"route": route}))


_unchunked("WantsALength", 411)
_unchunked("KnowsNoChunks", 501)


@legal
class ReadsNothingThatIsChunked(Service):
    def parse(self, request: Request) -> dict[str, Any]:
        if request.header("transfer-encoding") is not None:
            raise Refused(400)
        return super().parse(request)


@legal
class LabelsMustBeGivenOut(Service):
    """An address is looked at as far as the punycode of its labels goes."""

    def is_address(self, value: Any) -> bool:
        return super().is_address(value) and not re.search(r"[@.][A-Za-z0-9]{2}--", value)


# combinations


@legal
class EverythingStrict(
    NoKeyTwice, NoFurtherFields, OddIdsAreInvalid, NarrowAddresses, OnlyJsonContentType, AmountsFitInto32Bits
):
    pass


@legal
class EverythingLenient(
    IntegralFloatsAreIntegers,
    AnyDomainWillDo,
    AddressesAreTrimmed,
    AnyUnicodeEncoding,
    SchemeInAnyCase,
    UnknownWebsiteIs404,
):
    pass


@legal
class LenientAndBodyFirst(EverythingLenient, BodyBeforeHeader):
    steps = BodyBeforeHeader.steps


@legal
class StrictAndMatchFirst(EverythingStrict, MatchBeforeEverything):
    steps = MatchBeforeEverything.steps


@legal
class LooksUpWithoutValidatingIds(WrongTypeMatchesNothing):
    steps = MatchBeforeToken.steps


@legal
class NoLifespan(Service):
    async def live(self, receive: Receive, send: Send) -> None:
        raise RuntimeError("only http")


@legal
class IgnoresTheRestOfTheScope(Service):
    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        await super().__call__({**scope, "client": None}, receive, send)


@legal
class KnowsNoQueries(Service):
    """Compares the whole target with the document's, as Node's own server leaves it to do."""

    def route(self, request: Request) -> None:
        if request.query:
            raise Refused(404)
        super().route(request)
