"""Wrong services: each breaks one clause in one way. The check must break each on that clause."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import random
import re
import unicodedata
from collections.abc import Callable, Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import parse_qs, unquote

from tests.services.service import FIELDS, MESSAGE, Receive, Refused, Request, Send, Service

WRONG: dict[str, tuple[str, type[Service]]] = {}
"""By name: the clause that is broken, and the service."""


def wrong(clause_id: str) -> Callable[[type[Service]], type[Service]]:
    def add(cls: type[Service]) -> type[Service]:
        WRONG[cls.__name__] = (clause_id, cls)
        return cls

    return add


def patched(clause_id: str, name: str, **methods: Any) -> None:
    """A wrong service of one line."""
    WRONG[name] = (clause_id, type(name, (Service,), methods))


# endpoint: a valid call is answered 200

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
    parse=lambda s, r: Service.parse(s, r) if ";" not in (r.header("content-type") or "") else _refuse(400),
)
patched("endpoint", "BodiesUpTo64KiB", parse=lambda s, r: Service.parse(s, r) if len(r.body) <= 65536 else _refuse(413))
patched(
    "endpoint", "BodiesUpTo100KB", parse=lambda s, r: Service.parse(s, r) if len(r.body) <= 102400 else _refuse(413)
)
patched(
    "endpoint", "BodiesUpTo512KiB", parse=lambda s, r: Service.parse(s, r) if len(r.body) <= 524288 else _refuse(413)
)
patched("endpoint", "OnlyTheFirstKibibyteIsRead", load=lambda s, raw: Service.load(s, raw[:1024]))
patched(
    "endpoint",
    "NeedsAcceptJson",
    route=lambda s, r: Service.route(s, r) if "application/json" in (r.header("accept") or "") else _refuse(406),
)
patched(
    "endpoint",
    "CookiesConfuseIt",
    route=lambda s, r: Service.route(s, r) if r.header("cookie") is None else _refuse(400),
)
patched(
    "endpoint",
    "NoChunkedBodies",
    route=lambda s, r: Service.route(s, r) if r.header("transfer-encoding") is None else _refuse(400),
)


def _refuse(status: int) -> Any:
    raise Refused(status)


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


# field.required

for _name in FIELDS:
    patched("field.required", f"Absent_{_name}", absent=lambda s, b, n, name=_name: b.update({n: {"revenue": 1, "email": "a@b.co"}.get(n, s.shops and _first(b, n))}) if n == name and n not in b else _refuse(400))  # fmt: skip
    patched("field.required", f"Null_{_name}", absent=lambda s, b, n, name=_name: b.update({n: {"revenue": 1, "email": "a@b.co"}.get(n, _first(b, n))}) if n == name and n in b else _refuse(400))  # fmt: skip


def _first(body: Mapping[str, Any], name: str) -> Any:
    """The value that a careless default would have."""
    from tests.services.service import SHOPS  # noqa: PLC0415 - only here

    for website_id, shop in SHOPS.items():
        for session, visitor in shop["events"]:
            known = {"website_id": website_id, "session_id": session, "visitor_id": visitor}
            if all(body.get(key) in (None, value) for key, value in known.items()):
                return known[name]
    return ""


patched(
    "field.required",
    "CamelCaseToo",
    field=lambda s, b, n, r: _alias(b, n, n.split("_")[0] + n.title().replace("_", "")[len(n.split("_")[0]) :]),
)
patched(
    "field.required", "AnyCaseOfNames", field=lambda s, b, n, r: _alias(b, n, next((k for k in b if k.lower() == n), n))
)
patched("field.required", "AmountForRevenue", field=lambda s, b, n, r: _alias(b, n, "amount" if n == "revenue" else n))
patched(
    "field.required",
    "NamesAreTrimmed",
    field=lambda s, b, n, r: _alias(b, n, next((k for k in b if k.strip() == n), n)),
)
patched(
    "field.required",
    "DataAround",
    field=lambda s, b, n, r: (
        b.setdefault(n, b["data"][n]) if n not in b and isinstance(b.get("data"), dict) and n in b["data"] else b.get(n)
    ),
)
patched(
    "field.required",
    "QueryToo",
    field=lambda s, b, n, r: (
        b.setdefault(n, _cast(n, parse_qs(r.query)[n][0])) if n not in b and n in parse_qs(r.query) else b.get(n)
    ),
)
patched("field.required", "MissingIs422", absent=lambda s, b, n: _refuse(422))
patched("field.required", "MissingWebsiteIs401", absent=lambda s, b, n: _refuse(401 if n == "website_id" else 400))
patched("field.required", "MissingSessionIs404", absent=lambda s, b, n: _refuse(404 if n == "session_id" else 400))


def _cast(name: str, value: str) -> Any:
    return int(value) if name == "revenue" and value.isdigit() else value


def _alias(body: dict[str, Any], name: str, alias: str) -> Any:
    if name not in body and alias in body:
        body[name] = body[alias]
    return body.get(name)


# field.string

patched(
    "field.string",
    "ListsOfOneAreUnpacked",
    field=lambda s, b, n, r: (
        b.update({n: b[n][0]}) or b[n] if isinstance(b.get(n), list) and len(b[n]) == 1 else b.get(n)
    ),
)
patched("field.string", "AWrongTypeIsAnError", is_id=lambda s, v: isinstance(v, str) or _refuse(500))
patched(
    "field.string",
    "NoSqlOperators",
    is_id=lambda s, v: isinstance(v, (str, dict)),
    same=lambda s, g, k: g == k or (isinstance(g, dict) and next(iter(g), "") in ("$ne", "$gt", "$exists")),
)
patched(
    "field.string",
    "ObjectsWithAValue",
    field=lambda s, b, n, r: (
        b.update({n: b[n]["value"]}) or b[n] if isinstance(b.get(n), dict) and b[n].get("value") else b.get(n)
    ),
)
patched("field.string", "AnyListIsAnAddress", is_address=lambda s, v: isinstance(v, list) or Service.is_address(s, v))
patched("field.string", "ANumberIsAnAddress", is_address=lambda s, v: type(v) is int or Service.is_address(s, v))
patched("field.string", "TrueIsAnAddress", is_address=lambda s, v: v is True or Service.is_address(s, v))
patched(
    "field.string",
    "TrueMatchesAnySession",
    is_id=lambda s, v: isinstance(v, (str, bool)),
    same=lambda s, g, k: g is True or g == k,
)

# revenue.positive-integer

for _text, _is_amount in {
    "ZeroIsPositive": lambda v: type(v) is int and v >= 0,
    "NegativesToo": lambda v: type(v) is int and v != 0,
    "FractionsToo": lambda v: type(v) in (int, float) and v > 0,
    "FractionsAboveOne": lambda v: type(v) in (int, float) and v >= 1,
    "AmountsAreRounded": lambda v: type(v) in (int, float) and round(v) > 0 and abs(v - round(v)) < 0.01,
    "StringsOfDigits": lambda v: (type(v) is int and v > 0) or (isinstance(v, str) and v.isdecimal() and int(v) > 0),
    "StringsOfAnything": lambda v: (type(v) is int and v > 0) or (isinstance(v, str) and v != ""),
    "StringsAsFloats": lambda v: (type(v) is int and v > 0) or (isinstance(v, str) and _float(v) > 0),
    "TrueIsOne": lambda v: isinstance(v, int) and v > 0,
    "FalseIsAnAmount": lambda v: v is False or (type(v) is int and v > 0),
    "AtLeastFifty": lambda v: type(v) is int and v >= 50,
    "AtMost999999": lambda v: type(v) is int and 0 < v <= 999_999,
    "AtMost16Bits": lambda v: type(v) is int and 0 < v < 65536,
    "BelowAHundredMillion": lambda v: type(v) is int and 0 < v < 100_000_000,
    "WholeEurosOnly": lambda v: type(v) is int and v > 0 and (v < 100 or v % 100 == 0),
    "AListIsAnAmount": lambda v: isinstance(v, list) or (type(v) is int and v > 0),
    "AnObjectIsAnAmount": lambda v: isinstance(v, dict) or (type(v) is int and v > 0),
    "AListOfOne": lambda v: (isinstance(v, list) and len(v) == 1 and type(v[0]) is int) or (type(v) is int and v > 0),
    "NegativeFractions": lambda v: (type(v) is float and v < 0) or (type(v) is int and v > 0),
    "TinyFractions": lambda v: (type(v) is float and 0 < v < 1e-3) or (type(v) is int and v > 0),
    "ZeroAsFloat": lambda v: (type(v) is float and v == 0) or (type(v) is int and v > 0),
}.items():  # fmt: skip
    patched("revenue.positive-integer", _text, is_amount=lambda s, v, rule=_is_amount: bool(rule(v)))


def _float(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return 0


# email.valid

_PLAIN = r"[^@\s]+@[^@\s]+\.[^@\s]+"
for _text, _is_address in {
    "AnyStringIsAnAddress": lambda v: True,
    "AnythingNotEmpty": lambda v: v != "",
    "AnAtIsEnough": lambda v: "@" in v,
    "AnAtAndADot": lambda v: "@" in v and "." in v,
    "TwoAtSigns": lambda v: v.count("@") >= 1 and re.fullmatch(r"\S+@\S+\.\S+", v) is not None,
    "SpacesInside": lambda v: re.fullmatch(r"[^@]+@[^@]+\.[^@]+", v) is not None,
    "NoLocalPart": lambda v: re.fullmatch(r"[^@\s]*@[^@\s]+\.[^@\s]+", v) is not None,
    "NoDomain": lambda v: re.fullmatch(r"[^@\s]+@[^@\s]*", v) is not None,
    "TheStartMatches": lambda v: re.match(_PLAIN, v) is not None,
    "SomewhereInIt": lambda v: re.search(_PLAIN, v) is not None,
    "ALineMatches": lambda v: re.search(rf"^{_PLAIN}$", v, re.MULTILINE) is not None,
    "NoPlus": lambda v: re.fullmatch(_PLAIN, v) is not None and "+" not in v,
    "SmallLettersOnly": lambda v: re.fullmatch(_PLAIN, v) is not None and v == v.lower(),
    "CapitalsInTheLocalPart": lambda v: re.fullmatch(_PLAIN, v) is not None and not re.match(r"[^@]*[A-Z]", v),
    "ShortTopLevel": lambda v: re.fullmatch(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,4}", v) is not None,
    "TopLevelUpTo6": lambda v: re.fullmatch(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,6}", v) is not None,
    "TopLevelUpTo12": lambda v: re.fullmatch(r"[^@\s]+@[^@\s]+\.[A-Za-z]{2,12}", v) is not None,
    "NoSubdomains": lambda v: re.fullmatch(r"[^@\s]+@[^@\s.]+\.[^@\s.]+", v) is not None,
    "TwoLevelsAtMost": lambda v: re.fullmatch(r"[^@\s]+@[^@\s.]+(\.[^@\s.]+){1,2}", v) is not None,
    "NoHyphens": lambda v: re.fullmatch(r"[\w.+]+@[\w.]+\.\w+", v) is not None,
    "NoDots": lambda v: re.fullmatch(_PLAIN, v) is not None and "." not in v.split("@")[0],
    "NoDigitsFirst": lambda v: re.fullmatch(_PLAIN, v) is not None and not v[0].isdigit(),
    "LongLocalPartsRefused": lambda v: re.fullmatch(_PLAIN, v) is not None and len(v.split("@")[0]) <= 30,
    "EmptyIsFine": lambda v: v == "" or re.fullmatch(_PLAIN, v) is not None,
    "OneLetterRefused": lambda v: re.fullmatch(r"[^@\s]{2,}@[^@\s]+\.[^@\s]+", v) is not None,
    "ListsOfAddresses": lambda v: all(re.fullmatch(_PLAIN, one.strip()) for one in re.split("[,;]", v)),
    "NamesAndAddresses": lambda v: re.fullmatch(rf"[^<>@]*<{_PLAIN}>|{_PLAIN}", v) is not None,
    "DecodedFirst": lambda v: re.fullmatch(_PLAIN, unquote(v)) is not None,
    "CountryDomainsRefused": lambda v: re.fullmatch(_PLAIN, v) is not None and not v.endswith(".uk"),
}.items():  # fmt: skip
    patched("email.valid", _text, is_address=lambda s, v, rule=_is_address: isinstance(v, str) and bool(rule(v)))

# body.object

patched(
    "body.object",
    "AListOfOneObject",
    not_an_object=lambda s, b: b[0] if isinstance(b, list) and len(b) == 1 and isinstance(b[0], dict) else _refuse(400),
)
patched(
    "body.object",
    "AListOfObjects",
    not_an_object=lambda s, b: b[0] if isinstance(b, list) and b and isinstance(b[0], dict) else _refuse(400),
)
patched(
    "body.object",
    "AStringOfJson",
    not_an_object=lambda s, b: json.loads(b) if isinstance(b, str) and b[:1] == "{" else _refuse(400),
)
patched("body.object", "NullIsAnError", not_an_object=lambda s, b: _refuse(500 if b is None else 400))
patched("body.object", "AnArrayIsAnError", not_an_object=lambda s, b: _refuse(500 if isinstance(b, list) else 400))
patched("body.object", "AStringIs404", not_an_object=lambda s, b: _refuse(404 if isinstance(b, str) else 400))
patched("body.object", "EmptyIsAnError", load=lambda s, raw: Service.load(s, raw) if raw else _refuse(500))
patched("body.object", "MalformedIs422", load=lambda s, raw: _or(lambda: Service.load(s, raw), lambda: _refuse(422)))
patched(
    "body.object", "MalformedIsAnError", load=lambda s, raw: _or(lambda: Service.load(s, raw), lambda: _refuse(500))
)
patched(
    "body.object", "TheRestIsIgnored", load=lambda s, raw: json.JSONDecoder().raw_decode(raw.decode().strip() or "x")[0]
)
patched("body.object", "TrailingCommas", load=lambda s, raw: Service.load(s, re.sub(rb",\s*}", b"}", raw)))
patched("body.object", "Comments", load=lambda s, raw: Service.load(s, re.sub(rb"/\*.*?\*/|//[^\n]*\n", b"", raw)))
patched(
    "body.object", "SingleQuotes", load=lambda s, raw: Service.load(s, raw if b'"' in raw else raw.replace(b"'", b'"'))
)
patched(
    "body.object",
    "NamesWithoutQuotes",
    load=lambda s, raw: Service.load(s, re.sub(rb"([{,]\s*)(\w+):", rb'\1"\2":', raw)),
)
patched("body.object", "FormsToo", load=lambda s, raw: _or(lambda: Service.load(s, raw), lambda: _form(raw)))
patched(
    "body.object",
    "ClosesWhatIsOpen",
    load=lambda s, raw: _or(lambda: Service.load(s, raw), lambda: Service.load(s, raw + b"}")),
)
patched("body.object", "NulsAreStripped", load=lambda s, raw: Service.load(s, raw.strip(b"\x00")))
patched("body.object", "PythonsLiterals", load=lambda s, raw: _or(lambda: Service.load(s, raw), lambda: _literal(raw)))
patched(
    "body.object", "InvalidBytesAreDropped", load=lambda s, raw: Service.load(s, raw.decode("utf-8", "ignore").encode())
)
patched(
    "body.object",
    "TheLastLineCounts",
    load=lambda s, raw: _or(lambda: Service.load(s, raw), lambda: Service.load(s, raw.strip().split(b"\n")[-1])),
)
patched(
    "body.object",
    "Base64Too",
    load=lambda s, raw: _or(lambda: Service.load(s, raw), lambda: Service.load(s, base64.b64decode(raw))),
)
patched(
    "body.object",
    "GzipToo",
    load=lambda s, raw: Service.load(s, gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw),
)
patched(
    "body.object",
    "ControlCharactersInStrings",
    load=lambda s, raw: json.loads(raw.decode(), strict=False),
    is_address=lambda s, v: isinstance(v, str) and Service.is_address(s, re.sub(r"[\n\t\r]", "", v)),
)
patched(
    "body.object", "DeepIsAnError", load=lambda s, raw: Service.load(s, raw) if raw.count(b"[") < 5000 else _refuse(500)
)
patched(
    "body.object",
    "QueryWithoutABody",
    parse=lambda s, r: (
        {n: _cast(n, v[0]) for n, v in parse_qs(r.query).items()} if not r.body and r.query else Service.parse(s, r)
    ),
)
patched("body.object", "LeadingGarbageIsSkipped", load=lambda s, raw: Service.load(s, raw[max(0, raw.find(b"{")) :]))
patched("body.object", "LeadingZeros", load=lambda s, raw: Service.load(s, re.sub(rb": 0+(\d)", rb": \1", raw)))


def _or(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    try:
        return first()
    except (ValueError, RecursionError):
        return second()


def _form(raw: bytes) -> Any:
    fields = parse_qs(raw.decode())
    if not set(FIELDS) & set(fields):
        raise ValueError("no form")
    return {name: _cast(name, values[0]) for name, values in fields.items()}


def _literal(raw: bytes) -> Any:
    import ast  # noqa: PLC0415 - only here

    try:
        return ast.literal_eval(raw.decode())
    except (SyntaxError, MemoryError, TypeError, RecursionError) as problem:
        raise ValueError from problem


# auth.missing


@wrong("auth.missing")
class NoHeaderIsFine(Service):
    def authorize(self, state: dict[str, Any]) -> None:
        if state["request"].header("authorization") is not None:
            super().authorize(state)

    def authenticate(self, state: dict[str, Any]) -> None:
        if "token" in state:
            super().authenticate(state)


patched("auth.missing", "NoHeaderIs400", no_header=lambda s, r: 400)
patched("auth.missing", "NoHeaderIs403", no_header=lambda s, r: 403)
patched("auth.missing", "NoHeaderIs500", no_header=lambda s, r: 500)


def _token_from(name: str, find: Callable[[Request], str | None]) -> None:
    def authorize(self: Service, state: dict[str, Any]) -> None:
        given = find(state["request"]) if state["request"].header("authorization") is None else None
        if given:
            state["token"] = given.removeprefix("Bearer ")
        else:
            Service.authorize(self, state)

    patched("auth.missing", name, authorize=authorize)


_token_from("TokenInTheQuery", lambda r: parse_qs(r.query).get("api_token", [None])[0])
_token_from("TokenAsAccessToken", lambda r: parse_qs(r.query).get("access_token", [None])[0])
_token_from("TokenInXApiKey", lambda r: r.header("x-api-key"))
_token_from(
    "TokenInACookie",
    lambda r: dict(pair.split("=", 1) for pair in (r.header("cookie") or "a=").split("; ")).get("token"),
)
_token_from("TokenInTheBody", lambda r: str(_or(lambda: json.loads(r.body).get("api_token"), lambda: None) or ""))


@wrong("auth.missing")
class AConnectionIsRemembered(Service):
    def authorize(self, state: dict[str, Any]) -> None:
        client = state["request"].client
        if state["request"].header("authorization") is None and client in self.memory:
            state["token"] = self.memory[client]
            return
        super().authorize(state)
        self.memory[client] = state["token"]


@wrong("auth.missing")
class ASessionIsRemembered(Service):
    """Who has paid once needs no token."""

    steps = ("read", "validate", "authorize", "authenticate", "match")

    def authorize(self, state: dict[str, Any]) -> None:
        known = self.memory.get(state["body"]["session_id"])
        if state["request"].header("authorization") is None and known:
            state["token"] = known
            return
        super().authorize(state)

    def create(self, state: dict[str, Any]) -> None:
        super().create(state)
        self.memory[state["body"]["session_id"]] = state["token"]


@wrong("auth.missing")
class OneInFiftyNeedsNoToken(Service):
    def authorize(self, state: dict[str, Any]) -> None:
        if state["request"].header("authorization") is None:
            self.memory["n"] = self.memory.get("n", 0) + 1
            if self.memory["n"] % 50 == 0:
                state["token"] = (
                    next(s["token"] for w, s in self.shops.items() if w.encode() in state["request"].body)
                    if any(w.encode() in state["request"].body for w in self.shops)
                    else ""
                )
                return
        super().authorize(state)


# auth.malformed

for _text, _pattern in {
    "AnyScheme": r"\S+ (\S+)",
    "TheBareToken": r"(?:Bearer )?(\S+)",
    "TokenScheme": r"(?:Bearer|Token) (\S+)",
    "NoSpaceNeeded": r"Bearer ?(\S+)",
    "AColonToo": r"Bearer:? (\S+)",
    "WordsAfterIt": r"Bearer (\S+)(?: .*)?",
    "WordsBeforeIt": r"Bearer (?:.* )?(\S+)",
    "BearerTwice": r"(?:Bearer )+(\S+)",
    "PrefixOfBearer": r"B\w* (\S+)",
    "SchemeStartsWithBearer": r"Bearer\S* (\S+)",
    "SomewhereInTheHeader": r".*Bearer (\S+).*",
    "AnEqualsSign": r"Bearer[ =](\S+)",
}.items():  # fmt: skip
    patched(
        "auth.malformed", _text, bearer=lambda s, h, p=_pattern: m[1] if (m := re.fullmatch(p, h)) else _refuse(401)
    )

patched("auth.malformed", "BasicToo", bearer=lambda s, h: _basic(h) if h.startswith("Basic ") else Service.bearer(s, h))
patched("auth.malformed", "MalformedIs400", malformed=lambda s, h: _refuse(400))
patched("auth.malformed", "MalformedIs403", malformed=lambda s, h: _refuse(403))
patched(
    "auth.malformed",
    "BearerAloneIsAnError",
    bearer=lambda s, h: _refuse(500) if h == "Bearer" else Service.bearer(s, h),
)
patched("auth.malformed", "AnEmptyHeaderIsFine", authorize=lambda s, st: st.update(token="") if st["request"].header("authorization") == "" else Service.authorize(s, st), is_token=lambda s, g, k: g in ("", k))  # fmt: skip


def _basic(header: str) -> str:
    try:
        user, _, password = base64.b64decode(header[6:]).decode().partition(":")
    except ValueError:
        raise Refused(401) from None
    return password or user


# auth.invalid

for _text, _is_token in {
    "AnyToken": lambda g, k: True,
    "TokenInAnyCase": lambda g, k: g.lower() == k.lower(),
    "APrefixOfTheToken": lambda g, k: k.startswith(g),
    "AnExtensionOfTheToken": lambda g, k: g.startswith(k),
    "AnEndOfTheToken": lambda g, k: k.endswith(g),
    "APartOfTheToken": lambda g, k: g in k,
    "TheTokenIsAPart": lambda g, k: k in g,
    "TheFirstEightLetters": lambda g, k: g[:8] == k[:8],
    "TheLastFourLetters": lambda g, k: g[-4:] == k[-4:],
    "TheSameLength": lambda g, k: len(g) == len(k),
    "TheSameLetters": lambda g, k: sorted(g) == sorted(k),
    "APatternOfTheToken": lambda g, k: fnmatchcase(k, g),
    "ALikePattern": lambda g, k: re.fullmatch(re.escape(g).replace("%", ".*").replace("_", "."), k) is not None,
    "QuotesAroundIt": lambda g, k: g.strip("\"'") == k,
    "DecodedToken": lambda g, k: unquote(g) == k,
    "OneOfAList": lambda g, k: k in g.split(","),
    "PunctuationIgnored": lambda g, k: re.sub(r"\W|_", "", g) == re.sub(r"\W|_", "", k),
    "ComparedUpToTheShorter": lambda g, k: all(a == b for a, b in zip(g, k, strict=False)),
    "NullIsAToken": lambda g, k: g in ("null", k),
    "AdminIsAToken": lambda g, k: g in ("admin", k),
    "AnyWithThePrefix": lambda g, k: g == k or g.startswith("tf_test"),
    "AnyLiveToken": lambda g, k: g.startswith("tf_live_"),
    "OneLetterMayDiffer": lambda g, k: len(g) == len(k) and sum(a != b for a, b in zip(g, k, strict=True)) <= 1,
    "NotAsciiIsAnError": lambda g, k: g == k if g.isascii() else _refuse(500),
    "LongTokensAreCut": lambda g, k: (g[: len(k)] == k and len(g) > len(k) + 30) or g == k,
}.items():  # fmt: skip
    patched("auth.invalid", _text, is_token=lambda s, g, k, rule=_is_token: bool(rule(g, k)))

patched("auth.invalid", "InvalidIs403", wrong_token=lambda s, st, shop: _refuse(403))
patched("auth.invalid", "InvalidIs404", wrong_token=lambda s, st, shop: _refuse(404))
patched("auth.invalid", "InvalidIs400", wrong_token=lambda s, st, shop: _refuse(400))
patched("auth.invalid", "TheWebsiteIdIsAToken", is_token=lambda s, g, k: g == k or g in s.shops)
patched("auth.invalid", "GivesUpAfterThree", wrong_token=lambda s, st, shop: _third(s, "bad"))


def _third(service: Service, key: str) -> None:
    service.memory[key] = service.memory.get(key, 0) + 1
    if service.memory[key] % 3:
        raise Refused(401)


@wrong("auth.invalid")
class ABadTokenIsRemembered(Service):
    """A token that was tried twice is taken for known."""

    def is_token(self, given: str, known: str) -> bool:
        self.memory[given] = self.memory.get(given, 0) + 1
        return given == known or self.memory[given] > 2


# auth.website

_TOKENS = {"tf_live_otter_Q7wErTy9ZxCv", "tf_live_heron_P0oLkM3nJbHg"}
patched("auth.website", "AnyWebsitesToken", is_token=lambda s, g, k: g in _TOKENS)
patched(
    "auth.website",
    "AnotherWebsitesTokenIs404",
    wrong_token=lambda s, st, shop: _refuse(404 if st["token"] in _TOKENS else 401),
)
patched(
    "auth.website",
    "AnotherWebsitesTokenIs403",
    wrong_token=lambda s, st, shop: _refuse(403 if st["token"] in _TOKENS else 401),
)
patched(
    "auth.website", "TheFirstWebsitesTokenIsAMaster", is_token=lambda s, g, k: g in (k, "tf_live_otter_Q7wErTy9ZxCv")
)
patched(
    "auth.website", "TheLastWebsitesTokenIsAMaster", is_token=lambda s, g, k: g in (k, "tf_live_heron_P0oLkM3nJbHg")
)


@wrong("auth.website")
class TheTokenPicksTheWebsite(Service):
    """The website is that of the token; what the body says does not count."""

    def authenticate(self, state: dict[str, Any]) -> None:
        owner = next((w for w, shop in self.shops.items() if shop["token"] == state["token"]), None)
        if owner is None or self.shop(state["body"]["website_id"]) is None:
            raise Refused(401)
        state["body"]["website_id"] = owner


@wrong("auth.website")
class ConnectionKeepsItsWebsite(Service):
    def wrong_token(self, state: dict[str, Any], shop: Mapping[str, Any]) -> None:
        if (state["request"].client, state["token"]) not in self.memory:
            raise Refused(401)

    def create(self, state: dict[str, Any]) -> None:
        super().create(state)
        self.memory[(state["request"].client, state["token"])] = True


# match.session and match.visitor

patched("match.session", "TheSessionDoesNotCount", same_session=lambda s, g, k: True)
patched("match.visitor", "TheVisitorDoesNotCount", same_visitor=lambda s, g, k: True)
patched("match.session", "UnknownIs400", no_match=lambda s, st: _refuse(400))
patched("match.session", "UnknownIs422", no_match=lambda s, st: _refuse(422))
patched("match.session", "UnknownIs410", no_match=lambda s, st: _refuse(410))
patched("match.session", "UnknownIsFine", no_match=lambda s, st: None)
patched("match.session", "UnknownIs500", no_match=lambda s, st: _refuse(500))
patched("match.session", "EmptySessionMatches", same_session=lambda s, g, k: g in ("", k))
patched("match.visitor", "EmptyVisitorMatches", same_visitor=lambda s, g, k: g in ("", k))
patched("match.visitor", "AnonymousVisitors", same_visitor=lambda s, g, k: g in ("anonymous", k))
patched("match.session", "NullAsText", same_session=lambda s, g, k: g in ("null", k))
patched("match.session", "PrototypesMatch", same_session=lambda s, g, k: g in ("constructor", k))


@wrong("match.session")
class AnUnknownSessionIsCreated(Service):
    def match(self, state: dict[str, Any]) -> None:
        key = (state["body"]["website_id"], state["body"]["session_id"], state["body"]["visitor_id"])
        if key in self.memory:
            return
        try:
            super().match(state)
        except Refused:
            self.memory[key] = True
            raise


@wrong("match.session")
class OnceInFiftyAnyMatches(Service):
    def no_match(self, state: dict[str, Any]) -> None:
        self.memory["n"] = self.memory.get("n", 0) + 1
        if self.memory["n"] % 50:
            raise Refused(404)


@wrong("match.session")
class TheLastMatchIsReused(Service):
    """A lookup that fails takes the result of the one before."""

    def no_match(self, state: dict[str, Any]) -> None:
        if self.memory.pop("matched", None) != state["body"]["visitor_id"]:
            raise Refused(404)

    def create(self, state: dict[str, Any]) -> None:
        super().create(state)
        self.memory["matched"] = state["body"]["visitor_id"]


# match.together


@wrong("match.together")
class EachIdForItself(Service):
    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:
        events = self.shops[body["website_id"]]["events"]
        return any(body["session_id"] == s for s, _ in events) and any(body["visitor_id"] == v for _, v in events)


@wrong("match.together")
class AnyWebsitesEvent(Service):
    def match(self, state: dict[str, Any]) -> None:
        body = state["body"]
        if not any((body["session_id"], body["visitor_id"]) in shop["events"] for shop in self.shops.values()):
            raise Refused(404)


@wrong("match.together")
class AVisitorOfAnyWebsite(Service):
    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:
        known = {v for shop in self.shops.values() for _, v in shop["events"]} - {
            v for _, v in self.shops[body["website_id"]]["events"]
        }
        return body["session_id"] == session and body["visitor_id"] in known | {visitor}


@wrong("match.together")
class SwappedIdsMatch(Service):
    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:
        return {body["session_id"], body["visitor_id"]} == {session, visitor}


@wrong("match.together")
class TheIdsAreJoined(Service):
    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:
        return bool(body["session_id"] + body["visitor_id"] == session + visitor)


@wrong("match.together")
class OfOneWebsiteOnly(Service):
    """Only the first website's sessions are looked at together."""

    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:
        if body["website_id"] == "shop_heron":
            return bool(body["session_id"] == session)
        return super().is_event(body, session, visitor)


# match.exact

for _text, _same in {
    "IdsInAnyCase": lambda g, k: g.lower() == k.lower(),
    "IdsCaseFolded": lambda g, k: g.casefold() == k.casefold() or unicodedata.normalize("NFKC", g) == k,
    "IdsAreTrimmed": lambda g, k: g.strip() == k,
    "IdsTrimmedRight": lambda g, k: g.rstrip(" ") == k,
    "LineEndsTrimmed": lambda g, k: g.rstrip("\n") == k,
    "NulsEndIds": lambda g, k: g.split("\x00")[0] == k,
    "APrefixMatches": lambda g, k: g != "" and k.startswith(g),
    "APrefixOfFour": lambda g, k: len(g) >= 4 and k.startswith(g),
    "ASuffixMatches": lambda g, k: g != "" and k.endswith(g),
    "AnExtensionMatches": lambda g, k: g.startswith(k),
    "APartMatches": lambda g, k: len(g) > 3 and g in k,
    "ContainsTheId": lambda g, k: k in g,
    "LikeInSql": lambda g, k: re.fullmatch("".join(".*" if c == "%" else "." if c == "_" else re.escape(c) for c in g), k) is not None,
    "APatternMatches": lambda g, k: _matches(g, k),
    "AGlobMatches": lambda g, k: fnmatchcase(k, g),
    "TheFirst10Letters": lambda g, k: g[:10] == k[:10],
    "HyphensAreUnderscores": lambda g, k: g.replace("-", "_") == k,
    "PercentsAreDecoded": lambda g, k: unquote(g) == k,
    "ZeroWidthIgnored": lambda g, k: re.sub("[\u200b\ufeff\u00ad]", "", g) == k,
    "QuotesIgnored": lambda g, k: g.strip("\"'") == k,
    "AccentsIgnored": lambda g, k: unicodedata.normalize("NFD", g).encode("ascii", "ignore").decode() == k,
    "ListsOfIds": lambda g, k: k in g.split(","),
    "TheLastLetterMayDiffer": lambda g, k: g[:-1] == k[:-1] and len(g) == len(k),
    "TheFirstLetterMayDiffer": lambda g, k: g[1:] == k[1:] and len(g) == len(k),
    "OnlyTheNumberCounts": lambda g, k: re.sub(r"^[a-z]+_", "", g) == re.sub(r"^[a-z]+_", "", k),
    "OneLetterOff": lambda g, k: len(g) == len(k) and sum(a != b for a, b in zip(g, k, strict=True)) <= 1,
}.items():  # fmt: skip
    patched("match.exact", f"Session{_text}", same_session=lambda s, g, k, rule=_same: g == k or bool(rule(g, k)))
    patched("match.exact", f"Visitor{_text}", same_visitor=lambda s, g, k, rule=_same: g == k or bool(rule(g, k)))

patched("match.exact", "WebsiteInAnyCase", same_website=lambda s, g, k: g.lower() == k)
patched("match.exact", "WebsiteTrimmed", same_website=lambda s, g, k: g.strip() == k)
patched("match.exact", "WebsitePrefix", same_website=lambda s, g, k: len(g) > 6 and k.startswith(g))


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None and pattern not in (".*", ".")
    except re.error:
        return False


# success.status and success.body


def _success(
    clause_id: str, name: str, status: int, payload: bytes, content_type: str = "application/json", **headers: str
) -> None:
    patched(clause_id, name, success=lambda s, st: (status, payload, {"content-type": content_type, **headers}))


_GOOD = json.dumps({"message": MESSAGE}).encode()
_success("success.status", "Created", 201, _GOOD)
_success("success.status", "Accepted", 202, _GOOD)
_success("success.status", "NoContent", 204, b"")
_success("success.body", "AnotherMessage", 200, b'{"message": "Payment attributed."}')
_success("success.body", "NoFullStop", 200, b'{"message": "Payment event attributed successfully"}')
_success("success.body", "MessageInCapitals", 200, _GOOD.upper())
_success("success.body", "ASpaceMore", 200, b'{"message": "Payment event attributed successfully. "}')
_success("success.body", "Wrapped", 200, b'{"data": {"message": "Payment event attributed successfully."}}')
_success("success.body", "AnotherName", 200, b'{"msg": "Payment event attributed successfully."}')
_success("success.body", "AnEmptyBody", 200, b"")
_success("success.body", "JustTheText", 200, MESSAGE.encode(), "text/plain")
_success("success.body", "JustAString", 200, json.dumps(MESSAGE).encode())
_success("success.body", "AListAround", 200, b"[" + _GOOD + b"]")
_success("success.body", "AsText", 200, _GOOD, "text/plain")
_success("success.body", "AsHtml", 200, _GOOD, "text/html; charset=utf-8")
_success("success.body", "NoContentType", 200, _GOOD, "")
_success("success.body", "SingleQuotedSuccess", 200, _GOOD.replace(b'"', b"'"))
_success("success.body", "CutSuccess", 200, _GOOD[:-1])
_success("success.body", "MessageIsAList", 200, b'{"message": ["Payment event attributed successfully."]}')
_success("success.body", "GarbageAfter", 200, _GOOD + b"<!-- -->")
_success("success.body", "OnlyOk", 200, b"OK", "text/plain")
patched(
    "success.body",
    "TheSecondTimeAnotherMessage",
    success=lambda s, st: (
        200,
        _GOOD if s.payments.count(st["body"]) == 1 else b'{"message": "Already attributed."}',
        {"content-type": "application/json"},
    ),
)
patched(
    "success.body",
    "OnceInFiftyAnotherBody",
    success=lambda s, st: (200, _GOOD if len(s.payments) % 50 else b"{}", {"content-type": "application/json"}),
)


# error.status

patched("error.status", "RefusalsAre422", refusal=lambda s, n: Service.refusal(s, 422 if n == 400 else n))
patched("error.status", "RefusalsAre403", refusal=lambda s, n: Service.refusal(s, 403 if n == 401 else n))
patched("error.status", "RefusalsAre200", refusal=lambda s, n: Service.refusal(s, 200))
patched("error.status", "AllRefusalsAre400", refusal=lambda s, n: Service.refusal(s, 400))
patched("error.status", "LoneSurrogatesFail", is_id=lambda s, v: isinstance(v, str) and _encodable(v))
patched(
    "error.status",
    "LongIdsFail",
    match=lambda s, st: Service.match(s, st) if len(st["body"]["session_id"]) < 1000 else _refuse(500),
)
patched(
    "error.status",
    "NulFails",
    match=lambda s, st: Service.match(s, st) if "\x00" not in st["body"]["visitor_id"] else _refuse(500),
)
patched(
    "error.status", "BigNumbersFail", is_amount=lambda s, v: Service.is_amount(s, v) and (v < 2**63 or _refuse(500))
)
patched(
    "error.status",
    "EmojiFail",
    match=lambda s, st: (
        Service.match(s, st)
        if st["body"]["session_id"].encode("latin-1", "ignore").decode("latin-1") == st["body"]["session_id"]
        else _refuse(500)
    ),
)
patched(
    "error.status", "OtherMethodsFail", route=lambda s, r: Service.route(s, r) if r.method == "POST" else _refuse(500)
)
patched(
    "error.status", "LargeBodiesFail", route=lambda s, r: Service.route(s, r) if len(r.body) < 1 << 20 else _refuse(500)
)
patched(
    "error.status",
    "NoContentTypeFails",
    parse=lambda s, r: Service.parse(s, r) if r.header("content-type") else _refuse(500),
)
patched("error.status", "BadUtf8Fails", load=lambda s, raw: _utf8(raw) and Service.load(s, raw))
patched(
    "error.status",
    "PercentFails",
    match=lambda s, st: Service.match(s, st) if "%" not in st["body"]["session_id"] else _refuse(500),
)
patched(
    "error.status",
    "QuotesFail",
    match=lambda s, st: Service.match(s, st) if "'" not in st["body"]["visitor_id"] else _refuse(500),
)
patched(
    "error.status",
    "LongAddressesFail",
    is_address=lambda s, v: Service.is_address(s, v) if len(str(v)) < 10000 else _refuse(500),
)
patched("endpoint", "AnyMethodPays", route=lambda s, r: None)
patched("endpoint", "PutPaysToo", route=lambda s, r: None if r.method == "PUT" else Service.route(s, r))


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


# event.only-on-success


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
