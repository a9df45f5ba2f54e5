"""Finds requests in the journal, and says in what the nearest misses differ."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Annotated, Any

import msgspec

from trackfox_mock.decision.parsed_request import MalformedBodyError, decode
from trackfox_mock.journal.entries import KEPT_VALUE, Entry

Pattern = Annotated[str, msgspec.Meta(max_length=1000)]

_MOST = 20  # header fields, and patterns of a body, of one matcher
_LARGEST_PROGRAM = 256 * 1024  # bytes that a compiled expression may take; a larger one is refused


class TextPattern(msgspec.Struct, forbid_unknown_fields=True):
    """What a text must be like, in WireMock's words; what is not given does not matter.

    Regular expressions are RE2's, for the whole of a text: whatever they are, they take time in proportion to it.
    """

    equalTo: str | None = None  # noqa: N815 - WireMock's name
    contains: str | None = None
    matches: Pattern | None = None
    doesNotMatch: Pattern | None = None  # noqa: N815 - WireMock's name
    absent: bool | None = None

    def __post_init__(self) -> None:
        for pattern in (self.matches, self.doesNotMatch):
            _check_pattern(pattern)

    def differences(self, what: str, value: str | None) -> Iterator[str]:
        """What is wrong with a value, which is None where there is none."""
        if self.absent is not None and self.absent != (value is None):
            yield f"{what} is {'there' if self.absent else 'absent'}"
        text = value or ""
        if self.equalTo is not None and value != self.equalTo:
            yield f"{what} is not {self.equalTo!r}"
        if self.contains is not None and self.contains not in text:
            yield f"{what} does not contain {self.contains!r}"
        if self.matches is not None and _compiled(self.matches).fullmatch(text) is None:
            yield f"{what} does not match {self.matches}"
        if self.doesNotMatch is not None and _compiled(self.doesNotMatch).fullmatch(text) is not None:
            yield f"{what} matches {self.doesNotMatch}"


class BodyPattern(TextPattern, forbid_unknown_fields=True):
    """What a body must be like: as a text, or as JSON."""

    equalToJson: Any = None  # noqa: N815 - WireMock's name
    ignoreExtraElements: bool = False  # noqa: N815 - WireMock's name

    def body_differences(self, entry: Entry) -> Iterator[str]:
        """What is wrong with the body of an entry."""
        yield from self.differences("body", entry.request.body.decode("utf-8", "replace"))
        if self.equalToJson is None:
            return
        expected = self.equalToJson
        if isinstance(expected, str):
            expected = _json(expected.encode())
        found = _json(entry.request.body)
        if self.ignoreExtraElements and isinstance(found, dict) and isinstance(expected, dict):
            found = {name: value for name, value in found.items() if name in expected}
        if found != expected:
            yield "body is not that JSON"


class Matcher(msgspec.Struct, forbid_unknown_fields=True):
    """Which requests are meant: all criteria that are given must hold; none given means every request.

    `method`, `url`, `urlPath`, `headers` and `bodyPatterns` are WireMock's. `body` names fields of the JSON body with
    the values they must have; `website_id` is the website's that the request names, or that its token belongs to;
    `outcome`, `rule` and `fault` are as the journal shows them; `status` is the one that was sent; `since` is a time.
    """

    method: str | None = None
    url: str | None = None
    urlPath: str | None = None  # noqa: N815 - WireMock's name
    headers: Annotated[dict[str, TextPattern], msgspec.Meta(max_length=_MOST)] = {}
    bodyPatterns: Annotated[list[BodyPattern], msgspec.Meta(max_length=_MOST)] = []  # noqa: N815 - WireMock's name
    body: dict[str, Any] = {}
    website_id: str | None = None
    outcome: str | None = None
    rule: str | None = None
    fault: str | None = None
    status: int | None = None
    since: datetime | None = None

    @property
    def is_slow(self) -> bool:
        """Whether a look at one request may take more than some microseconds."""
        return bool(self.headers or self.bodyPatterns or self.body)

    def matches(self, entry: Entry) -> bool:
        """Whether a request is meant."""
        return next(self.differences(entry), None) is None

    def differences(self, entry: Entry) -> Iterator[str]:
        """What is different about a request, as short sentences; none where it is meant."""
        request = entry.request
        if self.method not in (None, "ANY", request.method):
            yield f"method is {request.method}, not {self.method}"
        yield from _unequal("urlPath", request.path, self.urlPath)
        yield from _unequal("url", url_of(entry), self.url)
        if self.website_id is not None and not entry.concerns(self.website_id):
            yield from _unequal("website_id", entry.website_id, self.website_id)
        yield from _unequal("outcome", entry.outcome, self.outcome)
        yield from _unequal("rule", entry.decision.rule, self.rule)
        yield from _unequal("status", entry.reply.status if entry.reply else None, self.status)
        yield from _unequal("fault", entry.fault.effect.name if entry.fault else None, self.fault)
        if self.since is not None and entry.received_at < _seconds(self.since):
            yield f"it came before {self.since.isoformat()}"
        yield from self._of_headers(entry)
        yield from self._of_body(entry)

    def _of_headers(self, entry: Entry) -> Iterator[str]:
        if not self.headers:
            return
        fields = {name.decode("latin-1"): value.decode("latin-1") for name, value in entry.request.headers}
        for name, pattern in self.headers.items():
            yield from pattern.differences(f"header {name}", fields.get(name.lower()))

    def _of_body(self, entry: Entry) -> Iterator[str]:
        for pattern in self.bodyPatterns:
            yield from pattern.body_differences(entry)
        if not self.body:
            return
        document = _json(entry.request.body)
        for name, expected in self.body.items():
            if not isinstance(document, Mapping) or name not in document:
                yield f"body has no {name}"
            elif document[name] != expected:
                yield f"body's {name} is {document[name]!r}, not {expected!r}"

    @property
    def counted(self) -> bool:
        """Whether the journal's counters alone tell how many there were, also of those that are not kept any more."""
        return msgspec.structs.replace(self, website_id=None, outcome=None, rule=None) == Matcher()


def closest(matcher: Matcher, entries: Iterable[Entry], limit: int = 3) -> list[tuple[Entry, list[str]]]:
    """The requests that come closest to a matcher, each with what is different about it."""
    found = [(entry, list(matcher.differences(entry))) for entry in entries]
    return sorted((pair for pair in found if pair[1]), key=lambda pair: len(pair[1]))[:limit]


def url_of(entry: Entry) -> str:
    """Path and query of a request."""
    query = entry.request.query.decode("latin-1")
    return f"{entry.request.path}?{query}" if query else entry.request.path


def _unequal(what: str, found: object, expected: object) -> Iterator[str]:
    if expected is not None and found != expected:
        yield f"{what} is {_told(found)}, not {expected!r}"


def _told(value: object) -> str:
    """A value for a sentence; one that the journal has cut says so, since its end may be the beginning of a secret."""
    text = repr(value)
    return f"{text[:-1]}…{text[-1]}" if isinstance(value, str) and len(value) >= KEPT_VALUE else text


def _check_pattern(pattern: str | None) -> None:
    if pattern is not None:
        import re2  # noqa: PLC0415 - only who searches by one pays for it

        try:
            _compiled(pattern)
        except (re2.error, UnicodeEncodeError) as problem:
            reason = problem.args[0].decode() if isinstance(problem.args[0], bytes) else str(problem)
            raise ValueError(
                f"came {pattern!r}, which is not a regular expression of RE2 "
                f"(no look-around and no back references): {reason}"
            ) from None


@lru_cache(maxsize=16)
def _compiled(pattern: str) -> Any:
    import re2  # noqa: PLC0415 - see above

    options = re2.Options()
    options.dot_nl, options.log_errors, options.max_mem = True, False, _LARGEST_PROGRAM
    return re2.compile(pattern, options)


def _seconds(time: datetime) -> float:
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).timestamp()


def _json(body: bytes) -> Any:
    try:
        return decode(body)
    except MalformedBodyError:
        return None
