"""Three-valued about e-mail addresses: the document asks for an address and does not say by which grammar."""

from __future__ import annotations

import re
import unicodedata
from typing import Literal

Address = Literal["plain", "odd", "wrong"]

_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_PLAIN = re.compile(rf"[A-Za-z0-9]+(?:[._+-][A-Za-z0-9]+)*@(?:{_LABEL}\.)+[A-Za-z]{{2,24}}")
_RESERVED = re.compile(r"[@.][A-Za-z0-9]{2}--")  # as xn-- is: no registrar gives such a label out as it is
_ASCII_SPACE = re.compile(r"[ \t\r\n\f\v]")
_LOCAL_LIMIT, _WHOLE_LIMIT = 64, 200


def judge_address(text: str) -> Address:
    """Says whether a service must accept an address, must refuse it, or may do either.

    Args:
        text: the address exactly as it was sent.

    Returns:
        `plain` must be accepted; `wrong` (no `@`, two of them, a space, empty, nothing on one side) must be refused;
        `odd` (quoted, one-label domains, non-ASCII, spaces around it, over-long) may be either.
    """
    if _PLAIN.fullmatch(text) and len(text) <= _WHOLE_LIMIT and text.index("@") <= _LOCAL_LIMIT:
        return "odd" if _RESERVED.search(text, text.index("@")) else "plain"
    trimmed = text.strip()
    if "@" not in unicodedata.normalize("NFKC", trimmed):
        return "wrong"
    if any(mark in trimmed for mark in '"(\\') or "@" not in trimmed:
        return "odd"  # quoted strings, comments and escapes follow RFC 5322, where spaces and a second @ may stand
    local, _, domain = trimmed.partition("@")
    if not local or not domain or "@" in domain or _ASCII_SPACE.search(trimmed):
        return "wrong"
    return "odd"
