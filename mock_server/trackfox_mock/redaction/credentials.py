"""What looks like a credential, whoever gave it out: by its prefix, its shape, or the name that it was given."""

from __future__ import annotations

import re
from binascii import Error as NotBase64Error
from binascii import a2b_base64
from collections.abc import Iterator

from trackfox_mock.document.lookalikes import is_lost, template_in

_PREFIXES = {
    b"tf_live_": 4,
    b"tf_test_": 4,
    b"tf_mock_": 4,
    b"sk_live_": 4,
    b"sk_test_": 4,
    b"rk_live_": 4,
    b"rk_test_": 4,
    b"whsec_": 4,
    b"pdl_": 4,
    b"ghp_": 16,
    b"github_pat_": 16,
    b"glpat-": 12,
    b"xoxb-": 12,
    b"xoxp-": 12,
}
"""By the prefix, in lower case, how many more letters make it a credential: TrackFox's, Stripe's, Paddle's, others'."""

_UNKNOWN = b"tf_"
_UNKNOWN_LETTERS = 12
_LETTERS = re.compile(rb"[A-Za-z0-9_-]*")
_WEB_TOKEN = re.compile(rb"eyJ[A-Za-z0-9_-]{9,}(?:\.[A-Za-z0-9_-]*){0,4}")

_SCHEMES = (b"bearer", b"basic")
_AFTER_SCHEME = re.compile(rb"[\s:=+]{1,4}[\"']?([A-Za-z0-9._~+/-]{8,}=*)")

_NAMES = (
    b"token",
    b"secret",
    b"passw",
    b"api_key",
    b"api-key",
    b"apikey",
    b"access_key",
    b"private_key",
    b"cookie",
    b"authorization",
    b"credential",
)
_GIVEN = re.compile(rb"[\w-]{0,40}(?:=[\"']?([^\s\"'&;,<>]{3,})|[\"']\s{0,4}:\s{0,4}[\"']([^\"']{3,}))")
_HARMLESS = frozenset({b"bearer", b"basic", b"true", b"false"})
_LONGEST_HARMLESS = 100
_FINGERPRINT = re.compile(r".{0,3}…#[0-9a-f]{6}")


def credentials_in(text: bytes, folded: bytes) -> Iterator[tuple[int, int]]:
    """From where to where whatever looks like a credential stands in a text; `folded` is the text in lower case."""
    for prefix, letters in _PREFIXES.items():
        if prefix in folded:
            yield from _prefixed(folded, prefix, letters)
    if b"eyJ" in text:
        yield from (found.span() for found in _WEB_TOKEN.finditer(text))
    for scheme in _SCHEMES:
        if scheme in folded:
            yield from _after(text, folded, scheme)
    for name in _NAMES:
        if name in folded:
            yield from _given(text, folded, name)


def unknown_tokens_in(folded: bytes) -> Iterator[tuple[int, int]]:
    """Where a token of TrackFox's stands that nobody knows; an id may look the same, a placeholder has no digit."""
    for place, end in _words(folded, _UNKNOWN):
        rest = folded[place + len(_UNKNOWN) : end]
        if len(rest) >= _UNKNOWN_LETTERS and any(map(_is_digit, rest)) and not _is_inside_a_word(folded, place):
            yield place, end


def _prefixed(folded: bytes, prefix: bytes, letters: int) -> Iterator[tuple[int, int]]:
    for place, end in _words(folded, prefix):
        if end - place - len(prefix) >= letters and (len(prefix) > 4 or not _is_inside_a_word(folded, place)):
            yield place, end


def _words(folded: bytes, prefix: bytes) -> Iterator[tuple[int, int]]:
    place = folded.find(prefix)
    while place >= 0:
        found = _LETTERS.match(folded, place)
        end = place + len(prefix) if found is None else found.end()
        yield place, end
        place = folded.find(prefix, max(end, place + 1))


def _after(text: bytes, folded: bytes, scheme: bytes) -> Iterator[tuple[int, int]]:
    """The credentials after the name of a scheme, in a text that is no Authorization header."""
    place = folded.find(scheme)
    while place >= 0:
        end = place + len(scheme)
        if (found := _AFTER_SCHEME.match(text, end)) and _is_credential(scheme, found[1]):
            yield found.span(1)
            end = found.end()
        place = folded.find(scheme, end)


def _is_credential(scheme: bytes, word: bytes) -> bool:
    """Whether a word after the name of a scheme is more than the next word of a sentence."""
    if scheme == b"bearer":
        return any(map(_is_digit, word))
    letters = word.rstrip(b"=").replace(b"-", b"+").replace(b"_", b"/")
    try:
        return b":" in a2b_base64(letters + b"=" * (-len(letters) % 4))
    except NotBase64Error:
        return False


def _given(text: bytes, folded: bytes, name: bytes) -> Iterator[tuple[int, int]]:
    """The value after a name that says what it is: `api_token=…`, `"client_secret": "…"`."""
    place = folded.find(name)
    while place >= 0:
        end = place + len(name)
        if found := _GIVEN.match(text, end):
            group = 1 if found[1] is not None else 2
            if not _is_harmless(found[group]):
                yield found.span(group)
            end = found.end()
        place = folded.find(name, end)


def names_a_credential(name: str) -> bool:
    """Whether what is called so is a credential by its name alone."""
    folded = name.lower().encode("utf-8", "surrogatepass")
    return any(known in folded for known in _NAMES) or folded == b"key"


def _is_harmless(value: bytes) -> bool:
    """Whether there is a word in the place of a credential, which it helps to see."""
    if value.lower() in _HARMLESS:
        return True
    text = value.decode("utf-8", "replace")
    if len(text) > _LONGEST_HARMLESS:
        return False
    return is_lost(text) or template_in(text) == text or _FINGERPRINT.fullmatch(text) is not None


def _is_inside_a_word(text: bytes, place: int) -> bool:
    return text[place - 1 : place].isalnum()


def _is_digit(byte: int) -> bool:
    return 48 <= byte <= 57
