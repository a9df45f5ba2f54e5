"""Texts that are no addresses, and plain addresses that are refused."""

from __future__ import annotations

import re
from urllib.parse import unquote

from tests.services.wrong.table import patched

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
