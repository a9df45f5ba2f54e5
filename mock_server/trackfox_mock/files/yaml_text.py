"""YAML, read as JSON data. Imported only where there is YAML: PyYAML takes longer to load than all of the core."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import yaml


class NotYamlError(ValueError):
    """A text is not YAML; `line` counts from 1, where it is known."""

    def __init__(self, reason: str, line: int | None) -> None:
        super().__init__(reason)
        self.line = line


_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]  # libyaml's loader where there is one, so its type is only known at run time
    """Times stay strings, since the data is to be written as JSON again; a key that stands twice is an error."""

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - PyYAML's signature
        written: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if not isinstance(key, yaml.ScalarNode):
                raise NotYamlError("a key is a list or a mapping; write a text", key.start_mark.line + 1)
            if key.tag != "tag:yaml.org,2002:merge" and key.value in written:
                raise NotYamlError(
                    f"the key {key.value!r} stands twice in one mapping; remove one", key.start_mark.line + 1
                )
            written.add(str(key.value))
        return super().construct_mapping(node, deep)


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}


def parse_yaml(text: str) -> Any:
    """The data of a document.

    Raises:
        NotYamlError: it cannot be read.
    """
    try:
        return yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader, with one resolver less
    except NotYamlError:
        raise
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else None
        raise NotYamlError(str(problem.problem or problem.context), line) from None
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        raise NotYamlError(str(problem).splitlines()[0] if str(problem) else "it is nested too deeply", None) from None


def line_of(text: str, place: Sequence[str | int]) -> int | None:
    """The line, counted from 1, of the deepest part of `place` that is in a document. JSON is YAML, too."""
    try:
        node = yaml.compose(text, Loader=_SafeLoader)
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
