"""JSON of what clients sent, which may hold half a character that no file can."""

from __future__ import annotations

from typing import Any

import msgspec


def plain_json(value: Any) -> bytes:
    """A value as JSON; half a character in a text (a lone surrogate) becomes a question mark."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_mended(msgspec.to_builtins(value, builtin_types=(bytes,))))


def _mended(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_mended(key): _mended(inner) for key, inner in value.items()}
    return [_mended(inner) for inner in value] if isinstance(value, list | tuple) else value
