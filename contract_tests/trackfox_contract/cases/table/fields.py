"""Every listed field: absent, null, under another name or in another place, of another type, and against its schema."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from trackfox_contract.cases.builder import ABSENT, RequestBuilder
from trackfox_contract.cases.table.case import NAMES_IN_ANY_CASE, Case
from trackfox_contract.oracle.document import IDENTITY
from trackfox_contract.oracle.oracle import clause_of
from trackfox_contract.oracle.rules import types_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_COMMON_ALIASES: Mapping[str, tuple[str, ...]] = {
    "session_id": ("session", "sid", "sessionID"),
    "visitor_id": ("visitor", "vid", "user_id", "visitorID"),
    "website_id": ("website", "site_id", "websiteID", "web_id"),
    "revenue": ("amount", "value", "price", "total", "cents", "revenue_cents"),
    "email": ("e-mail", "mail", "customer_email", "user_email", "email_address"),
}


_WRAPPERS = ("data", "payment", "body", "event", "customer", "user", "session", "visitor", "website", "site", "attributes", "properties", "params", "payload", "request", "json",
             "input", "fields", "values", "metadata", "meta", "context", "order", "checkout", "object", "item", "items", "payments", "contact", "billing", "billing_details",
             "customer_details", "charge", "invoice", "transaction", "amount", "total", "money", "price", "resource", "record", "attribution", "tracking", "client", "buyer", "payer")  # fmt: skip


_PLAINLY_WRONG: Mapping[str, tuple[Any, ...]] = {
    "revenue": (0, -100, 99.5, "9900", True),
    "email": ("", "nobody", "customer@", "a@b@example.com", "cus tomer@example.com", 7),
}


def absent(builder: RequestBuilder) -> Iterator[Case]:
    """Each required field absent, and null."""
    for name in builder.document.required:
        yield Case("field.required", f"{name} is absent", builder.call({name: ABSENT}))
        yield Case("field.required", f"{name} is null", builder.call({name: None}))


def plainly_wrong(builder: RequestBuilder) -> Iterator[Case]:
    """Each field with a value that is clearly invalid."""
    for name, values in _PLAINLY_WRONG.items():
        for value in values if name in builder.document.fields else ():
            clause_id = clause_of(builder.document, name, value)
            yield Case(clause_id, f"{name} is {json.dumps(value)}", builder.call({name: value}))


def required(builder: RequestBuilder) -> Iterator[Case]:
    """Clause `field.required`: any one absent or null, also when the value stands somewhere else."""
    yield from absent(builder)
    everything = dict.fromkeys(builder.document.required, ABSENT)
    yield Case("field.required", "an empty object", builder.call(everything))
    yield Case("field.required", "every field is null", builder.call(dict.fromkeys(everything)))
    for name in builder.document.required:
        yield from _elsewhere(builder, name)


def _elsewhere(builder: RequestBuilder, name: str) -> Iterator[Case]:
    value = builder.body()[name]
    for alias in dict.fromkeys((*_spellings(name), *_COMMON_ALIASES.get(name, ()))):
        if alias != name and alias not in builder.document.fields:
            leniency = NAMES_IN_ANY_CASE if alias.lower() == name else ""
            call = builder.call({name: ABSENT, alias: value})
            yield Case("field.required", f"{name} is called {alias!r}", call, leniency)
    for wrapper in ("data", "payment", "body", "event", "customer"):
        call = builder.call({name: ABSENT, wrapper: {name: value}})
        yield Case("field.required", f"{name} stands inside {wrapper!r}", call)
    within = {
        wrapper: {name: value, name.partition("_")[0]: value, "id": value}
        for wrapper in _WRAPPERS
        if wrapper not in builder.document.fields
    }
    yield Case("field.required", f"{name} stands inside {len(within)} objects", builder.call({name: ABSENT, **within}))
    lists = {wrapper: [inner] for wrapper, inner in within.items()}
    yield Case("field.required", f"{name} stands inside {len(lists)} lists", builder.call({name: ABSENT, **lists}))
    without = builder.call({name: ABSENT})
    text = str(value)
    in_query = f"{without.target}?{name}={quote(text)}"
    yield Case("field.required", f"{name} stands in the query", replace(without, target=in_query))
    header = "X-" + name.replace("_", "-").title()
    yield Case("field.required", f"{name} stands in a header", without.with_header(header, text))
    cookie = f"{name}={quote(text)}; _tf_{name}={quote(text)}"
    yield Case("field.required", f"{name} stands in a cookie", without.with_header("Cookie", cookie))


def _spellings(name: str) -> tuple[str, ...]:
    words = name.split("_")
    camel = words[0] + "".join(word.title() for word in words[1:])
    return (camel, camel[0].upper() + camel[1:], name.upper(), name.title(), name.replace("_", "-"), f" {name}", f"{name} ",
            name.replace("_", ""), name + "[]", name[:-1], name + "s")  # fmt: skip


def strings(builder: RequestBuilder) -> Iterator[Case]:
    """Clause `field.string`: whatever is not a string is never a success."""
    for name, schema in builder.document.fields.items():
        if types_of(schema) == ("string",):
            valid = builder.body().get(name, "")
            for value in (*_not_strings(valid), *_unquoted(valid)):
                title = f"{name} is {json.dumps(value)[:40] if name not in IDENTITY else _kind(value)}"
                yield Case("field.string", title, builder.call({name: value}))


def _kind(value: Any) -> str:
    if isinstance(value, (list, dict)) and value:
        inner = next(iter(value.values() if isinstance(value, dict) else value))
        around = "a list" if isinstance(value, list) else f"an object ({next(iter(value))})"
        return f"{around} around {_kind(inner) if not isinstance(inner, str) else 'the id'}"
    return json.dumps(value) if not isinstance(value, str) else "the id"


def _not_strings(valid: Any) -> tuple[Any, ...]:
    return (
        0, 1, 42, -1, 1.5, 123456789012345678901234567890, True, False, [], {}, [valid], [[valid]], [valid, valid], [None], [0],
        {"value": valid}, {"id": valid}, {"0": valid}, {valid: True}, {"$ne": None}, {"$gt": ""}, {"$eq": valid}, {"$regex": ".*"},
        {"$exists": True}, {"like": "%"}, {"in": [valid]}, {"length": 1}, {"toString": valid},
    )  # fmt: skip


def _unquoted(valid: Any) -> Iterator[Any]:
    """What a valid text is as a number, when its quotes are left out; all digits are, in many shops."""
    if isinstance(valid, str) and valid.isascii() and valid.isdigit():
        yield from (int(valid), float(valid), [int(valid)], {"id": int(valid)})


def schema_rules(builder: RequestBuilder) -> Iterator[Case]:
    """Clause `field.schema`: bounds, lengths, patterns and choices of whichever fields the document lists."""
    for name, schema in builder.document.fields.items():
        if name in ("revenue", "email"):
            continue
        for value in _around(schema, builder.body().get(name)):
            if name in IDENTITY and isinstance(value, str) and value == builder.body().get(name):
                continue
            yield Case("field.schema", f"{name} is {json.dumps(value)[:40]}", builder.call({name: value}))


def _around(schema: Mapping[str, Any], valid: Any) -> Iterator[Any]:
    """Values on both sides of everything that a schema says."""
    yield from _lengths(schema)
    yield from _choices(schema)
    if "pattern" in schema and isinstance(valid, str):
        yield from ("", "~", valid + "~", "~" + valid, valid + valid, valid[:-1], valid.swapcase(), valid + "\n")
    if "format" in schema:
        yield from ("", "not one", "%%%", "0")
    types = types_of(schema)
    if {"integer", "number"} & set(types):
        yield from _numbers(schema)
    if types and "string" not in types:
        others = {"string": "text", "boolean": True, "array": [], "object": {}}
        yield from (value for kind, value in others.items() if kind not in types)


def _lengths(schema: Mapping[str, Any]) -> Iterator[str]:
    if "minLength" in schema:
        yield from ("a" * max(0, schema["minLength"] - 1), "a" * schema["minLength"])
    if "maxLength" in schema:
        yield from ("a" * (schema["maxLength"] + 1), "a" * schema["maxLength"])


def _choices(schema: Mapping[str, Any]) -> Iterator[Any]:
    choices = schema.get("enum", [schema["const"]] if "const" in schema else [])
    for choice in choices:
        yield choice
        if isinstance(choice, str):
            yield from (choice.swapcase(), choice + "x", choice[:-1], f" {choice}", f"{choice} ")
    if choices:
        yield from ("none of them", "", 0, True)


def _numbers(schema: Mapping[str, Any]) -> Iterator[Any]:
    for bound in ("minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum"):
        if bound in schema:
            yield from (schema[bound] - 1, schema[bound], schema[bound] + 1)
    if "multipleOf" in schema:
        yield from (schema["multipleOf"], schema["multipleOf"] * 2, schema["multipleOf"] * 1.5)
    if types_of(schema) == ("integer",):
        yield from (1.5, "1")
