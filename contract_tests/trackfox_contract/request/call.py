"""What is sent, as a value: every byte of it, and how it is put on the wire."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Wire:
    """How a request's bytes travel; none of it may change the answer.

    Attributes:
        chunked: the body goes as `Transfer-Encoding: chunked` without a length.
        pieces: into how many separate writes the body is cut.
        fresh: the request opens a connection of its own.
        pause: seconds between two pieces.
    """

    chunked: bool = False
    pieces: int = 1
    fresh: bool = False
    pause: float = 0.0


@dataclass(frozen=True, slots=True)
class Call:
    """One request, as it is put on the wire.

    Attributes:
        method: the HTTP method.
        target: path and query.
        headers: names and values in order, without Host and the framing headers. Values are Latin-1 where they can be.
        body: the body's bytes.
        wire: how they travel.
    """

    method: str
    target: str
    headers: Headers
    body: bytes
    wire: Wire = field(default_factory=Wire)

    def header(self, name: str) -> str | None:
        """The value of the only header of that name, or None."""
        values = self.header_values(name)
        return values[0] if values else None

    def header_values(self, name: str) -> list[str]:
        """Every value sent under that header name, without the white space that HTTP strips."""
        wanted = name.lower()
        return [value.strip(" \t") for key, value in self.headers if key.lower() == wanted]

    def accepts_coding(self, coding: str) -> bool:
        """Whether the reply's body may be in that coding, in lower case (RFC 9110, section 12.5.3).

        Whoever sends no Accept-Encoding takes any; `*` stands for all that are not named; a weight of 0 rules out.
        """
        values = self.header_values("Accept-Encoding")
        if coding in ("", "identity") or not values:
            return True
        weights = dict(_weighted(part) for part in ",".join(values).lower().split(",") if part.strip())
        return weights.get(coding.removeprefix("x-"), weights.get("*", 0.0)) > 0

    def with_header(self, name: str, *values: str) -> Call:
        """The same call with exactly these values of a header (none removes it)."""
        unwanted = name.lower()
        kept = tuple(pair for pair in self.headers if pair[0].lower() != unwanted)
        return replace(self, headers=kept + tuple((name, value) for value in values))

    def with_body(self, body: bytes) -> Call:
        """The same call with other bytes as its body."""
        return replace(self, body=body)

    def on(self, **wire: Any) -> Call:
        """The same call, sent another way."""
        return replace(self, wire=replace(self.wire, **wire))


def sent_headers(headers: Headers) -> Headers:
    """A call's headers as they are sent: with a `User-Agent`, which much that stands before a service asks for."""
    has_own = any(name.lower() == "user-agent" for name, _ in headers)
    return headers if has_own else (*headers, ("User-Agent", "trackfox-mock"))


def on_the_wire(text: str) -> bytes:
    """The bytes of a header's text: Latin-1 as HTTP has it, or UTF-8 for an id or a token that is neither."""
    try:
        return text.encode("latin-1")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


def encode(document: Any) -> bytes:
    """A value as ASCII JSON, as `json.dumps` writes it; lone surrogates are escaped."""
    return json.dumps(document, ensure_ascii=True).encode()


def post(path: str, body: Mapping[str, Any] | Sequence[Any] | bytes, token: str | None) -> Call:
    """A documented call: JSON by POST with a bearer token, or without one when it is None."""
    headers: list[tuple[str, str]] = [("Content-Type", "application/json"), ("Accept", "application/json")]
    if token is not None:
        headers.append(("Authorization", f"Bearer {token}"))
    return Call("POST", path, tuple(headers), body if isinstance(body, bytes) else encode(body))


def _weighted(item: str) -> tuple[str, float]:
    """A name and its weight out of an item like `gzip;q=0.5`; a weight that is no number counts as 1."""
    name, _, weight = item.partition(";")
    try:
        return name.strip().removeprefix("x-"), float(weight.partition("=")[2])
    except ValueError:
        return name.strip().removeprefix("x-"), 1.0


def basic(user: str, password: str) -> str:
    """The value of an `Authorization` header of the Basic scheme."""
    return "Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()
