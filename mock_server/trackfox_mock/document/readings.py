"""What the document leaves open, how each silence may be read, and how this mock reads it.

`SILENCES` is the table: it is written out in docs/contract.md, and the first value is the default. A `Readings`
is one choice for every silence, with where the choice comes from: `assumed`, or `observed` on a real service. A part of
a silence, as `email-edge.quoted`, may be read otherwise than the rest of it.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any, NamedTuple

from trackfox_mock.errors import ReadingsError, ReadingValueError, suggestion
from trackfox_mock.files.input_file import InputFile, read_input_file


class Silence(NamedTuple):
    """Something that the document leaves open.

    `values` maps each legal reading to what it means; the first is the default. `parts` maps the name of each part that
    may have a reading of its own to what it is. Where `also` says what it means, a JSON object or array is a
    reading too.
    """

    id: str
    question: str
    values: Mapping[str, str]
    parts: Mapping[str, str] = MappingProxyType({})
    also: str = ""

    @property
    def default(self) -> str:
        """The reading that is taken unless another is chosen."""
        return next(iter(self.values))

    def takes(self, value: str) -> bool:
        """Whether a value is a legal reading."""
        return value in self.values or bool(self.also and _is_json(value))

    def meaning(self, value: str) -> str:
        """What a legal reading means."""
        return self.values.get(value, self.also)

    def asks(self, key: str) -> str:
        """The question, of a part with what it is about."""
        part = key.partition(".")[2]
        return f"{self.question} For {self.parts[part]}" if part else self.question


_ACCEPTED = "accepted like any other"
_REFUSED = "refused with 400"
_SITUATIONS = {
    "malformed": "a body that is no JSON",
    "array": "a body that is a JSON array",
    "scalar": "a body that is a JSON text, number, boolean or null",
    "400": "another answer of 400",
    "401": "an answer of 401",
    "404": "an answer of 404",
    "413": "an answer of 413",
    "415": "an answer of 415",
    "method": "another method on the path",
}

_TABLE = [
    Silence(
        "order",
        "Which of 400, 401 and 404 wins when several apply?",
        {
            "stepwise": "header, then body, then token, then match: each check as soon as its inputs are there",
            "body-first": "the whole body before any authentication",
            "token-first": "the token, as soon as website_id is known, before the rest of the body",
            "known-token-first": "a token that no website has is refused before the body is looked at",
            "match-first": "the match before the token",
        },
    ),
    Silence(
        "unknown-website",
        "What does a website_id that does not exist get?",
        {"401": "its token cannot be valid", "404": "nothing can match"},
    ),
    Silence(
        "error-body",
        "What does the body of an error hold?",
        {
            "error": '{"error": "…"}',
            "message": '{"message": "…"}',
            "nested": '{"error": {"code": 400, "message": "…"}}',
            "list": '{"errors": [{"message": "…"}]}',
            "problem": "RFC 9457 problem details",
            "text": "plain text",
            "html": "an HTML page",
            "empty": "nothing",
        },
        _SITUATIONS,
        'this JSON, with the message for each "…" and the status for each 0',
    ),
    Silence(
        "extra-property",
        "What of a field that the document does not list?",
        {"ignored": "it is ignored", "refused": _REFUSED},
    ),
    Silence(
        "wrong-type-id",
        "What does an id that is not a string get?",
        {
            "refused": _REFUSED,
            "no-match": "it belongs to nothing: 404, for the website as unknown-website says",
        },
        {"number": "a number", "boolean": "a boolean", "array": "an array", "object": "an object"},
    ),
    Silence(
        "odd-id",
        "What of an id with control characters, lone surrogates, or over 255 characters?",
        {"looked-up": "looked up like any other", "refused": _REFUSED},
    ),
    Silence(
        "integral-float",
        "Is 9900.0 or 99e2 a positive integer?",
        {"accepted": "yes, as the integer 9900", "refused": "no: 400"},
    ),
    Silence(
        "huge-revenue",
        "How large may revenue be?",
        {
            "accepted": "any size",
            "refused-beyond-2^31": "2147483647 at most, else 400",
            "refused-beyond-2^53": "9007199254740991 at most, else 400",
            "refused-beyond-2^63": "9223372036854775807 at most, else 400",
        },
    ),
    Silence(
        "empty-id",
        'What does "" as an id get?',
        # The schema allows it, so whoever checks the mock against the document would find a default of refusing wrong.
        {"no-match": "it belongs to nothing: 404, for the website as unknown-website says", "refused": _REFUSED},
    ),
    Silence(
        "email-edge",
        "What of addresses that RFC 5321 allows and services dispute?",
        {"accepted": _ACCEPTED, "refused": _REFUSED},
        {
            "spaced": "one with white space around it",
            "quoted": "one whose local part is quoted",
            "not-ascii": "one that is not ASCII",
            "over-long": "an over-long one",
            "reserved": "one with hyphens in the third and fourth place of a label of its domain",
            "dotless": "one without a dot in its domain",
        },
    ),
    Silence(
        "content-type",
        "What of a JSON body sent as another content type, or as none?",
        {"read": "read all the same", "refused-400": _REFUSED, "refused-415": "refused with 415"},
        {"form": "a form", "none": "none", "other": "another one"},
    ),
    Silence(
        "scheme-case",
        "Is bearer as good as Bearer?",
        {"any-case": "yes, as RFC 9110 has it", "exact": "no: 401"},
    ),
    Silence(
        "token-space",
        "What of more white space around the token?",
        {"trimmed": "trimmed", "refused": "refused with 401"},
    ),
    Silence(
        "other-method",
        "What does another method on the path get?",
        {"405": "405 with Allow", "404": "404", "401": "401"},
    ),
    Silence(
        "too-large",
        "What of a body of more than 64 KiB?",
        {
            "refused-413": "refused with 413 from a mebibyte on",
            "refused-413-beyond-100kB": "refused with 413 beyond 102,400 bytes",
            "refused-413-beyond-64KiB": "refused with 413 beyond 65,536 bytes",
            "refused-400": "refused with 400 from a mebibyte on",
            "read": "read like any other, up to 16 MiB, beyond that 413",
        },
    ),
    Silence(
        "accept",
        "What of an Accept that excludes JSON?",
        {"answered": "answered all the same", "refused-406": "406 in place of any answer"},
    ),
    Silence(
        "browser-fields",
        "What of Origin, Referer, Sec-Fetch-* or a cookie, which a server's call does not have?",
        {"answered": "answered all the same", "refused-403": "403 in place of any answer"},
    ),
    Silence(
        "chunked-request",
        "What of a body that is sent chunked, without a length?",
        {
            "read": "read like any other",
            "refused-411": "refused with 411",
            "refused-400": _REFUSED,
            "refused-501": "refused with 501",
        },
    ),
    Silence(
        "duplicate",
        "What becomes of the same payment sent twice?",
        {"two-events": "two events, both 200", "one-event": "one event, both 200"},
    ),
    Silence(
        "duplicate-key",
        "What of a JSON object that names a key twice?",
        {"last-wins": "the last one counts", "first-wins": "the first one counts", "refused": _REFUSED},
    ),
    Silence(
        "success-extra",
        "What else is in the body of a success?",
        {
            "message-only": "nothing",
            "extra-fields": "more fields",
            "indented": "nothing, but it is indented",
            "charset": "nothing, but the content type names a charset",
        },
    ),
    Silence(
        "transport",
        "How is an answer carried?",
        {
            "plain": "with a content-length, keep-alive",
            "chunked": "chunked",
            "close": "with connection: close",
            "title-case": "with Title-Case header names",
            "gzip": "compressed for who asks for it",
        },
        _SITUATIONS,
    ),
    Silence(
        "rate-limit",
        "What do too many requests get?",
        {
            "none": "there is no limit",
            "retry-after": "429 with Retry-After, beyond 20 requests a second and website",
            "bare": "429 without Retry-After, beyond 20 requests a second and website",
        },
    ),
    Silence(
        "which-event",
        "Several visitor events match: whose context is copied?",
        {"latest": "the latest one's", "earliest": "the earliest one's"},
    ),
    Silence(
        "currency",
        "Cents of what?",
        {"unnamed": "the document names no currency; nothing is converted"},
    ),
]

SILENCES: Mapping[str, Silence] = {silence.id: silence for silence in _TABLE}

PROVENANCES = ("assumed", "observed")


class Reading(NamedTuple):
    """How one silence is read, and where that comes from: `assumed` or `observed`."""

    value: str
    provenance: str = "assumed"


class Readings:
    """One reading for every silence; immutable.

    Args:
        chosen: the silences that are read otherwise than by default.
    """

    def __init__(self, chosen: Mapping[str, Reading] | None = None) -> None:
        self.chosen: Mapping[str, Reading] = dict(chosen or {})
        for key, reading in self.chosen.items():
            _check(key, reading)

    def __getitem__(self, key: str) -> str:
        """The value taken for a silence of docs/contract.md, or for a part of one."""
        return self.reading(key).value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Readings) and other.as_dict() == self.as_dict()

    def __hash__(self) -> int:
        return hash(frozenset(self.as_dict().items()))

    def reading(self, key: str) -> Reading:
        """The value taken for a silence or a part of one, with its provenance."""
        silence = silence_of(key)
        return self.chosen.get(key) or self.chosen.get(silence) or Reading(SILENCES[silence].default)

    def parts_of(self, silence: str) -> list[str]:
        """The parts of a silence that have readings of their own, as `email-edge.quoted`."""
        return [f"{silence}.{part}" for part in SILENCES[silence].parts if f"{silence}.{part}" in self.chosen]

    def key(self, silence: str, part: str) -> str:
        """What decides about a part of a silence: its own reading, or that of the silence."""
        return f"{silence}.{part}" if f"{silence}.{part}" in self.chosen else silence

    def with_values(self, values: Mapping[str, object], provenance: str = "assumed") -> Readings:
        """The same readings with some changed.

        Each value is a legal reading, or a mapping of `value` and `provenance`.

        Raises:
            ReadingValueError: a silence or a value does not exist.
        """
        changed = {silence: _reading(silence, value, provenance) for silence, value in values.items()}
        return Readings({**self.chosen, **changed})

    def as_dict(self) -> dict[str, str]:
        """Every silence, and every part that has a reading of its own, with the value taken."""
        return {key: self[key] for silence in SILENCES for key in (silence, *self.parts_of(silence))}


def silence_of(key: str) -> str:
    """The silence that a key of readings is about: itself, or the one that it is a part of."""
    return key.partition(".")[0]


def _reading(silence: str, value: object, provenance: str) -> Reading:
    if isinstance(value, Mapping):
        unknown = set(value) - {"value", "provenance", "note"}
        if unknown or "value" not in value:
            raise ReadingValueError(
                f"the reading of {silence} holds {', '.join(sorted(map(str, value))) or 'nothing'}; "
                "expected value, and if you like provenance and note."
            )
        return Reading(str(value["value"]), str(value.get("provenance", provenance)))
    return Reading(str(value), provenance)


def _check(key: str, reading: Reading) -> None:
    silence, dot, part = key.partition(".")
    if silence not in SILENCES:
        raise ReadingValueError(f"{silence!r} is not a silence; {suggestion(silence, SILENCES)}")
    row, parts = SILENCES[silence], SILENCES[silence].parts
    if dot and part not in parts:
        raise ReadingValueError(
            f"{silence} has no part {part!r}; " + (suggestion(part, parts) if parts else "it is read as a whole.")
        )
    if not row.takes(reading.value):
        also = f"; or {row.also}" if row.also else ""
        raise ReadingValueError(
            f"{key} cannot be read as {reading.value!r}; {suggestion(str(reading.value), row.values)}{also}"
        )
    if reading.provenance not in PROVENANCES:
        raise ReadingValueError(
            f"the provenance of {key} is {reading.provenance!r}; expected one of: {', '.join(PROVENANCES)}."
        )


def _is_json(text: str) -> bool:
    """Whether a text is a JSON object or array."""
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def parse_assignments(assignments: Iterable[str]) -> dict[str, str]:
    """The readings of `--reading order=body-first`, given any number of times.

    Raises:
        ReadingValueError: one of them is not of the form SILENCE=VALUE.
    """
    chosen = {}
    for assignment in assignments:
        silence, equals, value = assignment.partition("=")
        if not equals:
            raise ReadingValueError(f"{assignment!r} is not of the form SILENCE=VALUE, as in order=body-first.")
        chosen[silence.strip()] = value.strip()
    return chosen


class ReadingsFile(NamedTuple):
    """A readings file: readings for all websites, and those of single ones by `website_id`."""

    readings: Readings
    websites: Mapping[str, Mapping[str, object]]


def load_readings(path: Path) -> ReadingsFile:
    """Read a file of the form `{readings: {…}, websites: {website_id: {…}}}`; both parts are optional.

    Raises:
        ReadingsError: the file cannot be read, or names a silence or value that does not exist.
    """
    source = read_input_file(path, ReadingsError)
    data = {} if source.data is None else source.data
    _expect_mapping(source, [], data)
    for key in data:
        if key not in ("readings", "websites"):
            raise ReadingsError(
                path,
                f"came {key!r}; expected readings and websites.",
                line=source.line([key]),
                field=str(key),
            )
    websites = data.get("websites") or {}
    _expect_mapping(source, ["websites"], websites)
    for website_id, values in websites.items():
        _read(source, ["websites", website_id], values)
    return ReadingsFile(_read(source, ["readings"], data.get("readings") or {}), websites)


def _expect_mapping(source: InputFile, place: list[str | int], value: Any) -> None:
    if not isinstance(value, dict):
        raise ReadingsError(
            source.path,
            f"came {type(value).__name__}; expected a mapping, as in readings: {{order: body-first}}.",
            line=source.line(place),
            field=".".join(map(str, place)),
        )


def _read(source: InputFile, place: list[str | int], values: Any) -> Readings:
    _expect_mapping(source, place, values)
    for silence, value in values.items():
        try:
            Readings().with_values({silence: value})
        except ReadingValueError as problem:
            where = [*place, silence]
            raise ReadingsError(
                source.path, str(problem), line=source.line(where), field=".".join(map(str, where))
            ) from None
    return Readings().with_values(values)
