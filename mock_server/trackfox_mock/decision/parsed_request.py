"""What a request says, before anybody judges it: its header fields, its JSON, its three ids."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from typing import Annotated, Any

import msgspec
import orjson
from msgspec import Struct

from trackfox_mock.model import Request, Session

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


class FirstLook(Struct, frozen=True, gc=False):
    """What a first look at a request shows: the last value of each header field, and its body if that is a `Body`."""

    fields: dict[bytes, bytes]
    body: Body | None


_read = msgspec.json.Decoder(Body).decode
_COLONS = len(Body.__struct_fields__)  # where there are no more, no field comes twice, and no other comes
_SMALL = 4096


def first_look(request: Request) -> FirstLook:
    """Look at a request: nearly all need no more to be read."""
    return FirstLook(dict(request.headers), _body(request.body))


def _body(content: bytes) -> Body | None:
    if len(content) > _SMALL or content.count(b":") != _COLONS:
        return None
    try:
        return _read(content)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None


class ParsedRequest:
    """A request, read once.

    Args:
        request: what came.
        seen: the first look at it.
        duplicate_key: the reading of that silence.

    `document` is the body as JSON, or None with the reason in `malformed`; `size` is in bytes, of the whole body, also
    where not all of it was kept. `website_id` is the body's, where it is a string. `authorization` is the header's
    value as text, or None. `token` is set by the header gate, `events` by the match gate.
    """

    __slots__ = (
        "authorization",
        "document",
        "events",
        "fields",
        "malformed",
        "request",
        "size",
        "token",
        "website_id",
    )

    def __init__(self, request: Request, seen: FirstLook, duplicate_key: str = "last-wins") -> None:
        self.request = request
        self.size = request.body_size or len(request.body)
        self.fields = seen.fields
        authorization = self.fields.get(b"authorization")
        self.authorization = None if authorization is None else authorization.decode("utf-8", "surrogateescape")
        self.token = ""
        self.events: tuple[Session, ...] = ()
        self.malformed: str | None = None
        self.document: Any = None
        if seen.body is not None:
            self.document = msgspec.structs.asdict(seen.body)
        else:
            try:
                self.document = _KEY_RULES[duplicate_key](request.body)
            except MalformedBodyError as problem:
                self.malformed = str(problem)
        self.website_id = self.id("website_id")

    def id(self, name: str) -> str | None:
        """One of the three ids, where the body is an object that has it as a string."""
        value = self.document.get(name) if type(self.document) is dict else None
        return value if type(value) is str else None

    @property
    def repeats_authorization(self) -> bool:
        """Whether there is more than one Authorization header."""
        return len(self.fields) < len(self.request.headers) and (
            sum(name == b"authorization" for name, _ in self.request.headers) > 1
        )


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
