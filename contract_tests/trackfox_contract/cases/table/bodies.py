"""Clause `body.object`: everything that is not one well-formed JSON object, in every form that a lenient reader takes."""

from __future__ import annotations

import base64
import gzip
import json
from dataclasses import replace
from string import punctuation
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from trackfox_contract.cases.builder import ABSENT, RequestBuilder
from trackfox_contract.cases.table.case import FORMS, Case
from trackfox_contract.oracle.document import IDENTITY
from trackfox_contract.request.call import encode

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_BOUNDARY = "contract-check"


def bodies(builder: RequestBuilder) -> Iterator[Case]:
    """Bodies that are no JSON object; JSON alone decides, never the content type."""
    valid = encode(builder.body())
    for forms in (_other_documents(valid), _around(valid), _broken(builder, valid), _dialects(builder)):
        for title, body in forms.items():
            yield Case("body.object", title, builder.raw(body))
            if not body.strip():
                yield Case("body.object", f"{title}, chunked", builder.raw(body).on(chunked=True))
    yield from _other_formats(builder)


def _other_documents(valid: bytes) -> Mapping[str, bytes]:
    text = valid.decode()
    return {
        "an empty body": b"", "a space": b" ", "a line end": b"\n", "null": b"null", "true": b"true", "false": b"false", "zero": b"0", "a number": b"42",
        "a negative number": b"-1.5", "a string": b'"text"', "an empty string": b'""', "an empty list": b"[]", "a list of numbers": b"[1,2]",
        "a list of one valid object": b"[" + valid + b"]", "a list of two valid objects": b"[" + valid + b"," + valid + b"]",
        "a list in a list": b"[[" + valid + b"]]", "a list of pairs": json.dumps(list(map(list, json.loads(text).items()))).encode(),
        "a list of values": json.dumps(list(json.loads(text).values())).encode(), "a string of JSON": json.dumps(text).encode(),
        "a string of a string of JSON": json.dumps(json.dumps(text)).encode(), "a list of a string of JSON": json.dumps([text]).encode(),
        "a list of null": b"[null]", "a list of an empty object": b"[{}]", "1,000 lists, closed": b"[" * 1000 + b"]" * 1000,
        "100,000 lists, closed": b"[" * 100_000 + b"]" * 100_000, "100,000 lists, open": b"[" * 100_000, "20,000 objects, open": b'{"a":' * 20_000,
    }  # fmt: skip


def _around(valid: bytes) -> Mapping[str, bytes]:
    after = {
        "a letter": b"x", "a brace": b"}", "a bracket": b"]", "a comma": b",", "a semicolon": b";", "a NUL": b"\x00", "another object": b"{}", "itself": valid,
        "itself on a new line": b"\n" + valid, "null": b" null", "a number": b" 1", "a comment": b" // comment", "a block comment": b"/* comment */",
        "a hash": b"# comment", "a byte that is not UTF-8": b"\xff", "a no-break space": b"\xc2\xa0", "a vertical tab": b"\x0b", "a form feed": b"\x0c",
        "a quote": b'"', "a backslash": b"\\", "a record separator": b"\x1e", "an end of file": b"\x1a", "HTML": b"<html></html>",
    }  # fmt: skip
    before = {
        "a letter": b"x", "a brace": b"{", "a bracket": b"[", "a comma": b",", "a NUL": b"\x00", "an empty object": b"{}", "null": b"null ", "a comment": b"// c\n",
        "a block comment": b"/* c */", "a guard": b")]}',\n", "a loop": b"while(1);", "an equals sign": b"=", "a name": b"data=", "a label": b"data: ",
        "a byte that is not UTF-8": b"\xff", "a no-break space": b"\xc2\xa0", "a form feed": b"\x0c", "a vertical tab": b"\x0b", "a record separator": b"\x1e",
        "a hash line": b"# c\n", "a colon": b":", "a quote": b'"', "a minus": b"-",
    }  # fmt: skip
    marks = {f"the mark {mark}": mark.encode() for mark in punctuation}
    after, before = marks | after, marks | before
    return {
        **{f"a valid object, then {title}": valid + more for title, more in after.items()},
        **{f"{title}, then a valid object": more + valid for title, more in before.items()},
        "a call of a function": b"callback(" + valid + b")",
        "in brackets": b"(" + valid + b")",
    }


def _broken(builder: RequestBuilder, valid: bytes) -> Mapping[str, bytes]:
    text = valid.decode()
    name = next(iter(builder.body()))
    return {
        "cut before its end": valid[:-1], "cut by two letters": valid[:-2], "cut in half": valid[: len(valid) // 2], "its first letter alone": b"{",
        "its last letter alone": b"}", "without its first letter": valid[1:], "cut after a comma": valid[: valid.index(b",") + 1], "cut after a colon": valid[: valid.index(b":") + 1],
        "cut within a string": valid[:8], "a trailing comma": text.replace("}", ",}").encode(), "a trailing comma and a space": text.replace("}", " , }").encode(),
        "a leading comma": text.replace("{", "{,", 1).encode(), "a double comma": text.replace(",", ",,", 1).encode(), "no comma": text.replace(", ", " ", 1).encode(),
        "semicolons for commas": text.replace(", ", "; ").encode(), "no colon": text.replace(":", " ", 1).encode(), "equals for colon": text.replace(": ", "= ").encode(),
        "arrows for colons": text.replace(": ", " => ").encode(), "a double colon": text.replace(":", "::", 1).encode(), "single quotes": text.replace('"', "'").encode(),
        "single quotes around names": _names(text, "'{}'").encode(), "names without quotes": _names(text, "{}").encode(), "backticks": text.replace('"', "`").encode(),
        "typographic quotes": text.replace('"', "\u201d").encode(), "a quote is missing": text.replace('"', "", 1).encode(), "an open string": text.replace('"}', "}").encode()
        if text.endswith('"}') else text[:-1].encode() + b', "x": "}', "a comment inside": text.replace("{", "{ /* c */ ", 1).encode(),
        "a line comment inside": text.replace("{", "{ // c\n", 1).encode(), "a hash comment inside": text.replace("{", "{ # c\n", 1).encode(), "brackets for braces": text.replace("{", "[").replace("}", "]").encode(),
        "round brackets for braces": text.replace("{", "(").replace("}", ")").encode(), "a closing bracket for a brace": (text[:-1] + "]").encode(), "braces within braces": b"{" + valid + b"}",
        "a no-break space inside": text.replace(": ", ":\u00a0", 1).encode(), "a form feed inside": text.replace(": ", ":\x0c", 1).encode(), "a vertical tab inside": text.replace(": ", ":\x0b", 1).encode(),
        "a NUL inside": text.replace(": ", ":\x00", 1).encode(), "a letter inside": text.replace(": ", ": x", 1).encode(), "a byte order mark inside": text.replace(": ", ":\ufeff", 1).encode(),
        "an escape outside a string": text.replace("{", "\\u007b", 1).encode(), f"a bad escape in {name}": encode(builder.body({name: "%HOLE%"})).replace(b"%HOLE%", b"a\\x41"),
        f"half an escape in {name}": encode(builder.body({name: "%HOLE%"})).replace(b"%HOLE%", b"a\\u00"), f"a lone backslash in {name}": encode(builder.body({name: "%HOLE%"})).replace(b"%HOLE%", b"a\\ b"),
        "URL-encoded": "".join(f"%{byte:02X}" for byte in valid).encode(), "in base64": base64.b64encode(valid), "in gzip": gzip.compress(valid, mtime=0), "in hexadecimal": valid.hex().encode(),
    }  # fmt: skip


def _names(text: str, form: str) -> str:
    pairs = json.loads(text).items()
    return "{" + ", ".join(f"{form.format(name)}: {json.dumps(value)}" for name, value in pairs) + "}"


_HOLES = {
    "NaN": b"NaN", "Infinity": b"Infinity", "-Infinity": b"-Infinity", "nan": b"nan", "+1": b"+1", "01": b"01", "00": b"00", "1.": b"1.", ".5": b".5", "0x10": b"0x10", "1_000": b"1_000",
    "1,000": b"1,000", "1e": b"1e", "1e+": b"1e+", "--1": b"--1", "1n": b"1n", "1L": b"1L", "9900 cents": b"9900 cents", "$99": b"$99", "True": b"True", "TRUE": b"TRUE", "None": b"None",
    "undefined": b"undefined", "nothing": b"", "1/1": b"1/1", "1+1": b"1+1", "(1)": b"(1)", "a full-width 1": b"\xef\xbc\x91", "an Arabic 1": b"\xd9\xa1", "1 2": b"1 2", "0b1": b"0b1", "0o7": b"0o7",
    "nil": b"nil", "1f": b"1f", "1.0.0": b"1.0.0",
}  # fmt: skip


_CONTROLS = {"a line end": b"\n", "a tab": b"\t", "a carriage return": b"\r", "an escape character": b"\x1b"}
_FURTHER = "note"


def _dialects(builder: RequestBuilder) -> Mapping[str, bytes]:
    """Values that JavaScript, YAML, JSON5 or Python would read and JSON does not know."""
    numeric = next((name for name in ("revenue", *builder.document.fields) if name in builder.document.fields), "")
    frame = encode(builder.body({numeric: "%HOLE%"}))
    forms = {f"{numeric} is written {title}": frame.replace(b'"%HOLE%"', value) for title, value in _HOLES.items()}
    frame = encode(builder.body({_FURTHER: "%HOLE%"}))
    readable = ("NaN", "Infinity", "-Infinity")  # many a JSON reader takes them for numbers
    forms |= {
        f"a further field is written {title}": frame.replace(b'"%HOLE%"', value)
        for title, value in _HOLES.items()
        if title not in readable
    }
    for name in builder.document.required:
        forms[f"{name} has a name and no value"] = encode(builder.body({name: "%HOLE%"})).replace(b'"%HOLE%"', b"")
    return forms | _controls(builder)


def _controls(builder: RequestBuilder) -> dict[str, bytes]:
    """Control characters as they are within a string, where JSON wants them escaped."""
    frames = {
        "a further field": encode(builder.body({_FURTHER: "a%HOLE%b"})),
        **{name: encode(builder.body({name: "none%HOLE%"})) for name in builder.document.fields if name in IDENTITY},
    }
    if "email" in builder.document.fields:
        frames["email"] = encode(builder.body({"email": "customer%HOLE%@example.com"}))
    return {
        f"{title} as it is within {name}": frame.replace(b"%HOLE%", value)
        for name, frame in frames.items()
        for title, value in _CONTROLS.items()
    }


def _other_formats(builder: RequestBuilder) -> Iterator[Case]:
    """The same fields in another format, said to be that format, and said to be JSON."""
    fields = builder.body()
    multipart = "".join(
        f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    formats = {
        "application/x-www-form-urlencoded": urlencode(fields).encode(),
        f"multipart/form-data; boundary={_BOUNDARY}": f"{multipart}--{_BOUNDARY}--\r\n".encode(),
        "application/xml": (
            "<payment>" + "".join(f"<{name}>{value}</{name}>" for name, value in fields.items()) + "</payment>"
        ).encode(),
        "application/yaml": "".join(f"{name}: {value}\n" for name, value in fields.items()).encode(),
        "text/csv": (",".join(fields) + "\n" + ",".join(map(str, fields.values())) + "\n").encode(),
        "application/toml": "".join(f"{name} = {json.dumps(value)}\n" for name, value in fields.items()).encode(),
        "text/plain": "\n".join(map(str, fields.values())).encode(),
        "application/x-msgpack": b"\x85" + encode(fields),
    }
    for kind, body in formats.items():
        yield Case("body.object", f"a body in the format of {kind.split(';')[0]}", builder.raw(body))
        called_so = builder.raw(body).with_header("Content-Type", kind)
        leniency = FORMS if "form" in kind.split(";")[0] else ""
        yield Case("body.object", f"a body of {kind.split(';')[0]}", called_so, leniency)
    query = urlencode(fields)
    call = builder.raw(b"")
    yield Case("body.object", "all fields in the query, no body", replace(call, target=f"{call.target}?{query}"))
    empty = builder.call(dict.fromkeys(fields, ABSENT))
    yield Case(
        "body.object", "all fields in the query, an empty object", replace(empty, target=f"{call.target}?{query}")
    )
