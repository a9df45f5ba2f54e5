"""Near-miss variants of an id or token: what a careless comparison takes for the same."""

from __future__ import annotations

_SEPARATORS = "_-.:/~"


def parts(text: str, what: str = "it") -> dict[str, str]:
    """The parts of a text before and after each separator, by a name for each."""
    cuts = [at for at, letter in enumerate(text) if letter in _SEPARATORS]
    before = {f"{what} up to separator {number}": text[:at] for number, at in enumerate(cuts, 1)}
    after = {f"{what} after separator {number}": text[at + 1 :] for number, at in enumerate(cuts, 1)}
    return {title: part for title, part in (before | after).items() if part}


def full_width(text: str) -> str:
    """A text in full-width letters, which a compatible normal form makes plain again."""
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)
