"""What one field's value is worth by its schema: fine, wrong, or something that a service may take or refuse."""

from __future__ import annotations

import json
from decimal import Decimal
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Literal

import jsonschema_rs

from contract_tests.emails import classify_address
from contract_tests.json_text import Number

if TYPE_CHECKING:
    from collections.abc import Mapping

Worth = Literal["fine", "odd", "wrong"]

_CLEAR_LIMIT = 100_000_000
_ID_LIMIT = 255
_NUMERIC = ("integer", "number")


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


@lru_cache(maxsize=256)
def _validator(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(schema), validate_formats=True)


def is_valid(schema: Mapping[str, Any], value: Any) -> bool:
    """Whether a value keeps a schema, formats included; what cannot be decided counts as kept."""
    try:
        return _validator(json.dumps(schema)).is_valid(plain(value))
    except (ValueError, OverflowError, jsonschema_rs.ValidationError):
        return True


def is_odd_id(value: str) -> bool:
    """Whether an id is one that a service may refuse for its characters or its length (silence `odd-id`).

    What counts as a control character differs from language to language, so all that cannot be printed may count.
    """
    return len(value.encode("utf-8", "surrogatepass")) > _ID_LIMIT or not value.isprintable()


def worth(schema: Mapping[str, Any], value: Any) -> Worth:
    """Judges a field's value, which is there and of any JSON type.

    Args:
        schema: the field's schema.
        value: what was sent, numbers as `Number`.

    Returns:
        `fine` must be accepted, `wrong` must be refused, `odd` may be either.
    """
    types = types_of(schema)
    if isinstance(value, Number):
        return _number(schema, value) if not types or set(types) & set(_NUMERIC) else "wrong"
    if schema.get("format") == "email" and isinstance(value, str):
        without_format = {key: rule for key, rule in schema.items() if key != "format"}
        kind = classify_address(value)
        if kind == "wrong" or not is_valid(without_format, value):
            return "wrong"
        return "fine" if kind == "plain" else "odd"
    return "fine" if is_valid(schema, value) else "wrong"


def _number(schema: Mapping[str, Any], value: Number) -> Worth:
    exact = value.exact
    readings = {exact} if exact.adjusted() > 300 else {exact, Decimal(float(exact))}
    kept = {_number_is_valid(schema, reading) for reading in readings}
    if kept == {False}:
        return "wrong"
    integer_wanted = "number" not in types_of(schema)
    beyond = exact > _CLEAR_LIMIT and "maximum" not in schema and "exclusiveMaximum" not in schema
    if len(kept) > 1 or beyond or (integer_wanted and not value.is_integer_literal):
        return "odd"
    return "fine"


def _is_integral(number: Decimal) -> bool:
    _, digits, exponent = number.as_tuple()
    if not isinstance(exponent, int):
        return False
    return exponent >= 0 or not any(digits[exponent:])


def _number_is_valid(schema: Mapping[str, Any], number: Decimal) -> bool:
    types = types_of(schema)
    if "integer" in types and "number" not in types and not _is_integral(number):
        return False
    bounds = (
        number >= Decimal(str(schema.get("minimum", "-Infinity"))),
        number > Decimal(str(schema.get("exclusiveMinimum", "-Infinity"))),
        number <= Decimal(str(schema.get("maximum", "Infinity"))),
        number < Decimal(str(schema.get("exclusiveMaximum", "Infinity"))),
    )
    if not all(bounds):
        return False
    others = {key: schema[key] for key in ("multipleOf", "enum", "const") if key in schema}
    return not others or is_valid(others, Number(format(number, "f")))
