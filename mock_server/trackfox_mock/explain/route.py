"""The gate `route`: another path, another method."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import SequenceMatcher

from trackfox_mock.explain.inquiry import Diagnosis, Inquiry, shown, unquoted

_VERSION = re.compile(r"/v\d+(?=/|$)")


def passed(inquiry: Inquiry) -> str:
    """What the request is sent to."""
    return f"{inquiry.api.method} {inquiry.api.path} is the documented endpoint"


def diagnose(inquiry: Inquiry) -> Diagnosis:
    """Why this is not the documented endpoint, and the nearest one, which is it."""
    api, request = inquiry.api, inquiry.request
    expected = f"{api.method} {api.path}"
    if request.path != api.path:
        slip, detail = next(_paths(request.path, api.path))
        came = f"the path is {shown(request.path)}{detail and ', '}{detail}"
        return Diagnosis(slip, came, expected, f"send it to {api.path}")
    came = f"the method is {unquoted(request.method)}"
    return Diagnosis("method", came, expected, f"use {api.method}", silence="other-method")


def _paths(path: str, documented: str) -> Iterator[tuple[str, str]]:
    plain = "/" + "/".join(step for step in path.split("/") if step.strip())
    if path.rstrip("/") == documented:
        yield "path.trailing-slash", "with a slash at its end"
    if plain == documented:
        yield "path.doubled-slash", "with a slash too many"
    if plain.casefold() == documented.casefold():
        yield "path.case", "in another case"
    if _VERSION.sub("", plain) == _VERSION.sub("", documented):
        yield "path.version", "with another version"
    if len(plain) > 1 and documented.endswith(plain):
        yield "path.cut", f"without {documented.removesuffix(plain)}"
    if plain.endswith(documented):
        yield "path.prefixed", f"with {shown(plain.removesuffix(documented))} before it"
    if SequenceMatcher(None, plain[:200].casefold(), documented.casefold()).ratio() > 0.75:
        yield "path.misspelled", "which is nearly it"
    yield "path.unknown", ""
