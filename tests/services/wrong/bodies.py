"""Bodies that are no JSON object and pass, or are answered with another status than 400."""

from __future__ import annotations

import ast
import base64
import gzip
import json
import re
from typing import Any
from urllib.parse import parse_qs

from tests.services.service import FIELDS, Service
from tests.services.wrong.table import cast, either, patched, refuse

patched(
    "body.object",
    "AListOfOneObject",
    not_an_object=lambda s, b: b[0] if isinstance(b, list) and len(b) == 1 and isinstance(b[0], dict) else refuse(400),
)
patched(
    "body.object",
    "AListOfObjects",
    not_an_object=lambda s, b: b[0] if isinstance(b, list) and b and isinstance(b[0], dict) else refuse(400),
)
patched(
    "body.object",
    "AStringOfJson",
    not_an_object=lambda s, b: json.loads(b) if isinstance(b, str) and b[:1] == "{" else refuse(400),
)
patched("body.object", "NullIsAnError", not_an_object=lambda s, b: refuse(500 if b is None else 400))
patched("body.object", "AnArrayIsAnError", not_an_object=lambda s, b: refuse(500 if isinstance(b, list) else 400))
patched("body.object", "AStringIs404", not_an_object=lambda s, b: refuse(404 if isinstance(b, str) else 400))
patched("body.object", "EmptyIsAnError", load=lambda s, raw: Service.load(s, raw) if raw else refuse(500))
patched("body.object", "MalformedIs422", load=lambda s, raw: either(lambda: Service.load(s, raw), lambda: refuse(422)))
patched(
    "body.object", "MalformedIsAnError", load=lambda s, raw: either(lambda: Service.load(s, raw), lambda: refuse(500))
)
patched(
    "body.object", "TheRestIsIgnored", load=lambda s, raw: json.JSONDecoder().raw_decode(raw.decode().strip() or "x")[0]
)
patched("body.object", "TrailingCommas", load=lambda s, raw: Service.load(s, re.sub(rb",\s*}", b"}", raw)))
patched("body.object", "Comments", load=lambda s, raw: Service.load(s, re.sub(rb"/\*.*?\*/|//[^\n]*\n", b"", raw)))
patched(
    "body.object", "SingleQuotes", load=lambda s, raw: Service.load(s, raw if b'"' in raw else raw.replace(b"'", b'"'))
)
patched(
    "body.object",
    "NamesWithoutQuotes",
    load=lambda s, raw: Service.load(s, re.sub(rb"([{,]\s*)(\w+):", rb'\1"\2":', raw)),
)
patched("body.object", "FormsToo", load=lambda s, raw: either(lambda: Service.load(s, raw), lambda: _form(raw)))
patched(
    "body.object",
    "ClosesWhatIsOpen",
    load=lambda s, raw: either(lambda: Service.load(s, raw), lambda: Service.load(s, raw + b"}")),
)
patched("body.object", "NulsAreStripped", load=lambda s, raw: Service.load(s, raw.strip(b"\x00")))
patched(
    "body.object", "PythonsLiterals", load=lambda s, raw: either(lambda: Service.load(s, raw), lambda: _literal(raw))
)
patched(
    "body.object", "InvalidBytesAreDropped", load=lambda s, raw: Service.load(s, raw.decode("utf-8", "ignore").encode())
)
patched(
    "body.object",
    "TheLastLineCounts",
    load=lambda s, raw: either(lambda: Service.load(s, raw), lambda: Service.load(s, raw.strip().split(b"\n")[-1])),
)
patched(
    "body.object",
    "Base64Too",
    load=lambda s, raw: either(lambda: Service.load(s, raw), lambda: Service.load(s, base64.b64decode(raw))),
)
patched(
    "body.object",
    "GzipToo",
    load=lambda s, raw: Service.load(s, gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw),
)
patched(
    "body.object",
    "ControlCharactersInStrings",
    load=lambda s, raw: json.loads(raw.decode(), strict=False),
    is_address=lambda s, v: isinstance(v, str) and Service.is_address(s, re.sub(r"[\n\t\r]", "", v)),
)
patched(
    "body.object", "DeepIsAnError", load=lambda s, raw: Service.load(s, raw) if raw.count(b"[") < 5000 else refuse(500)
)
patched(
    "body.object",
    "QueryWithoutABody",
    parse=lambda s, r: (
        {n: cast(n, v[0]) for n, v in parse_qs(r.query).items()} if not r.body and r.query else Service.parse(s, r)
    ),
)
patched("body.object", "LeadingGarbageIsSkipped", load=lambda s, raw: Service.load(s, raw[max(0, raw.find(b"{")) :]))
patched("body.object", "LeadingZeros", load=lambda s, raw: Service.load(s, re.sub(rb": 0+(\d)", rb": \1", raw)))


def _form(raw: bytes) -> Any:
    fields = parse_qs(raw.decode())
    if not set(FIELDS) & set(fields):
        raise ValueError("no form")
    return {name: cast(name, values[0]) for name, values in fields.items()}


def _literal(raw: bytes) -> Any:
    try:
        return ast.literal_eval(raw.decode())
    except (SyntaxError, MemoryError, TypeError, RecursionError) as problem:
        raise ValueError from problem


patched(
    "body.object",
    "ControlCharactersInFurtherFields",
    load=lambda s, raw: either(lambda: Service.load(s, raw), lambda: json.loads(raw.decode(), strict=False)),
)
patched(
    "body.object",
    "PythonsWords",
    load=lambda s, raw: either(lambda: Service.load(s, raw), lambda: Service.load(s, raw.replace(b"True", b"true"))),
)
