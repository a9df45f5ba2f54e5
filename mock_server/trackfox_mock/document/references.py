"""References that lead out of a document. They are refused: nothing is fetched, and no other file is read."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NoReturn

_KEYWORDS = ("$ref", "$dynamicRef", "$recursiveRef")


def leading_out(node: Any) -> Iterator[tuple[list[str | int], str]]:
    """Every reference to another document, with the place where it stands."""
    waiting: list[tuple[list[str | int], Any]] = [([], node)]
    while waiting:
        place, node = waiting.pop()
        if isinstance(node, list):
            waiting += [([*place, index], inner) for index, inner in enumerate(node)]
        elif isinstance(node, dict):
            waiting += [([*place, key], inner) for key, inner in node.items()]
            for keyword in _KEYWORDS:
                if isinstance(node.get(keyword), str) and not node[keyword].startswith("#"):
                    yield [*place, keyword], node[keyword]


def retrieve_nothing(uri: str) -> NoReturn:
    """For a validator that would fetch what a schema refers to."""
    raise LookupError(f"{uri} is another document, and nothing is fetched")
