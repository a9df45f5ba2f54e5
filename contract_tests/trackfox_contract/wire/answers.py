"""What of an answer can be compared with another: its status, the shape of its body, how it was carried."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from trackfox_contract.wire.transport import NoResponse, Outcome, Response

View = Callable[[Outcome], str]
"""One side of an answer, in words; two answers are alike on that side when the words are the same."""

_JSON = "application/json"
_SCALARS = {str: "text", bool: "boolean", int: "number", float: "number", type(None): "null"}


def status(outcome: Outcome) -> str:
    """The status, or what came instead of an answer."""
    return outcome.kind if isinstance(outcome, NoResponse) else str(outcome.status)


def is_invalid(outcome: Outcome) -> str:
    """Whether the body was refused, whatever else may have been wrong."""
    return "400" if status(outcome) == "400" else "another status than 400"


def shape(outcome: Outcome) -> str:
    """The shape of the body: of JSON its names and types, of all else its media type."""
    if isinstance(outcome, NoResponse) or not outcome.body:
        return "nothing"
    media_type = _media_type(outcome)
    if media_type != _JSON:
        return media_type or "no media type"
    try:
        return _shape(json.loads(outcome.text()))
    except (ValueError, RecursionError):
        return "malformed JSON"


def _media_type(reply: Response) -> str:
    return reply.header("content-type").partition(";")[0].strip().lower()


def pattern(outcome: Outcome) -> str:
    """A JSON body with … for each text and 0 for each number, as `error-body` takes it; empty for another body."""
    if isinstance(outcome, NoResponse) or _media_type(outcome) != _JSON or not shape(outcome).startswith(("{", "[")):
        return ""
    return json.dumps(_pattern(json.loads(outcome.text())), ensure_ascii=False)


def _pattern(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _pattern(inner) for name, inner in value.items()}
    if isinstance(value, list):
        return list({_shape(inner): _pattern(inner) for inner in value}.values())
    return "…" if isinstance(value, str) else value if value is None or isinstance(value, bool) else 0


def _shape(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f'"{name}": {_shape(value[name])}' for name in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(sorted({_shape(inner) for inner in value})) + "]"
    return _SCALARS[type(value)]


def success_extra(outcome: Outcome) -> str:
    """What stands in a success beside its message."""
    if isinstance(outcome, NoResponse):
        return "no success"
    marks = {
        "more fields": shape(outcome) != '{"message": text}',
        "indented": "\n" in _text(outcome).strip(),
        "a charset": "charset" in outcome.header("content-type").lower(),
    }
    return _named(marks) or "the message alone"


def _text(reply: Response) -> str:
    try:
        return reply.text()
    except ValueError:
        return ""


def body(outcome: Outcome) -> str:
    """The shape of the body, and of a success also what stands beside its message."""
    return f"{shape(outcome)}, {success_extra(outcome)}" if status(outcome).startswith("2") else shape(outcome)


def carriage(outcome: Outcome) -> str:
    """How an answer was carried, as far as HTTP leaves a choice."""
    if isinstance(outcome, NoResponse):
        return "no answer"
    has_length = bool(outcome.header("content-length"))
    marks = {
        "chunked": not has_length and outcome.version != "1.0",
        "connection: close": "close" in outcome.header("connection").lower() or outcome.version == "1.0",
        "Title-Case names": any(name in ("Content-Type", "Content-Length") for name, _ in outcome.headers),
        "compressed": bool(outcome.header("content-encoding")),
    }
    return _named(marks) or "plain"


def _named(marks: dict[str, bool]) -> str:
    return ", ".join(name for name, holds in marks.items() if holds)


def told(outcome: Outcome) -> str:
    """An answer in words: its status and its whole body, from which secrets have to be taken before it is cut."""
    if isinstance(outcome, NoResponse):
        return f"{outcome.kind}: {outcome.detail}"
    return f"{outcome.status} {' '.join(outcome.body.decode('utf-8', 'replace').split())}".strip()
