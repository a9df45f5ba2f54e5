"""The tokens that are known by value, and where one of them stands in a text, however many there are."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from trackfox_mock.redaction.escapes import unescaped

SHORTEST = 8
"""In bytes. A shorter token is nobody's secret, and would be found in ordinary words."""

_START = 3
_FEW_STARTS = 32


class KnownTokens:
    """A collection of tokens that can be looked for all at once, whatever their case.

    Args:
        tokens: the first ones.

    `version` goes up with every change. Looking takes a time that grows with the text, and with the number of different
    lengths that tokens have.
    """

    def __init__(self, tokens: Iterable[str] = ()) -> None:
        self._tokens: Counter[bytes] = Counter()
        self._lengths: Counter[int] = Counter()
        self._starts: Counter[bytes] = Counter()
        self._in_order: list[bytes] = []
        self.version = 0
        for token in tokens:
            self.add(token)

    def add(self, token: str) -> None:
        """Add a token; one that is added twice has to be removed twice."""
        for form in _forms(token):
            self._count(form, 1)

    def remove(self, token: str) -> None:
        """Remove a token that was added."""
        for form in _forms(token):
            self._count(form, -1)

    def _count(self, folded: bytes, change: int) -> None:
        self.version += 1
        if len(folded) < SHORTEST:
            return
        for counter, key in ((self._tokens, folded), (self._starts, folded[:_START])):
            counter[key] += change
            if not counter[key]:
                del counter[key]
        self._lengths[len(folded)] += change
        if not self._lengths[len(folded)]:
            del self._lengths[len(folded)]
        self._in_order = []

    def find(self, text: bytes, cuts: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Where a token stands: whole anywhere, or its beginning where the text was cut.

        Args:
            text: in lower case, as `bytes.lower` makes it.
            cuts: the places, in order, at which something may be missing; the end of the text is one.
        """
        for place in self._places(text):
            whole = max((len(word) for word in self._words(text, place) if word in self._tokens), default=0)
            if whole:
                yield place, place + whole
            elif (cut := bisect_left(cuts, place)) < len(cuts) and self._begins(text, place, cuts[cut]):
                yield place, cuts[cut]

    def _places(self, text: bytes) -> Iterator[int]:
        """Where a token could begin. Most tokens begin alike, and then there are few places to look at."""
        if len(self._starts) > _FEW_STARTS:
            starts = self._starts
            yield from (place for place in range(len(text) - SHORTEST + 1) if text[place : place + _START] in starts)
            return
        for start in self._starts:
            place = text.find(start)
            while place >= 0:
                yield place
                place = text.find(start, place + 1)

    def _words(self, text: bytes, place: int) -> Iterator[bytes]:
        return (text[place : place + length] for length in self._lengths)

    def _begins(self, text: bytes, place: int, cut: int) -> bool:
        """Whether the part of a text before a cut is what a token begins with."""
        if not SHORTEST <= cut - place < max(self._lengths):
            return False
        self._in_order = self._in_order or sorted(self._tokens)
        part = text[place:cut]
        at = bisect_left(self._in_order, part)
        return at < len(self._in_order) and self._in_order[at].startswith(part)


def _forms(token: str) -> set[bytes]:
    """A token as it is looked for: as it is, and where escapes stand in itself also without those."""
    whole = token.encode("utf-8", "surrogatepass")
    return {whole.lower(), unescaped(whole)[0].lower()}
