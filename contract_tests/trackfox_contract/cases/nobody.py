"""Ids and tokens of nobody, in the shape of the known ones: a service may well refuse any other before it looks."""

from __future__ import annotations

import hashlib
import re
import string
from collections.abc import Iterator
from functools import lru_cache
from itertools import count

_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", re.IGNORECASE)
_TAIL = re.compile(r"(?P<prefix>(?:[A-Za-z]+[_-])*)(?P<tail>[0-9A-Za-z]{12,})")
_FIRST_WORD = re.compile(r"(?:[A-Za-z]+[^0-9A-Za-z]+)?")
_TRIES = 20
_HEXADECIMAL = ("0123456789abcdef", "0123456789ABCDEF")
_CLASSES = (string.digits, string.ascii_lowercase, string.ascii_uppercase)


def like(known: frozenset[str], seed: str) -> str:
    """A text of the shape that all known ones have: a UUID, digits, or a prefix and letters by chance.

    Args:
        known: the known ids of one kind.
        seed: the same seed makes the same text.

    Returns:
        A text that is none of them; empty when they have no such shape, or are too short to make another by chance.
    """
    example = _of_one_shape(known)
    if not example:
        return ""
    return next(made for number in count() if (made := _varied(example, f"{seed}/{number}")) not in known)


def resembling(known: frozenset[str], seed: str) -> str:
    """A text that has the prefix, the marks and the kinds of letters of a known one; empty when there is none."""
    example = min(known, default="")
    return next((made for number in range(_TRIES) if (made := _varied(example, f"{seed}/{number}")) not in known), "")


@lru_cache(8)
def _of_one_shape(known: frozenset[str]) -> str:
    """One of them, the same in every process, if all have the same shape; else empty."""
    return min(known) if known and all(map(_has_shape, known)) and len(set(map(_prefix, known))) == 1 else ""


def _has_shape(text: str) -> bool:
    return _UUID.fullmatch(text) is not None or _TAIL.fullmatch(text) is not None


def _prefix(text: str) -> str:
    found = _TAIL.fullmatch(text)
    return found["prefix"] if found else ""


def _varied(example: str, seed: str) -> str:
    """The example, with each letter but those of its prefix, and a UUID's version and variant, drawn anew."""
    chance = _bytes(seed)
    if _UUID.fullmatch(example):
        kept = {8, 13, 14, 18, 19, 23}
        return "".join(
            letter if at in kept else _drawn(_hexadecimal(example), next(chance)) for at, letter in enumerate(example)
        )
    prefix = _prefix(example) or _FIRST_WORD.match(example)[0]  # type: ignore[index] # it matches nothing, too
    tail = example[len(prefix) :]
    alphabet = next((letters for letters in (string.digits, *_HEXADECIMAL) if set(tail) <= set(letters)), "")
    return prefix + "".join(_drawn(alphabet or _class_of(letter), next(chance)) for letter in tail)


def _hexadecimal(example: str) -> str:
    return _HEXADECIMAL[example.upper() == example]


def _class_of(letter: str) -> str:
    return next((letters for letters in _CLASSES if letter in letters), letter)  # a mark stays what it is


def _drawn(alphabet: str, byte: int) -> str:
    return alphabet[byte % len(alphabet)]


def _bytes(seed: str) -> Iterator[int]:
    for number in count():
        yield from hashlib.sha256(f"{seed}/{number}".encode()).digest()
