"""Parts of a text that may not be shown, and the text with something else in their place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple


class Span(NamedTuple):
    """From where to where a secret stands in a text, in bytes; what is shown instead; whether that is a credential.

    Where two overlap, what is shown of an address could hold a part of a credential, so the credential wins.
    """

    start: int
    end: int
    instead: str
    is_credential: bool = True

    def moved(self, start: int, end: int) -> Span:
        """The same secret at another place."""
        return self._replace(start=start, end=end)


def without(content: bytes, spans: Iterable[Span]) -> str:
    """A text in UTF-8 as a string, with every span replaced."""
    parts: list[bytes] = []
    last = 0
    for span in apart(content, spans):
        parts += (content[last : span.start], span.instead.encode("utf-8", "surrogatepass"))
        last = span.end
    return b"".join([*parts, content[last:]]).decode("utf-8", "surrogatepass")


def apart(content: bytes, spans: Iterable[Span]) -> Iterator[Span]:
    """The same spans in order, those that overlap as one, each made of whole characters."""
    current: Span | None = None
    for span in sorted(_whole(content, span) for span in spans):
        if current is None or span.start >= current.end:
            if current is not None:
                yield current
            current = span
        else:
            told = span if span.is_credential and not current.is_credential else current
            current = Span(current.start, max(current.end, span.end), told.instead, told.is_credential)
    if current is not None:
        yield current


def _whole(content: bytes, span: Span) -> Span:
    start, end, _, _ = span
    while start > 0 and _continues(content, start):
        start -= 1
    while end < len(content) and _continues(content, end):
        end += 1
    return span.moved(start, end)


def _continues(content: bytes, place: int) -> bool:
    return content[place] & 0xC0 == 0x80
