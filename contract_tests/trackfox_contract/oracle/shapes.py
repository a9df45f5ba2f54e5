"""The shape that ids have: words and numbers of so many characters, with the same prefix and the same marks between."""

from __future__ import annotations

import re
from collections.abc import Collection

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_SEGMENT = re.compile(r"[0-9A-Za-z]+|[^0-9A-Za-z]+")


def shape_of(ids: Collection[str]) -> re.Pattern[str] | None:
    """What all ids of that shape match, and no other text; None when there are none."""
    if not ids:
        return None
    if all(map(UUID.fullmatch, ids)):
        return UUID
    return re.compile("|".join(sorted({_pattern(one) for one in ids})))


def _pattern(text: str) -> str:
    first, *others = _SEGMENT.findall(text) or [""]
    prefix = re.escape(first) if others and first.isalpha() else _segment(first)
    return prefix + "".join(map(_segment, others))


def _segment(text: str) -> str:
    if not text.isascii() or not text.isalnum():
        return re.escape(text)
    letters = "0-9" if text.isdigit() else "A-Za-z" if text.isalpha() else "0-9A-Za-z"
    return f"[{letters}]{{{len(text)}}}"
