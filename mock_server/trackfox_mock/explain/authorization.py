"""The gate `header`: Authorization is missing, or is not `Bearer <token>`."""

from __future__ import annotations

from collections.abc import Iterator

from trackfox_mock.explain.inquiry import Diagnosis, Inquiry, shown, unquoted
from trackfox_mock.redaction.masking import fingerprint

_EXPECTED = "Authorization: Bearer <token>"
_OTHER_HEADERS = (b"x-api-key", b"api-key", b"x-api-token", b"x-auth-token", b"x-access-token", b"x-authorization")
_QUOTES = "'\"`"


def passed(inquiry: Inquiry) -> str:
    """Which token came, as a fingerprint."""
    return f"Authorization is Bearer {fingerprint(inquiry.token)}" if inquiry.token else "Authorization is Bearer"


def diagnose(inquiry: Inquiry) -> Diagnosis:
    """Why the header is not what it should be."""
    value = inquiry.parsed.authorization
    if value is None:
        slip, came, mend = next(_elsewhere(inquiry))
    else:
        slip, came, mend = next(_malformed(inquiry, value))
    silence = slip.removeprefix("authorization.") if slip.endswith(("scheme-case", "token-space")) else ""
    return Diagnosis(slip, came, _EXPECTED, mend, silence=silence)


def _elsewhere(inquiry: Inquiry) -> Iterator[tuple[str, str, str]]:
    here = "put the token into the Authorization header, with Bearer and a space before it"
    for header in _OTHER_HEADERS:
        if header in inquiry.parsed.fields:
            yield "authorization.other-header", f"the token came in the header {header.decode()}", here
    if b"token=" in inquiry.request.query or b"key=" in inquiry.request.query:
        yield "authorization.query", "a token came in the query, and no Authorization header", here
    for name, value in inquiry.document.items():
        if isinstance(value, str) and inquiry.store.token_owner(value) is not None:
            yield "authorization.body", f"the token came in the body, as {shown(name)}", here
    yield "authorization.missing", "there is no Authorization header", "add it, with your website's API token"


def _malformed(inquiry: Inquiry, value: str) -> Iterator[tuple[str, str, str]]:
    words = value.split()
    bare = value.strip().strip(_QUOTES)
    scheme = words[0].strip(_QUOTES).lower() if words else ""
    if inquiry.parsed.repeats_authorization:
        yield "authorization.twice", "there are several Authorization headers", "send one"
    if not bare.strip():
        yield "authorization.empty", "the Authorization header is empty", "put Bearer and the token into it"
    if value.strip()[0] in _QUOTES and scheme == "bearer":
        yield "authorization.quoted", "the whole header is in quotes", "remove them"
    if scheme == "bearer":
        yield from _after_bearer(inquiry, words)
    if scheme.startswith("bearer"):
        came = "nothing, or a colon, stands between Bearer and the token"
        yield "authorization.glued", came, "put one space there, and nothing else"
    if len(words) == 1:
        came = "the token came without Bearer before it"
        yield "authorization.no-bearer", came, "put Bearer and a space before the token"
    if scheme in _SCHEMES:
        yield "authorization.scheme", f"the scheme is {scheme}", "send the token as Bearer, not encoded"
    yield "authorization.malformed", "the header is of another form", "write Bearer, one space, and the token"


_SCHEMES = frozenset({"basic", "token", "digest", "apikey", "api-key", "jwt", "oauth", "negotiate"})


def _after_bearer(inquiry: Inquiry, words: list[str]) -> Iterator[tuple[str, str, str]]:
    if len(words) == 1:
        came = "no token stands after Bearer"
        yield "authorization.no-token", came, "check that the variable that holds it is set in this process"
    if len(words) > 1 and words[1].lower() == "bearer":
        came = "Bearer stands there twice"
        yield "authorization.bearer-twice", came, "write it once: the variable may hold it already"
    if len(words) > 2:
        came = "there is white space inside the token"
        yield "authorization.space-inside", came, "check the variable that holds it for a space or a second value"
    if words[0] != "Bearer" and not inquiry.service.any_scheme_case:
        yield "authorization.scheme-case", f"the scheme is {unquoted(words[0])}", "write Bearer with a capital B"
    if not inquiry.service.token_is_trimmed:
        yield "authorization.token-space", "there is more white space around the token", "write one space, none behind"
