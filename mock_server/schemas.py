"""The schemas that a body is held against: the document's as it is read, and one that only ordinary bodies pass."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import jsonschema_rs

from mock_server.addresses import AddressKind, classify_address, is_plain
from mock_server.call import IDS
from mock_server.readings import Readings
from mock_server.spec import Api

UNIT = 100
"""Cents; an amount below it looks like a price in units."""

LARGEST = 2**31 - 1
"""Cents; an amount beyond it looks like a mistake."""

_LARGEST_REVENUE = {"refused-beyond-2^31": LARGEST, "refused-beyond-2^53": 2**53 - 1}
_ORDINARY_ID = "^[!-~]+$"
# Some plain addresses: short enough for every bound on a part, and without what only a look around could tell.
_ORDINARY_EMAIL = r"^[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*@([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z]{2,}$"
_ORDINARY_EMAIL_LENGTH = 60


def validator(api: Api, readings: Readings) -> jsonschema_rs.Draft202012Validator:
    """Tells what is accepted under the readings."""
    return _compiled(read_schema(api, readings), readings)


def ordinary(api: Api, readings: Readings, placeholders: Collection[str]) -> jsonschema_rs.Draft202012Validator:
    """Tells which bodies are accepted and need no second look, for no reading and no advice; in Rust alone."""
    schema = read_schema(api, readings)
    properties = schema["properties"]
    for name in properties:
        declared = properties[name]
        if is_email(api.property_schema(name)):
            declared = {key: value for key, value in api.property_schema(name).items() if key != "format"}
        properties[name] = _both(declared, _ordinary(name, api, placeholders))
    return _compiled({**schema, "additionalProperties": False}, readings)


def _both(declared: Mapping[str, Any], ordinary: Mapping[str, Any]) -> dict[str, Any]:
    """One flat schema where that is possible: the validator takes half as long again over an `allOf`."""
    if any(declared[key] != ordinary[key] for key in declared.keys() & ordinary.keys()):
        return {"allOf": [declared, ordinary]}
    return {**declared, **ordinary}


def _ordinary(name: str, api: Api, placeholders: Collection[str]) -> dict[str, Any]:
    schema = api.property_schema(name)
    if name in IDS:
        return {"type": "string", "pattern": _ORDINARY_ID, "maxLength": 255, "not": {"enum": sorted(placeholders)}}
    if is_integer(schema):
        return {
            "minimum": max(UNIT, schema.get("minimum", UNIT)),
            "maximum": min(LARGEST, schema.get("maximum", LARGEST)),
        }
    if is_email(schema):
        return {"type": "string", "pattern": _ORDINARY_EMAIL, "maxLength": _ORDINARY_EMAIL_LENGTH}
    return {}


def is_integer(schema: Mapping[str, Any]) -> bool:
    """Whether a property is declared an integer."""
    types = schema.get("type", ())
    return types == "integer" or (isinstance(types, list) and "integer" in types and "number" not in types)


def is_email(schema: Mapping[str, Any]) -> bool:
    """Whether a property is declared an e-mail address."""
    return schema.get("format") == "email"


def read_schema(api: Api, readings: Readings) -> dict[str, Any]:
    """The document's schema, with the silences filled in that a schema can express."""
    schema = dict(api.schema)
    properties = dict(schema.get("properties", {}))
    if readings["wrong-type-id"] == "no-match":
        for name in IDS:
            if name in properties:
                properties[name] = {"not": {"type": "null"}}
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
    accepts_edges = readings["email-edge"] == "accepted"

    def is_address(value: str) -> bool:
        return is_plain(value) or (accepts_edges and classify_address(value).kind is not AddressKind.WRONG)

    return jsonschema_rs.Draft202012Validator(
        dict(schema), validate_formats=True, formats={"email": is_address}, mask="the value"
    )
