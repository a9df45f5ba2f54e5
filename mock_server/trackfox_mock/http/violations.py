"""What is wrong with a request, as the header field `sl-violations` that Prism has."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache

from trackfox_mock.model import Decision, Violation

LARGEST_FIELD = 4096
"""Bytes of the field at most; further violations are left out, and what is there is JSON all the same."""

_LONGEST_TEXT = 200

_compact = json.JSONEncoder(separators=(",", ":")).encode

# Where a refusal without a violation of the body looked. No value of the client's is in any of this.
_PLACES = {
    "route": ("path",),
    "header": ("header", "authorization"),
    "known-token": ("header", "authorization"),
    "token": ("header", "authorization"),
    "match": ("body",),
}


def violations_field(decision: Decision) -> bytes:
    """The violations of a refused request: JSON in ASCII, of 4 KiB at most, without a value of the client's."""
    if not decision.violations:
        return _of_the_gate(decision.refused_by or "", decision.rule, decision.reply.status)
    return _field(decision.violations)


@lru_cache(maxsize=64)
def _of_the_gate(gate: str, rule: str, status: int) -> bytes:
    return _field((Violation(_PLACES.get(gate, ()), rule, f"refused with {status} under {rule}"),))


def _field(violations: Iterable[Violation]) -> bytes:
    size, parts = 2, []
    for violation in violations:
        part = _known_part(violation) if _is_short(violation) else _part(violation)
        size += len(part) + 1
        if size > LARGEST_FIELD:
            break
        parts.append(part)
    return f"[{','.join(parts)}]".encode()


def _part(violation: Violation) -> str:
    return _compact(_as_prism_has_it(violation))


_known_part = lru_cache(maxsize=64)(_part)


def _is_short(violation: Violation) -> bool:
    """Whether it is one of the few that come again and again: of a field of the document, or of the whole body."""
    return len(violation.message) + sum(len(str(step)) for step in violation.location) <= _LONGEST_TEXT


def _as_prism_has_it(violation: Violation) -> dict[str, object]:
    location = [step if isinstance(step, int) else step[:_LONGEST_TEXT] for step in violation.location[:8]]
    # What an unlisted field is called is the client's, and could be anything.
    text = (
        "fields came that the document does not list" if violation.code == "additionalProperties" else violation.message
    )
    return {
        "location": ["request", *location],
        "severity": "Error",
        "code": violation.code,
        "message": text[:_LONGEST_TEXT],
    }
