"""Calls without a header, with a malformed one, or with the token in another place."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from tests.services.service import Refused, Request, Service
from tests.services.wrong.table import either, patched, refuse, wrong

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
_token_from("TokenInTheBody", lambda r: str(either(lambda: json.loads(r.body).get("api_token"), lambda: None) or ""))


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
    patched("auth.malformed", _text, bearer=lambda s, h, p=_pattern: m[1] if (m := re.fullmatch(p, h)) else refuse(401))

patched("auth.malformed", "BasicToo", bearer=lambda s, h: _basic(h) if h.startswith("Basic ") else Service.bearer(s, h))
patched("auth.malformed", "MalformedIs400", malformed=lambda s, h: refuse(400))
patched("auth.malformed", "MalformedIs403", malformed=lambda s, h: refuse(403))
patched(
    "auth.malformed",
    "BearerAloneIsAnError",
    bearer=lambda s, h: refuse(500) if h == "Bearer" else Service.bearer(s, h),
)
patched("auth.malformed", "AnEmptyHeaderIsFine", authorize=lambda s, st: st.update(token="") if st["request"].header("authorization") == "" else Service.authorize(s, st), is_token=lambda s, g, k: g in ("", k))  # fmt: skip


def _basic(header: str) -> str:
    try:
        user, _, password = base64.b64decode(header[6:]).decode().partition(":")
    except ValueError:
        raise Refused(401) from None
    return password or user


@wrong("auth.missing")
class ASuccessHandsOutACookie(Service):
    def authorize(self, state: dict[str, Any]) -> None:
        given = re.search(r"ticket=(\w+)", state["request"].header("cookie") or "")
        if given and given[1] in self.memory:
            state["token"] = self.memory[given[1]]
            return
        super().authorize(state)

    def success(self, state: dict[str, Any]) -> tuple[int, bytes, dict[str, str]]:
        status, payload, headers = super().success(state)
        ticket = f"t{len(self.memory)}"
        self.memory[ticket] = state["token"]
        return status, payload, headers | {"set-cookie": f"ticket={ticket}; HttpOnly"}
