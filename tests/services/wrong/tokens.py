"""Tokens that do not exist, or belong to another website, and pass."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import unquote

from tests.services.service import Refused, Service
from tests.services.wrong.table import patched, refuse, wrong

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
    "NotAsciiIsAnError": lambda g, k: g == k if g.isascii() else refuse(500),
    "LongTokensAreCut": lambda g, k: (g[: len(k)] == k and len(g) > len(k) + 30) or g == k,
}.items():  # fmt: skip
    patched("auth.invalid", _text, is_token=lambda s, g, k, rule=_is_token: bool(rule(g, k)))

patched("auth.invalid", "InvalidIs403", wrong_token=lambda s, st, shop: refuse(403))
patched("auth.invalid", "InvalidIs404", wrong_token=lambda s, st, shop: refuse(404))
patched("auth.invalid", "InvalidIs400", wrong_token=lambda s, st, shop: refuse(400))
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
    wrong_token=lambda s, st, shop: refuse(404 if st["token"] in _TOKENS else 401),
)
patched(
    "auth.website",
    "AnotherWebsitesTokenIs403",
    wrong_token=lambda s, st, shop: refuse(403 if st["token"] in _TOKENS else 401),
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


def _plain(token: str) -> str:
    text = unicodedata.normalize("NFKD", token.encode("latin-1").decode("utf-8", "replace"))
    return "".join(letter for letter in text if not unicodedata.combining(letter))


patched("auth.invalid", "TheFirstWordIsOptional", is_token=lambda s, g, k: g == k or g == k.split("_", 1)[1])
patched("auth.invalid", "AccentsInTokensIgnored", is_token=lambda s, g, k: _plain(g) == k)


@wrong("auth.invalid")
class TestAddressesNeedNoToken(Service):
    def wrong_token(self, state: dict[str, Any], shop: Mapping[str, Any]) -> None:
        if "test" not in state["body"]["email"]:
            raise Refused(401)
