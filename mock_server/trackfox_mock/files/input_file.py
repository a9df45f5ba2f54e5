"""A YAML or JSON file that was given to us: its data, and the line on which any part of it stands."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import orjson
from msgspec import Struct

from trackfox_mock.errors import InputFileError


class InputFile(Struct, frozen=True):
    """A file of a user's, read and parsed."""

    path: Path
    text: str
    data: Any

    def line(self, place: Sequence[str | int]) -> int | None:
        """The line, counted from 1, of the deepest part of `place` that is in the file."""
        from trackfox_mock.files.yaml_text import line_of  # noqa: PLC0415 - only for the sentence of a failure

        return line_of(self.text, place)


def read_input_file(path: Path, error: type[InputFileError]) -> InputFile:
    """Read and parse a file; `error` is raised, naming file and line, where that fails."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise error(path, "there is no such file; check the path.") from None
    except IsADirectoryError:
        raise error(path, "is a folder, and a file was expected.") from None
    except OSError as problem:
        raise error(path, f"cannot be read: {problem.strerror}.") from None
    except UnicodeDecodeError as problem:
        raise error(path, f"is not UTF-8 (byte {problem.start}); save it as UTF-8.") from None
    return InputFile(path, text, _parse(path, text, error))


def _parse(path: Path, text: str, error: type[InputFileError]) -> Any:
    if path.suffix == ".json":
        try:
            data = orjson.loads(text)
            json.loads(text, object_pairs_hook=_demand_no_repeated_key)
        except orjson.JSONDecodeError as problem:
            raise error(path, f"is not JSON: {problem.msg}.", line=problem.lineno) from None
        except _RepeatedKeyError as problem:
            line = _line_of_repeated(text)
            raise error(path, f"the key {problem} stands twice in one object; remove one.", line=line) from None
        return data
    from trackfox_mock.files.yaml_text import NotYamlError, parse_yaml  # noqa: PLC0415 - the built-in files of a wheel are JSON

    try:
        return parse_yaml(text)
    except NotYamlError as problem:
        raise error(path, f"is not YAML: {problem}.", line=problem.line) from None


def _line_of_repeated(text: str) -> int | None:
    """The line of a key that stands twice. JSON is YAML, which is read with its lines."""
    from trackfox_mock.files.yaml_text import NotYamlError, parse_yaml  # noqa: PLC0415 - only for the sentence of a failure

    try:
        parse_yaml(text)
    except NotYamlError as problem:
        return problem.line
    return None


class _RepeatedKeyError(Exception):
    """Its text is the key."""


def _demand_no_repeated_key(pairs: list[tuple[str, Any]]) -> None:
    names = [name for name, _ in pairs]
    if len(set(names)) < len(names):
        raise _RepeatedKeyError(repr(next(name for name in names if names.count(name) > 1)))


_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def steps(place: str) -> list[str | int]:
    """The steps of a path as msgspec writes it: `$.websites[0].name` is `["websites", 0, "name"]`."""
    return [name or int(index) for name, index in _STEP.findall(place)]


def field_name(place: Sequence[str | int]) -> str:
    """A place in a document as people write it: `websites[0].api_token`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
