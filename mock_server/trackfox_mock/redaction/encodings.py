"""What stands in a text as base64 or as hexadecimal digits, wherever in it a secret may begin."""

from __future__ import annotations

import re
from binascii import a2b_base64
from collections.abc import Iterator
from typing import NamedTuple

_BASE64 = re.compile(rb"[A-Za-z0-9+/_-]+")
_HEX = re.compile(rb"[0-9A-Fa-f]+")
_SHORTEST = 11  # letters of base64 that eight bytes take
_READABLE = b"r" * 8
_MARKED = bytes(ord("r") if 32 <= byte < 127 else 0 for byte in range(256))
_STANDARD = bytes.maketrans(b"-_", b"+/")


class Encoded(NamedTuple):
    """What an encoded part of a text holds, where it begins there, and how many letters stand for how many bytes."""

    content: bytes
    first: int
    letters: int
    bytes: int

    def place(self, start: int, end: int) -> tuple[int, int]:
        """From where to where in the text some bytes of the content stand."""
        return self.first + start * self.letters // self.bytes, self.first + -(-end * self.letters // self.bytes)


def encoded_in(text: bytes) -> Iterator[Encoded]:
    """Every run of base64 or hexadecimal digits that has eight readable bytes in a row, wherever they may begin."""
    return (encoded for encoded in _runs(text) if _READABLE in encoded.content.translate(_MARKED))


def _runs(text: bytes) -> Iterator[Encoded]:
    for run in _BASE64.finditer(text):
        if run.end() - run.start() >= _SHORTEST:
            yield from _base64(run[0].translate(_STANDARD), run.start())
    for run in _HEX.finditer(text):
        if run.end() - run.start() >= _SHORTEST:
            yield from _hexadecimal(run[0], run.start())


def _base64(run: bytes, start: int) -> Iterator[Encoded]:
    for shift in range(4):
        letters = run[shift:]
        letters = letters[: len(letters) - (len(letters) % 4 == 1)]
        yield Encoded(a2b_base64(letters + b"=" * (-len(letters) % 4)), start + shift, 8, 6)


def _hexadecimal(run: bytes, start: int) -> Iterator[Encoded]:
    for shift in range(2):
        digits = run[shift:]
        content = bytes.fromhex(digits[: len(digits) // 2 * 2].decode())
        yield Encoded(content, start + shift, 2, 1)
