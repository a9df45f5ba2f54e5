"""What the document leaves open, and how each silence may be read.

`SILENCES` is the table: it is written out in docs/contract.md, and the first value is the default.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple


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


def silence_of(key: str) -> str:
    """The silence that a key of readings is about: itself, or the one that it is a part of."""
    return key.partition(".")[0]


def _is_json(text: str) -> bool:
    """Whether a text is a JSON object or array."""
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False
