"""The words a clause rests on, taken from the document that is served, so that an edited one speaks for itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trackfox_mock.document.spec import Operation


def _status(status: int) -> Callable[[Operation, str], str]:
    return lambda api, _: api.descriptions.get(status, "")


def _operation(api: Operation, _: str) -> str:
    return f"{api.method} {api.path}: {api.description}".rstrip(": ")


def _property(api: Operation, field: str) -> str:
    description = " ".join(str(api.property_schema(field).get("description", "")).split())
    return f"{field}: {description}" if description else api.descriptions.get(api.invalid_status, "")


def _invalid(api: Operation, _: str) -> str:
    return api.descriptions.get(api.invalid_status, "")


def _token(api: Operation, _: str) -> str:
    return api.token_description or api.descriptions.get(401, "")


CLAUSES: Mapping[str, Callable[[Operation, str], str]] = {
    "endpoint": _operation,
    "field.required": _invalid,
    "field.string": _property,
    "revenue.positive-integer": _property,
    "email.valid": _invalid,
    "body.object": _operation,
    "auth.missing": _status(401),
    "auth.malformed": _status(401),
    "auth.invalid": _status(401),
    "auth.website": _token,
    "match.session": _status(404),
    "match.visitor": _status(404),
    "match.together": _status(404),
    "match.exact": _status(404),
    "success.status": _operation,
    "success.body": _operation,
    "error.status": _status(500),
    "event.created": _operation,
    "event.only-on-success": _operation,
    "field.schema": _property,
    "example": _operation,
}
"""By clause id, where its words stand in the document.

`field.schema` is what only an edited document demands; `example` is what its further operations are answered with.
"""


def clause_words(api: Operation, clause: str, field: str = "") -> str:
    """The document's own words for a clause.

    Args:
        api: the operation that is served.
        clause: an id of docs/contract.md; of any other the words are empty.
        field: the body's field that the clause was broken by, where it was one.
    """
    words = CLAUSES.get(clause)
    return "" if words is None else words(api, field)
