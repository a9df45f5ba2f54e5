"""Judges one field's value by its schema: fine, wrong, or odd, which a service may take or refuse."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, Literal

import jsonschema_rs

from trackfox_contract.oracle.email_addresses import judge_address
from trackfox_contract.request.json_text import Number

if TYPE_CHECKING:
    from collections.abc import Mapping

Worth = Literal["fine", "odd", "wrong"]

_CLEAR_LIMIT = 100_000_000
_ID_LIMIT = 255
_NUMERIC = ("integer", "number")
_REMEMBERED = 1024
_TYPES = {str: "string", bool: "boolean", list: "array", dict: "object", type(None): "null"}


def types_of(schema: Mapping[str, Any]) -> tuple[str, ...]:
    """The JSON types that a schema names, none when it takes any."""
    named = schema.get("type", ())
    return (named,) if isinstance(named, str) else tuple(named)


def plain(value: Any) -> Any:
    """A document as Python has it, its numbers no longer as they were written."""
    if isinstance(value, Number):
        return value.plain()
    if isinstance(value, dict):
        return {name: plain(inner) for name, inner in value.items()}
    return [plain(inner) for inner in value] if isinstance(value, list) else value


def is_odd_id(value: str) -> bool:
    """Whether an id is one that a service may refuse for its characters or its length (silence `odd-id`).

    What counts as a control character differs from language to language, so all that cannot be printed may count; and
    white space alone is an empty id (silence `empty-id`) to a service that trims first.
    """
    return len(value.encode("utf-8", "surrogatepass")) > _ID_LIMIT or not value.isprintable() or value.isspace()


def is_valid(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value keeps a schema, formats included; what cannot be decided counts as kept."""
    return _rule(json.dumps(schema)).admits(value)


@lru_cache(maxsize=256)
def _rule(schema: str) -> Rule:
    return Rule(json.loads(schema))


class Rule:
    """A schema that thousands of values are held against: compiled once, and what it said of a value is remembered.

    Args:
        schema: a field's schema, or some keywords of the whole body's.

    Attributes:
        schema: the schema.
        types: the JSON types that it names, none when it takes any.
    """

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self.schema = schema
        self.types = types_of(schema)
        self._remembered = lru_cache(_REMEMBERED)(self._judge)

    def admits(self, value: Any) -> bool:
        """Whether a value keeps the schema, formats included; what cannot be decided counts as kept."""
        try:
            return self._validator.is_valid(plain(value))
        except (ValueError, OverflowError, jsonschema_rs.ValidationError):
            return True

    def takes_type_of(self, value: Any) -> bool:
        """Whether a value is of a type that the schema names; any number is, where an integer is wanted."""
        if isinstance(value, Number):
            return not self.types or bool(set(self.types) & set(_NUMERIC))
        return not self.types or _TYPES.get(type(value)) in self.types

    @cached_property
    def _validator(self) -> jsonschema_rs.Draft202012Validator:
        return jsonschema_rs.Draft202012Validator(dict(self.schema), validate_formats=True)

    def worth(self, value: Any) -> Worth:
        """Judges a field's value, which is there and of any JSON type.

        Args:
            value: what was sent, numbers as `Number`.

        Returns:
            `fine` must be accepted, `wrong` must be refused, `odd` may be either.
        """
        return self._remembered(value) if isinstance(value, (str, Number)) else self._judge(value)

    def _judge(self, value: Any) -> Worth:
        if isinstance(value, Number):
            return self._number(value) if not self.types or set(self.types) & set(_NUMERIC) else "wrong"
        if self.schema.get("format") == "email" and isinstance(value, str):
            kind = judge_address(value)
            if kind == "wrong" or not self._without_format.admits(value):
                return "wrong"
            return "fine" if kind == "plain" else "odd"
        return "fine" if self.admits(value) else "wrong"

    @cached_property
    def _without_format(self) -> Rule:
        return Rule({key: rule for key, rule in self.schema.items() if key != "format"})

    def _number(self, value: Number) -> Worth:
        exact = value.exact
        readings = {exact} if exact.adjusted() > 300 else {exact, Decimal(float(exact))}
        kept = {self._admits_number(reading) for reading in readings}
        if kept == {False}:
            return "wrong"
        integer_wanted = "number" not in self.types
        beyond = exact > _CLEAR_LIMIT and "maximum" not in self.schema and "exclusiveMaximum" not in self.schema
        if len(kept) > 1 or beyond or (integer_wanted and not value.is_integer_literal):
            return "odd"
        return "fine"

    def _admits_number(self, number: Decimal) -> bool:
        if "integer" in self.types and "number" not in self.types and not _is_integral(number):
            return False
        bounds = (
            number >= Decimal(str(self.schema.get("minimum", "-Infinity"))),
            number > Decimal(str(self.schema.get("exclusiveMinimum", "-Infinity"))),
            number <= Decimal(str(self.schema.get("maximum", "Infinity"))),
            number < Decimal(str(self.schema.get("exclusiveMaximum", "Infinity"))),
        )
        if not all(bounds):
            return False
        others = {key: self.schema[key] for key in ("multipleOf", "enum", "const") if key in self.schema}
        return not others or is_valid(others, Number(format(number, "f")))


def _is_integral(number: Decimal) -> bool:
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return False
    return exponent >= 0 or not any(digits[exponent:])
