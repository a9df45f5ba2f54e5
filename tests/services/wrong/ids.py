"""Ids that are taken for another: cut, folded, trimmed, read as patterns."""

from __future__ import annotations

import base64
import re
import unicodedata
from fnmatch import fnmatchcase
from urllib.parse import unquote

from tests.services.wrong.table import patched

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
    "IdsInBase64": lambda g, k: g == base64.b64encode(k.encode()).decode(),
    "OneLetterOff": lambda g, k: len(g) == len(k) and sum(a != b for a, b in zip(g, k, strict=True)) <= 1,
}.items():  # fmt: skip
    patched("match.exact", f"Session{_text}", same_session=lambda s, g, k, rule=_same: g == k or bool(rule(g, k)))
    patched("match.exact", f"Visitor{_text}", same_visitor=lambda s, g, k, rule=_same: g == k or bool(rule(g, k)))

patched(
    "match.exact",
    "ZerosBeforeSessionNumbersIgnored",
    same_session=lambda s, g, k: _without_zeros(g) == _without_zeros(k),
)
patched("match.exact", "WebsiteInAnyCase", same_website=lambda s, g, k: g.lower() == k)
patched("match.exact", "WebsiteTrimmed", same_website=lambda s, g, k: g.strip() == k)
patched("match.exact", "WebsiteAsAnAddress", same_website=lambda s, g, k: g.removeprefix("https://") == k)
patched("match.exact", "WebsitePrefix", same_website=lambda s, g, k: len(g) > 6 and k.startswith(g))


def _without_zeros(text: str) -> str:
    return re.sub(r"(?<!\d)0+(?=\d)", "", text)


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.fullmatch(pattern, text) is not None and pattern not in (".*", ".")
    except re.error:
        return False
