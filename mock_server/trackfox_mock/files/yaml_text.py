"""YAML, read as JSON data. Imported only where there is YAML: PyYAML takes longer to load than all of the core."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import yaml


class NotYamlError(ValueError):
    """A text is not YAML; `line` counts from 1, where it is known."""

    def __init__(self, reason: str, line: int | None) -> None:
        super().__init__(reason)
        self.line = line


_YAML = "tag:yaml.org,2002:"
_OF_KEYS = {"str", "int", "float", "merge", "value"}
"""What a key may be, since all are text in JSON."""

_SafeLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_SafeLoader):  # type: ignore[misc]  # libyaml's loader where there is one, so its type is only known at run time
    """Times stay strings, since the data is to be written as JSON again; a key that stands twice is an error."""

    def construct_object(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - PyYAML's signature
        try:
            return super().construct_object(node, deep)
        except (NotYamlError, yaml.YAMLError, RecursionError):
            raise
        except Exception:  # noqa: BLE001 - PyYAML raises whatever comes, as of `!!int ""`
            tag = node.tag.removeprefix(_YAML)
            raise NotYamlError(f"a value is no {tag}; write a plain one", node.start_mark.line + 1) from None

    def construct_mapping(self, node: Any, deep: bool = False) -> Any:  # noqa: FBT001, FBT002 - PyYAML's signature
        written: set[str] = set()
        for key, _ in node.value if isinstance(node, yaml.MappingNode) else ():
            if not isinstance(key, yaml.ScalarNode):
                raise NotYamlError("a key is a list or a mapping; write a text", key.start_mark.line + 1)
            tag = key.tag.removeprefix(_YAML)
            if tag not in _OF_KEYS:
                raise NotYamlError(
                    f"the key {key.value!r} is read as a {tag}; put it in quotes", key.start_mark.line + 1
                )
            if tag != "merge" and key.value in written:
                raise NotYamlError(
                    f"the key {key.value!r} stands twice in one mapping; remove one", key.start_mark.line + 1
                )
            written.add(str(key.value))
        return super().construct_mapping(node, deep)


# As in YAML 1.2, on which OpenAPI rests, and as JSON writes numbers: the country NO is no false, and 12:30, 2024_11,
# 0815 and +49 are no numbers.
_PLAIN = {
    "bool": ("tTfF", r"true|True|TRUE|false|False|FALSE"),
    "int": ("-0123456789", r"-?(?:0|[1-9][0-9]*)"),
    "float": ("-0123456789", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]*)?(?:[eE][-+]?[0-9]+)?"),
}
_REPLACED = {f"{_YAML}{name}" for name in ("timestamp", *_PLAIN)}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag not in _REPLACED]
    for first, resolvers in _SafeLoader.yaml_implicit_resolvers.items()
}
for _name, (_first, _pattern) in _PLAIN.items():
    _Loader.add_implicit_resolver(f"{_YAML}{_name}", re.compile(f"(?:{_pattern})$"), list(_first))


_ALWAYS_ALLOWED = 1_000_000


def _weigh(node: Any, most: int, known: dict[int, int]) -> int:
    """How many values a part of a document stands for, once every alias is written out; `known` is 0 for what is open.

    Raises:
        NotYamlError: an alias stands in what it is an alias of, or they stand for more than `most` values.
    """
    if isinstance(node, yaml.ScalarNode):
        return 1
    weight = known.get(id(node))
    if weight is None:
        known[id(node)] = 0
        weight = known[id(node)] = 1 + sum(_weigh(part, most, known) for part in _parts(node))
    if not weight:
        raise NotYamlError("an alias stands in what it is an alias of; write the value out", node.start_mark.line + 1)
    if weight > most:
        raise NotYamlError(f"its aliases stand for more than {most:,} values; write fewer", node.start_mark.line + 1)
    return weight


def _parts(node: Any) -> Iterator[Any]:
    for part in node.value:
        yield from part if isinstance(part, tuple) else (part,)


def parse_yaml(text: str) -> Any:
    """The data of a document.

    Raises:
        NotYamlError: it cannot be read.
    """
    try:
        return _loaded(text)
    except NotYamlError:
        raise
    except yaml.MarkedYAMLError as problem:
        line = problem.problem_mark.line + 1 if problem.problem_mark else None
        raise NotYamlError(str(problem.problem or problem.context), line) from None
    except (yaml.YAMLError, RecursionError, ValueError) as problem:
        raise NotYamlError(str(problem).splitlines()[0] if str(problem) else "it is nested too deeply", None) from None


def _loaded(text: str) -> Any:
    loader = _Loader(text)
    try:
        node = loader.get_single_node()
        if node is None:
            return None
        # Without aliases there are never more values than characters.
        _weigh(node, max(len(text), _ALWAYS_ALLOWED), {})
        return loader.construct_document(node)
    finally:
        loader.dispose()


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
