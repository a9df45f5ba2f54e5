"""A row of the table of what hostile, broken and merely odd clients send."""

from __future__ import annotations

from typing import NamedTuple

from tests.hostile.wire import PARSERS


class Kind(NamedTuple):
    """One kind: its name, what is sent in one go or in several, the answers, and whether the connection ends."""

    name: str
    sent: tuple[bytes, ...]
    statuses: tuple[int, ...]
    closes: bool = False
    parsers: tuple[str, ...] = PARSERS


def kind(
    name: str, *sent: bytes, to: tuple[int, ...] | int, closes: bool = False, parsers: tuple[str, ...] = PARSERS
) -> Kind:
    """A row of the table."""
    return Kind(name, sent, (to,) if isinstance(to, int) else to, closes, parsers)
