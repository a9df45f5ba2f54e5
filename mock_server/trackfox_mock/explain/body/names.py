"""Misnamed fields: which documented field was meant, such as `revenue` by `amount`; the names come from the schema."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from trackfox_mock.document.email_addresses import is_plain
from trackfox_mock.document.lookalikes import is_misspelling, words_of
from trackfox_mock.explain.inquiry import Inquiry

_LOOKED_AT = 50


def misnamed(inquiry: Inquiry) -> Mapping[str, str]:
    """For every required field that is missing, the field that came in its place, where one seems to."""
    missing = [name for name in inquiry.api.schema.get("required", ()) if name not in inquiry.document]
    extra = [name for name in list(inquiry.document)[:_LOOKED_AT] if name not in inquiry.service.fields]
    found: dict[str, str] = {}
    for resembles in _RESEMBLANCES:
        for name in missing:
            free = [key for key in extra if key not in found.values()]
            if name not in found and (key := _one(key for key in free if resembles(inquiry, name, key))) is not None:
                found[name] = key
    return found


def wrapper(inquiry: Inquiry) -> str | None:
    """The field inside which the documented fields stand, if there is one."""
    required = set(inquiry.api.schema.get("required", ()))
    for name, value in list(inquiry.document.items())[:_LOOKED_AT]:
        if name not in inquiry.service.fields and isinstance(value, dict) and len(required & value.keys()) > 1:
            return name
    return None


def _one(keys: Iterable[str]) -> str | None:
    return next(iter(keys), None)


def _holds(name: str, key: str) -> bool:
    """`customer_email` holds all of `email`; `session` is what tells `session_id` from the other ids."""
    wanted, came = set(words_of(name)), set(words_of(key))
    return wanted <= came or (bool(came) and came <= wanted and came != {"id"})


def _described(inquiry: Inquiry, name: str, key: str) -> bool:
    """The document describes `revenue` as a "Payment amount", and no other field so: that makes `amount` mean it."""
    described = {
        field: words_of(str(inquiry.api.property_schema(field).get("description", "")))
        for field in inquiry.service.fields
    }
    words = [word for word in words_of(key) if len(word) > 3]
    return any([field for field, said in described.items() if word in said] == [name] for word in words)


def _fits(inquiry: Inquiry, name: str, key: str) -> bool:
    """Its value is what the missing field wants, and what no id would be."""
    value: Any = inquiry.document[key]
    if name in inquiry.service.integers:
        return isinstance(value, int | float) and not isinstance(value, bool)
    is_email = inquiry.api.property_schema(name).get("format") == "email"
    return is_email and isinstance(value, str) and is_plain(value)


_RESEMBLANCES: tuple[Callable[[Inquiry, str, str], bool], ...] = (
    lambda _, name, key: is_misspelling(name, key),
    lambda _, name, key: _holds(name, key),
    _described,
    _fits,
)
