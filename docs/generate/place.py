"""The places of a page that are written by a program."""

from __future__ import annotations

import re


def filled(page: str, name: str, text: str) -> str:
    """The page with this text between `<!-- name: … -->` and `<!-- end of name -->`."""
    place = re.compile(rf"(<!-- {name}: .*? -->\n).*?(<!-- end of {name} -->)", re.DOTALL)
    return place.sub(lambda found: f"{found[1]}{text}\n{found[2]}", page)
