"""Reads the bytes of a body as a service may legally read them: exactly, with numbers kept as they were written."""

from __future__ import annotations

import codecs
import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any, NoReturn

import msgspec

_REMEMBERED = 8


class Number(msgspec.Struct, frozen=True, gc=False):
    """A JSON number as it was written, since `9900`, `9900.0` and `99e2` may be treated differently."""

    text: str

    @property
    def exact(self) -> Decimal:
        """The number's exact value; of one with an endless exponent, one that is as far beyond all amounts."""
        try:
            return Decimal(self.text)
        except InvalidOperation:
            digits, _, exponent = self.text.lower().partition("e")
            return Decimal(digits) * Decimal("1e-9999" if exponent.startswith("-") else "1e9999")

    @property
    def is_integer_literal(self) -> bool:
        """Whether it is written with digits alone."""
        return self.text.lstrip("-").isdigit()

    def plain(self) -> int | float:
        """The number as Python has it; far too large ones become 10**300."""
        exact = self.exact
        if exact.adjusted() > 300:
            return 10**300 if exact > 0 else -(10**300)
        return int(exact) if self.is_integer_literal else float(exact)


class TooDeep:
    """Stands for a value that is nested too deeply to be read here."""


@dataclass(frozen=True, slots=True)
class JsonReading:
    """What a body may be read as.

    Attributes:
        values: every value that a legal reader may come to; empty when the text is malformed.
        refusable: whether a legal reader may also refuse it (a repeated key, another encoding, a byte order mark).
    """

    values: tuple[Any, ...]
    refusable: bool = False


MALFORMED = JsonReading(())


class _Repeated(dict[str, Any]):
    """An object that names a key twice: the last value wins here, `first` holds the other reading."""

    first: dict[str, Any]


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    last = dict(pairs)
    if len(last) == len(pairs):
        return last
    repeated = _Repeated(last)
    repeated.first = dict(reversed(pairs))
    return repeated


def _not_json(constant: str) -> NoReturn:
    raise ValueError(constant)


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=Number, parse_int=Number, parse_constant=_not_json, strict=True
)


def _parse(text: str, *, refusable: bool) -> JsonReading:
    try:
        document = _DECODER.decode(text)
    except RecursionError:
        return JsonReading((TooDeep() if text.lstrip(" \t\r\n").startswith("{") else [],), refusable=True)
    except ValueError:
        return MALFORMED
    if isinstance(document, _Repeated):
        return JsonReading((dict(document), document.first), refusable=True)
    return JsonReading((document,), refusable)


@lru_cache(_REMEMBERED)  # calls that differ in a header alone come in a row and have one body
def read_json(body: bytes) -> JsonReading:
    """Reads a body strictly by RFC 8259, and says where a legal service may read it otherwise.

    Args:
        body: the bytes that were sent, without transfer coding.

    Returns:
        The possible values; UTF-16, a byte order mark and undecodable bytes inside strings may be read or refused.
    """
    if body.startswith(codecs.BOM_UTF8):
        return _parse(body[3:].decode("utf-8", "replace"), refusable=True)
    if b"\x00" in body[:4] or body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return _parse(body.decode(json.detect_encoding(body), "replace"), refusable=True)
    try:
        return _parse(body.decode(), refusable=False)
    except UnicodeDecodeError:
        return _parse(body.decode("utf-8", "replace"), refusable=True)
