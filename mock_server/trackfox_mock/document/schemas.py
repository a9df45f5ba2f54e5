"""The JSON Schema that bodies are validated against: the document's, with the readings applied."""

from __future__ import annotations

from collections.abc import Mapping
from math import ceil, floor
from typing import TYPE_CHECKING, Any

from trackfox_mock.document.email_addresses import AddressKind, classify_address, is_plain
from trackfox_mock.document.readings import Readings
from trackfox_mock.document.references import retrieve_nothing
from trackfox_mock.document.silences import SILENCES
from trackfox_mock.document.spec import Operation
from trackfox_mock.model import IDS

if TYPE_CHECKING:
    import jsonschema_rs

UNIT = 100
"""Cents; an amount below it looks like a price in units."""

LARGEST = 2**31 - 1
"""Cents; an amount beyond it looks like a mistake."""

_LARGEST_REVENUE = {"refused-beyond-2^31": LARGEST, "refused-beyond-2^53": 2**53 - 1, "refused-beyond-2^63": 2**63 - 1}
_ORDINARY = {name: {"type": "string"} for name in IDS} | {"email": {"type": "string", "format": "email"}}
_OF_AN_OBJECT = {"type", "required", "properties", "additionalProperties", "components"}
_ANNOTATIONS = {"title", "description", "example", "examples", "default", "deprecated", "$comment", "externalDocs"}


def validator(api: Operation, readings: Readings) -> jsonschema_rs.Draft202012Validator:
    """Tells what is accepted under the readings."""
    return _compiled(read_schema(api, readings), readings)


def ordinary_amounts(api: Operation) -> range | None:
    """The amounts in cents that are accepted under every reading, and that nobody has to be advised about.

    None where the document asks for more of a body than the documented fields in the documented shapes. A further
    field that may be left out asks for nothing.
    """
    asked = {name: _asked(schema) for name, schema in api.schema.get("properties", {}).items()}
    revenue = asked.pop("revenue", {})
    least, most = revenue.pop("minimum", UNIT), revenue.pop("maximum", LARGEST)
    if (
        {name: asked.get(name) for name in _ORDINARY} != _ORDINARY
        or revenue != {"type": "integer"}
        or not _asked(api.schema).keys() <= _OF_AN_OBJECT
        or api.schema.get("type") != "object"
        or not {"revenue", *_ORDINARY}.issuperset(api.schema.get("required", ()))
    ):
        return None
    return range(max(UNIT, ceil(least)), min(LARGEST, floor(most)) + 1)


def _asked(schema: Any) -> dict[str, Any]:
    """What a schema demands, without what it only tells."""
    return {key: value for key, value in schema.items() if key not in _ANNOTATIONS} if type(schema) is dict else {}


def is_integer(schema: Mapping[str, Any]) -> bool:
    """Whether a property is declared an integer."""
    types = schema.get("type", ())
    return types == "integer" or (isinstance(types, list) and "integer" in types and "number" not in types)


def is_email(schema: Mapping[str, Any]) -> bool:
    """Whether a property is declared an e-mail address."""
    return schema.get("format") == "email"


def read_schema(api: Operation, readings: Readings) -> dict[str, Any]:
    """The document's schema, with the silences filled in that a schema can express."""
    schema = dict(api.schema)
    properties = dict(schema.get("properties", {}))
    looked_up = [kind for kind in SILENCES["wrong-type-id"].parts if readings[f"wrong-type-id.{kind}"] == "no-match"]
    if looked_up:
        for name in IDS:
            if name in properties:
                properties[name] = {"type": ["string", *looked_up]}
    largest = _LARGEST_REVENUE.get(readings["huge-revenue"])
    if largest is not None:
        for name, value in properties.items():
            if is_integer(api.property_schema(name)):
                properties[name] = {"allOf": [value], "maximum": largest}
    schema["properties"] = properties
    if readings["extra-property"] == "refused":
        schema.setdefault("additionalProperties", False)
    return schema


def _compiled(schema: Mapping[str, Any], readings: Readings) -> jsonschema_rs.Draft202012Validator:
    import jsonschema_rs  # noqa: PLC0415 - a server that only gets what is right starts sooner without it

    def is_address(value: str) -> bool:
        return is_plain(value) or _is_accepted_edge(value, readings)

    return jsonschema_rs.Draft202012Validator(
        dict(schema),
        validate_formats=True,
        formats={"email": is_address},
        mask="the value",
        retriever=retrieve_nothing,
    )


def _is_accepted_edge(address: str, readings: Readings) -> bool:
    kind, _, part = classify_address(address)
    return kind is AddressKind.EDGE and readings[f"email-edge.{part}"] == "accepted"
