"""A YAML or JSON file that was given to us: its data, and the line on which any part of it stands."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import yaml

from mock_server.errors import InputFileError

_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]  # libyaml's loader where there is one, so its type is only known at run time
    """YAML as JSON sees it: times stay strings, since the data is to be written as JSON again."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}


@dataclass(frozen=True)
class Source:
    """A file that could be read and parsed."""

    path: Path
    text: str
    data: Any

    def line(self, place: Sequence[str | int]) -> int | None:
        """The line, counted from 1, of the deepest part of `place` that is in the file."""
        try:
            node = yaml.compose(self.text, Loader=_SafeLoader)
        except yaml.YAMLError:
            return None
        if node is None:
            return None
        line: int = node.start_mark.line
        for step in place:
            found = _child(node, step)
            if found is None:
                break
            key, node = found
            line = (key or node).start_mark.line
        return line + 1


def _child(node: Any, step: str | int) -> tuple[Any, Any] | None:
    if isinstance(node, yaml.MappingNode):
        return next(((key, value) for key, value in node.value if key.value == str(step)), None)
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        return None, node.value[step]
    return None


def read_source(path: Path, error: type[InputFileError]) -> Source:
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
    return Source(path, text, _parse(path, text, error))


def _parse(path: Path, text: str, error: type[InputFileError]) -> Any:
    if path.suffix == ".json":
        try:
            return orjson.loads(text)
        except orjson.JSONDecodeError as problem:
            raise error(path, f"is not JSON: {problem.msg}.", line=problem.lineno) from None
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, with one resolver less
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else None
        raise error(path, f"is not YAML: {problem.problem or problem.context}.", line=line) from None
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        first = str(problem).splitlines()[0] if str(problem) else "it is nested too deeply"
        raise error(path, f"is not YAML: {first}.") from None


_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+)\]")


def steps(place: str) -> list[str | int]:
    """The steps of a path as msgspec writes it: `$.websites[0].name` is `["websites", 0, "name"]`."""
    return [name or int(index) for name, index in _STEP.findall(place)]


def field_name(place: Sequence[str | int]) -> str:
    """A place in a document as people write it: `websites[0].api_token`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).lstrip(".")
