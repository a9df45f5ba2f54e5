"""The document that is checked against: where the endpoint is, what the body's schema says, what success answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import jsonschema_rs

from trackfox_contract.oracle.rules import Rule

if TYPE_CHECKING:
    from trackfox_mock import Api

IDENTITY = ("website_id", "session_id", "visitor_id")
"""The fields that name an event; what they mean is the stateful part that no schema says."""

_OF_THE_WHOLE = (
    "minProperties", "maxProperties", "dependentRequired", "anyOf", "oneOf", "allOf", "not", "if", "then", "else",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Document:
    """What the checks need of one OpenAPI document.

    Attributes:
        api: the document as `trackfox_mock.load_spec` has read it.
        raw: the whole document, for Schemathesis.
        path: the endpoint's path, with the path of the document's server before it.
        schema_path: the path as it stands under `paths`.
        method: its method, in capitals.
        schema: the body's schema with references resolved.
        example: a documented request body.
        message: the text that a success carries.
        success_status: the documented status of success.
        invalid_status: what an invalid body is answered with.
        fields: the schema of every listed field, by name.
        required: the names of the required fields, in the document's order.
        rules: the same schemas, ready to judge many values.
        rule_of_the_whole: what the schema says of the object as a whole, or None when it says nothing.
    """

    api: Api
    raw: Mapping[str, Any]
    path: str
    schema_path: str
    method: str
    schema: Mapping[str, Any]
    example: Mapping[str, Any]
    message: str
    success_status: int = 200
    invalid_status: int = 400
    fields: Mapping[str, Mapping[str, Any]] = field(init=False, repr=False, compare=False)
    required: tuple[str, ...] = field(init=False, repr=False, compare=False)
    rules: Mapping[str, Rule] = field(init=False, repr=False, compare=False)
    rule_of_the_whole: Rule | None = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        whole = {keyword: rule for keyword, rule in self.schema.items() if keyword in _OF_THE_WHOLE}
        fields = self.schema.get("properties", {})
        object.__setattr__(self, "fields", fields)
        object.__setattr__(self, "required", tuple(self.schema.get("required", ())))
        object.__setattr__(self, "rules", {name: Rule(schema) for name, schema in fields.items()})
        object.__setattr__(self, "rule_of_the_whole", Rule(whole) if whole else None)

    @classmethod
    def of(cls, api: Api) -> Document:
        """What the checks need of a document that `trackfox_mock.load_spec` has read."""
        components = api.schema.get("components", {})
        fields = {name: dict(api.property_schema(name)) for name in api.schema.get("properties", {})}
        for schema in fields.values():
            if "$ref" in repr(schema):
                schema["components"] = components
        paths = (api.document or {}).get("paths", {})
        example, success = api.example, api.success_example
        return cls(
            api=api,
            raw=api.document or {},
            path=api.path,
            schema_path=max((path for path in paths if api.path.endswith(path)), key=len, default=api.path),
            method=api.method,
            schema={**api.schema, "properties": fields},
            example=example if isinstance(example, dict) else {},
            message=success.get("message", "") if isinstance(success, dict) else "",
            success_status=api.success_status,
            invalid_status=api.invalid_status,
        )

    def place(self, pointer: str) -> str:
        """A JSON pointer with `{operation}`, `{body}` and `{success}` filled in."""
        escaped = self.schema_path.replace("~", "~0").replace("/", "~1")
        operation = f"/paths/{escaped}/{self.method.lower()}"
        body = f"{operation}/requestBody/content/application~1json/schema"
        found: Any = self.raw.get("paths", {}).get(self.schema_path, {}).get(self.method.lower(), {})
        for name in ("requestBody", "content", "application/json", "schema"):
            found = found.get(name, {})
        body = found["$ref"].removeprefix("#") if "$ref" in found else body
        return pointer.format(operation=operation, body=body, success=self.success_status)

    def value_of(self, name: str) -> Any:
        """A valid value for a field: the documented example's, or the simplest that its schema takes.

        Raises:
            ValueError: no simple value fits the field's schema and the document gives no example.
        """
        schema = self.fields[name]
        for value in (self.example.get(name), *_simple_values(schema)):
            if value is not None and jsonschema_rs.is_valid(dict(schema), value):
                return value
        raise ValueError(f"{self.path}: no valid value is known for the field {name!r}; give it an `example`.")


def _simple_values(schema: Mapping[str, Any]) -> list[Any]:
    low, high = schema.get("minLength", 1), schema.get("maxLength", 8)
    formats = {
        "email": "customer@example.com",
        "uri": "https://example.com/",
        "uuid": "7f9c24e8-3b12-4fef-91e0-5f1c0c1b2a3d",
        "date": "2026-11-01",
        "date-time": "2026-11-01T09:30:00Z",
    }
    values: list[Any] = [schema.get("const"), schema.get("default"), schema.get("example")]
    values += [*schema.get("examples", ()), *schema.get("enum", ()), formats.get(schema.get("format", ""))]
    values += ["a" * max(low, 1), "A" * max(low, 1), "a" * high, "EUR", "0" * max(low, 1)]
    values += [schema.get("minimum"), schema.get("maximum"), 1, 0, 2, schema.get("multipleOf"), 0.5, True, [], {}]
    if isinstance(schema.get("exclusiveMinimum"), int):
        values.append(schema["exclusiveMinimum"] + 1)
    return values
