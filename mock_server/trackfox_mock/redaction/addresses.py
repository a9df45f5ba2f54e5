"""Where e-mail addresses stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator

_AROUND = b"\"'<>@:,;=&()[]{}|`/?#\\"
_APART = bytes(32 if byte <= 32 or byte == 127 or byte in _AROUND else byte for byte in range(256))
_READABLE = bytes(byte if byte < 127 else 32 for byte in _APART)
_LONGEST_QUOTED = 320
_HOST = re.compile(rb"[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+){0,8}\.[A-Za-z]{2,24}")
_CUT_HOST = re.compile(rb"[A-Za-z0-9.-]*\Z")
_SHORTEST_CUT = 8  # in bytes: so many readable ones with an @ among them hardly come by chance


def addresses_in(text: bytes) -> Iterator[tuple[int, int]]:
    """From where to where each address stands, and whatever could be one."""
    place = text.find(b"@")
    words = text.translate(_APART) if place >= 0 else b""
    while place >= 0:
        end = words.find(b" ", place + 1)
        end = len(words) if end < 0 else end
        start = _start(text, words, place)
        if start < place < end - 1:
            yield start, end
        place = text.find(b"@", place + 1)


def addresses_among(data: bytes) -> Iterator[tuple[int, int]]:
    """The same in bytes that may be no text: what can hardly be anything but an address, whole or cut in its host."""
    place = data.find(b"@")
    words = data.translate(_READABLE) if place >= 0 else b""
    while place >= 0:
        start = words.rfind(b" ", 0, place) + 1
        end = _end_of_host(data, start, place)
        if start < place < end:
            yield start, end
        place = data.find(b"@", place + 1)


def _end_of_host(data: bytes, start: int, place: int) -> int:
    """Where the host after an @ ends; 0 where none is there."""
    if (whole := _HOST.match(data, place + 1)) is not None:
        return whole.end()
    return len(data) if len(data) - start >= _SHORTEST_CUT and _CUT_HOST.match(data, place + 1) else 0


def _start(text: bytes, words: bytes, place: int) -> int:
    """Where the local part begins, which may be a quoted one."""
    if text[place - 1 : place] == b'"':
        quote = text.rfind(b'"', max(0, place - 1 - _LONGEST_QUOTED), place - 1)
        if quote >= 0 and text[quote + 1 : place - 1].strip(b" ,:[{"):
            return quote
    return words.rfind(b" ", 0, place) + 1
