"""A request, parsed: its header fields, its JSON body, its ids. Nothing is judged yet."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import orjson
from msgspec import Struct

from trackfox_mock.document.service import Service, without_half_characters
from trackfox_mock.model import Request

Pairs = list[tuple[str, Any]]


class MalformedBodyError(ValueError):
    """The body is not JSON; the text says why, in a few words."""


class Body(Struct, gc=False):
    """The documented fields of a body, where they and no others came, each once and in its type."""

    session_id: str
    visitor_id: str
    website_id: str
    revenue: Annotated[int, msgspec.Meta(ge=1 - 2**63, le=2**63 - 1)]
    email: str


class ParsedRequest(Struct, gc=False):
    """A request, read as far as somebody asks: an ordinary one needs no more than its first look. Made by `parse`.

    `fields` has the last value of each header field. `body` are the documented fields, where they and no others came,
    each once and in its type; else None, and `document` tells what came. `website_id` is the body's, where it is a
    string. `duplicate_key` is the reading of that silence. `read` and `credentials` keep what was read later.
    """

    request: Request
    fields: dict[bytes, bytes]
    body: Body | None
    website_id: str | None
    duplicate_key: str
    read: tuple[Any, str | None] | None = None
    credentials: str | None = None

    @property
    def document(self) -> Any:
        """The body as JSON; None where it is none, for the reason in `malformed`."""
        return (self.read or self._read())[0]

    @property
    def malformed(self) -> str | None:
        """Why the body is no JSON, in a few words; None where it is."""
        return (self.read or self._read())[1]

    def _read(self) -> tuple[Any, str | None]:
        try:
            if self.body is not None:
                self.read = msgspec.structs.asdict(self.body), None
            else:
                self.read = _KEY_RULES[self.duplicate_key](self.request.body), None
        except MalformedBodyError as problem:
            self.read = None, str(problem)
        return self.read

    @property
    def size(self) -> int:
        """Bytes of the whole body, also where not all of it was kept."""
        return self.request.body_size or len(self.request.body)

    @property
    def authorization(self) -> str | None:
        """The value of the Authorization header as text, or None."""
        if self.credentials is None and b"authorization" in self.fields:
            self.credentials = self.fields[b"authorization"].decode("utf-8", "surrogateescape")
        return self.credentials

    def id(self, name: str) -> str | None:
        """One of the three ids, where the body is an object that has it as a string."""
        document = self.document
        value = document.get(name) if type(document) is dict else None
        return value if type(value) is str else None

    @property
    def ids(self) -> tuple[str, str, str] | None:
        """The ids of website, session and visitor; None unless all three are strings."""
        body = self.body
        if body is not None:
            return body.website_id, body.session_id, body.visitor_id
        website_id, session_id, visitor_id = self.website_id, self.id("session_id"), self.id("visitor_id")
        if website_id is None or session_id is None or visitor_id is None:
            return None
        return website_id, session_id, visitor_id

    @property
    def repeats_authorization(self) -> bool:
        """Whether there is more than one Authorization header."""
        return len(self.fields) < len(self.request.headers) and (
            sum(name == b"authorization" for name, _ in self.request.headers) > 1
        )


_decode_body = msgspec.json.Decoder(Body).decode
_COLONS = len(Body.__struct_fields__)  # where there are no more, no field comes twice, and no other comes
_SMALL = 4096


def parse(request: Request, duplicate_key: str = "last-wins") -> ParsedRequest:
    """Look at a request, under one reading of the silence `duplicate-key`: nearly all need no more to be read."""
    content = request.body
    if len(content) <= _SMALL and content.count(b":") == _COLONS:
        try:
            body = _decode_body(content)
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        else:
            return ParsedRequest(request, dict(request.headers), body, body.website_id, duplicate_key)
    parsed = ParsedRequest(request, dict(request.headers), None, None, duplicate_key)
    parsed.website_id = parsed.id("website_id")
    return parsed


def payment_of(parsed: ParsedRequest) -> tuple[int, str]:
    """The revenue in cents and the e-mail of a request that was accepted."""
    if parsed.body is not None:
        revenue, email = parsed.body.revenue, parsed.body.email
    else:
        revenue, email = _cents(parsed.document.get("revenue")), str(parsed.document.get("email", ""))
    if not email.isascii():
        # JSON can hold half a character (a lone surrogate), which nothing that reads the payment could write.
        email = email.encode("utf-8", "replace").decode()
    return revenue, email


def further_of(service: Service, parsed: ParsedRequest) -> dict[str, Any] | None:
    """The fields of an accepted request that only an edited document lists; None where none came."""
    if parsed.body is not None or not service.further:
        return None
    came = {name: parsed.document[name] for name in service.further if name in parsed.document}
    found: dict[str, Any] | None = without_half_characters(came) if came else None
    return found


def _cents(revenue: Any) -> int:
    try:
        return int(revenue)
    except (OverflowError, TypeError, ValueError):
        return 0  # only an edited document lets pass what is no amount


def decode(body: bytes) -> Any:
    """JSON as RFC 8259 has it, of a repeated key the last value.

    orjson is asked first. It turns integers beyond 64 bits into floats and refuses lone surrogates, so where it refused
    or came back with a float on the top level, the standard library has the last word.

    Raises:
        MalformedBodyError: it is not JSON.
    """
    try:
        document = orjson.loads(body)
    except orjson.JSONDecodeError:
        return _decode_carefully(body)
    if type(document) is dict:
        for value in document.values():
            if type(value) is float:
                return _decode_carefully(body)
    return document


def _decode_carefully(body: bytes, pairs_hook: Callable[[Pairs], Any] | None = None) -> Any:
    try:
        return json.loads(
            body.decode("utf-8"),
            parse_constant=_no_constant,
            parse_int=_bounded_integer,
            object_pairs_hook=pairs_hook,
        )
    except UnicodeDecodeError as problem:
        raise MalformedBodyError(f"it is not UTF-8 (byte {problem.start})") from None
    except json.JSONDecodeError as problem:
        where = f"line {problem.lineno}, column {problem.colno}"
        raise MalformedBodyError(
            f"it is not JSON ({problem.msg.lower()}, {where})" if body else "it is empty"
        ) from None
    except RecursionError:
        raise MalformedBodyError("it is nested too deeply") from None


def repeated_keys(body: bytes) -> list[str]:
    """The names that the outermost object of a JSON text has more than once."""
    names: Counter[str] = Counter()

    def count(pairs: Pairs) -> None:
        # Inner objects are seen first, so the outermost one has the last word.
        names.clear()
        names.update(name for name, _ in pairs)

    try:
        _decode_carefully(body, count)
    except MalformedBodyError:
        return []
    return [name for name, times in names.items() if times > 1]


def _no_constant(name: str) -> Any:
    raise MalformedBodyError(f"{name} is not JSON")


def _bounded_integer(digits: str) -> int:
    # Python refuses longer ones with an error of its own, and nobody pays 10^400 cents.
    if len(digits) > 400:
        raise MalformedBodyError("it holds a number of more than 400 digits")
    return int(digits)


def _first_wins(pairs: Pairs) -> dict[str, Any]:
    return dict(reversed(pairs))


def _no_repeated_key(pairs: Pairs) -> dict[str, Any]:
    document = dict(pairs)
    if len(document) < len(pairs):
        raise MalformedBodyError("it names a key twice")
    return document


_KEY_RULES: dict[str, Callable[[bytes], Any]] = {
    "last-wins": decode,
    "first-wins": lambda body: _decode_carefully(body, _first_wins),
    "refused": lambda body: _decode_carefully(body, _no_repeated_key),
}
