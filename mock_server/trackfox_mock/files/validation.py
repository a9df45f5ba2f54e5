"""Validation errors of msgspec as a place in the user's data and a sentence for people."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from trackfox_mock.files.input_file import field_name, steps

AFTER_BEARER = r"^[!#-&(-~]*\Z"
"""The pattern of a text that comes after `Bearer `: visible ASCII without quotes."""

_EXPECTED: Mapping[str, str] = {
    "Expected `str` of length >= 1": "came an empty string; expected a text that is not empty",
    f"Expected `str` matching regex {AFTER_BEARER!r}": (
        "came a text with white space, quotes or letters beyond ASCII in it; expected the token alone, as tf_live_abc: "
        "leave Bearer, quotes and line breaks out"
    ),
    "Invalid RFC3339 encoded datetime": "expected a time such as 2026-11-03T18:04:11Z",
}


def sentence(problem: msgspec.ValidationError) -> tuple[list[str | int], str]:
    """The place in the data, and what came and what was expected there."""
    text, _, place = str(problem).partition(" - at `")
    where = steps(place.rstrip("`"))
    if missing := re.fullmatch(r"Object missing required field `(\w+)`", text):
        return [*where, missing[1]], "came nothing; expected this field, it is required."
    if unknown := re.fullmatch(r"Object contains unknown field `(.*)`", text):
        return [*where, unknown[1]], "is not a field of the expected shape; check its spelling, or remove it."
    if wrong_type := re.fullmatch(r"Expected `(.+)`, got `(.+)`", text):
        return where, f"came {_noun(wrong_type[2])}; expected {_noun(wrong_type[1])}."
    if bound := re.fullmatch(r"Expected `(?:int|float)` (<=|>=|<|>) (.+)", text):
        return where, f"expected a number {_BOUNDS[bound[1]]} {bound[2].removesuffix('.0')}."
    what = _EXPECTED.get(text, text)
    return where, what if what.endswith(("?", ".")) else f"{what}."


def described(problem: msgspec.ValidationError) -> str:
    """The same in one line, as `websites[0].api_token: came a number; expected a string.` is."""
    place, what = sentence(problem)
    return f"{field_name(place)}: {what}" if place else what


_BOUNDS = {"<=": "of at most", ">=": "of at least", "<": "below", ">": "above"}
_NOUNS = {
    "str": "a string (put it in quotes)",
    "str | null": "a string",
    "datetime | null": "a time such as 2026-11-03T18:04:11Z",
    "object": "a mapping",
    "array": "a list",
    "int": "a number",
    "float": "a number",
    "bool": "true or false",
    "null": "nothing",
}


def _noun(type_name: str) -> str:
    return _NOUNS.get(type_name, type_name)
