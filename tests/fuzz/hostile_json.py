"""JSON with one value after the other replaced by what its reader may not expect."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

RAW = (
    *("null", "true", "[]", "{}", '""', "-1", "0", "1.5", "1e400", "-0.0", "NaN", "9" * 30, "9" * 5000, "1e-400"),
    *('"\\ud800"', '"\\u0000"', '"\\u001b[31m"', '"' + "x" * 70_000 + '"', '"//["', '"' + "é" * 300 + '"'),
    *('"9999-12-31T23:59:59-14:00"', '"0001-01-01T00:00:00+14:00"', '"(?=x)"', '"((x{1,900}){1,900}){9}"'),
    *("[" * 300 + "]" * 300, '{"a":' * 300 + "1" + "}" * 300, '{"\\ud800": 1}', '[{"":[null]}]'),
)
"""Values as they are written: some are no JSON, and some no text that can be written as UTF-8."""

_HERE = "here, and nowhere else"


def variants(value: Any, raws: Iterable[str] = RAW) -> Iterator[str]:
    """A value with every part of it, itself included, replaced by each of some; and with each name twice, or not."""
    for shape in _holed(value):
        text = json.dumps(shape)
        for raw in raws:
            yield text.replace(json.dumps(_HERE), raw)
    if isinstance(value, dict):
        for name in value:
            yield json.dumps(value)[:-1] + f", {json.dumps(name)}: 1}}"
            yield json.dumps({inner: value[inner] for inner in value if inner != name})


def _holed(value: Any) -> Iterator[Any]:
    yield _HERE
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from ({**value, name: holed} for holed in _holed(inner))
    elif isinstance(value, list):
        for place, inner in enumerate(value):
            yield from ([*value[:place], holed, *value[place + 1 :]] for holed in _holed(inner))
