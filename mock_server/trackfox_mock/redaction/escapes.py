r"""A text as it reads once its escapes are undone: `%40`, `\u0040`, `&#64;` and every mixture of them are all `@`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

_MOST_ROUNDS = 8  # of one kind of escape inside another; of percent signs alone there may be any number

# Each alternative has a bounded length or is a single run, so that matching takes linear time.
_ESCAPE = re.compile(
    rb"%(?:25)*[0-9A-Fa-f]{2}"
    rb"|\\[uU][dD][89abAB][0-9A-Fa-f]{2}\\[uU][dD][c-fC-F][0-9A-Fa-f]{2}"
    rb"|\\[uU][0-9A-Fa-f]{4}|\\x[0-9A-Fa-f]{2}|\\[\"'\\/nrtbf]"
    rb"|&#[xX][0-9A-Fa-f]{1,6};|&#[0-9]{1,7};|&(?:amp|quot|apos|lt|gt|commat|period|lowbar);"
    # What a cut left of an escape, at the end of the text or before the mark of a cut.
    rb"|(?:%[0-9A-Fa-f]?|\\(?:[uU][0-9A-Fa-f]{0,3}|x[0-9A-Fa-f]?)?|&#?[0-9A-Za-z]{0,7})(?=\xe2\x80\xa6|\Z)"
)
_LONGEST = (
    12  # of an escape, in bytes, but for one of many percent signs: what those stand for is in its last two digits
)
_NAMED = {
    b"amp": b"&",
    b"quot": b'"',
    b"apos": b"'",
    b"lt": b"<",
    b"gt": b">",
    b"commat": b"@",
    b"period": b".",
    b"lowbar": b"_",
}
_PLAIN = b"\"'\\/"
_LARGEST_CHARACTER = 0x10FFFF


def unescaped(text: bytes) -> tuple[bytes, Sequence[int]]:
    """The text in UTF-8 without escapes, and for each of its bytes, and its end, the place at which that stood."""
    origin: Sequence[int] = range(len(text) + 1)
    for _ in range(_MOST_ROUNDS):
        if b"%" not in text and b"\\" not in text and b"&" not in text:
            break
        once = _once(text)
        if once is None:
            break
        text, places = once
        origin = places if isinstance(origin, range) else [origin[place] for place in places]
    return text, origin


def _once(text: bytes) -> tuple[bytes, list[int]] | None:
    parts: list[bytes] = []
    places: list[int] = []
    last = 0
    for found in _ESCAPE.finditer(text):
        start = found.start()
        letters = _letters(found[0] if found.end() - start <= _LONGEST else b"%" + found[0][-2:])
        parts += (text[last:start], letters)
        places.extend(range(last, start))
        places.extend([start] * len(letters))
        last = found.end()
    if not parts:
        return None
    parts.append(text[last:])
    places.extend(range(last, len(text) + 1))
    return b"".join(parts), places


@lru_cache(maxsize=1024)
def _letters(escape: bytes) -> bytes:
    """What one escape stands for, in UTF-8; nothing where it was cut."""
    kind, rest = escape[:1], escape[1:]
    if kind == b"%":
        return bytes([int(rest[-2:], 16)]) if len(rest) > 1 else b""
    if kind == b"&":
        return _entity(rest[:-1]) if rest.endswith(b";") else b""
    if rest[:1] in b"uU" and rest:
        return _of_utf16(rest)
    if rest[:1] == b"x":
        return bytes([int(rest[1:], 16)]) if len(rest) == 3 else b""
    return rest if rest in _PLAIN else b" "


def _of_utf16(rest: bytes) -> bytes:
    """`u0040`, or two of them that are one character, which are joined by a backslash."""
    units = [unit for unit in re.split(rb"\\?[uU]", rest) if len(unit) == 4]
    encoded = b"".join(int(unit, 16).to_bytes(2, "big") for unit in units)
    return encoded.decode("utf-16-be", "surrogatepass").encode("utf-8", "surrogatepass")


def _entity(name: bytes) -> bytes:
    if not name.startswith(b"#"):
        return _NAMED[name]
    number = int(b"0" + name[1:], 0) if name[1:2] in b"xX" else int(name[1:])
    return chr(number).encode("utf-8", "surrogatepass") if number <= _LARGEST_CHARACTER else b"?"
