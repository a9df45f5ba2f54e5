"""The gate `body`, as far as it can be read at all: too large, not JSON, not an object."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from trackfox_mock.decision.gates import called
from trackfox_mock.explain.body import fields
from trackfox_mock.explain.inquiry import Diagnosis, Inquiry, shown

_FORM = re.compile(rb"\s*[\w.\[\]%+-]+=")
_SINGLE_QUOTES = re.compile(rb"\s*\{\s*'")
_SCRIPT = re.compile(rb"\s*\{\s*[A-Za-z_]\w*\s*:")
_TRAILING_COMMA = re.compile(rb",\s*[}\]]")
_EXPECTED = "one JSON object"
_SERIALISE = (
    "write it with your language's JSON function, as json_encode (PHP), JSON.stringify (JavaScript), "
    "json.dumps (Python), to_json (Ruby) or json.Marshal (Go)"
)


def passed(inquiry: Inquiry) -> str:
    """What the body holds, without its values."""
    names = ", ".join(name for name in inquiry.document if name in inquiry.service.fields)
    return f"a JSON object with {names}, as the schema wants it" if names else "a JSON object, as the schema wants it"


def passed_website(inquiry: Inquiry) -> str:
    """The body can be read as far as its website."""
    return f"website_id is {shown(inquiry.parsed.website_id)}"


def is_about_fields(inquiry: Inquiry) -> bool:
    """Whether the body could be read, and was refused for what is in it."""
    return inquiry.decision.rule not in ("too-large", "content-type", "body.object")


def diagnose(inquiry: Inquiry) -> Diagnosis:
    """Why the body is refused."""
    rule = inquiry.decision.rule
    if rule == "too-large":
        came = f"the body has {inquiry.parsed.size} bytes"
        expected = f"{inquiry.service.body_limit:,} at most"
        return Diagnosis("body.too-large", came, expected, "send the five fields alone", silence=rule)
    if rule == "content-type":
        came = f"the content type is {shown(inquiry.field(b'content-type'))}"
        mend = "send Content-Type: application/json"
        key = inquiry.service.readings.key(rule, called(inquiry.parsed))
        return Diagnosis("body.content-type", came, "application/json", mend, silence=key)
    if is_about_fields(inquiry):
        return next(fields.all_of(inquiry))
    if inquiry.parsed.malformed is None and not inquiry.is_cut:
        slip, came, mend, found = next(_other_json(inquiry.parsed.document))
    else:
        slip, came, mend, found = next(_malformed(inquiry, inquiry.request.body))
    return Diagnosis(slip, came, _EXPECTED, mend, fields=found)


_Slip = tuple[str, str, str, dict[str, Any]]


def _other_json(document: object) -> Iterator[_Slip]:
    if isinstance(document, str) and (inner := _object(document)) is not None:
        came = "the body is a JSON string that holds JSON"
        yield "body.json-in-string", came, "serialise it once: the client does so already", inner
    if isinstance(document, list) and len(document) == 1 and isinstance(document[0], dict):
        yield "body.array", "the body is an array around the object", "send the object itself", document[0]
    noun = "an array" if isinstance(document, list) else shown(document)
    yield "body.not-object", f"the body is {noun}", "send the fields in an object", {}


def _malformed(inquiry: Inquiry, body: bytes) -> Iterator[_Slip]:
    content_type = inquiry.field(b"content-type").lower()
    if not body.strip():
        came = "the body is empty"
        yield "body.empty", came, "check that the client sends it (a redirect, or a read stream, loses it)", {}
    if "urlencoded" in content_type or (b"{" not in body and _FORM.match(body)):
        came = "the body is form-encoded"
        yield "body.form", came, "send JSON with Content-Type: application/json", _form(inquiry, body)
    if "multipart/" in content_type:
        yield "body.multipart", "the body is multipart", "send JSON with Content-Type: application/json", {}
    if body.lstrip().startswith(b"[object "):
        yield "body.object-text", "the body is the text [object Object]", "use JSON.stringify", {}
    if _SINGLE_QUOTES.match(body):
        came = "the body has single quotes around its names, where JSON has double ones"
        yield "body.single-quotes", came, _SERIALISE, {}
    if b"\x00" in body[:4] or body.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "body.utf-16", "the body is UTF-16", "send UTF-8", {}
    if body.startswith(b"\xef\xbb\xbf"):
        yield "body.bom", "the body begins with a byte order mark", "send UTF-8 without one", {}
    if _SCRIPT.match(body):
        yield "body.unquoted", "the body's keys have no quotes", _SERIALISE, {}
    if _TRAILING_COMMA.search(body):
        yield "body.trailing-comma", "a comma stands before a closing bracket in the body", "remove it", {}
    reason = next((violation.message for violation in inquiry.decision.violations), "it is not JSON")
    yield "body.malformed", f"the body is no JSON: {reason}", _SERIALISE, {}


def _object(text: str) -> dict[str, Any] | None:
    try:
        inner = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return inner if isinstance(inner, dict) else None


def _form(inquiry: Inquiry, body: bytes) -> dict[str, Any]:
    """The fields of a form, its numbers as numbers."""
    pairs = parse_qsl(body.decode("utf-8", "replace")[:4096], max_num_fields=100) if body.count(b"&") < 100 else []
    return {
        name: int(value) if name in inquiry.service.integers and value.isdecimal() and len(value) < 16 else value
        for name, value in pairs
        if name in inquiry.service.fields
    }
