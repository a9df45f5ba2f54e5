"""Builds requests: a valid call with ids from the fixtures, or in safe mode with ids of nobody, and changes of it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from trackfox_contract.cases.nobody import like, resembling
from trackfox_contract.oracle.document import IDENTITY
from trackfox_contract.oracle.rules import is_valid
from trackfox_contract.request.call import Call, encode, post

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from trackfox_contract.oracle.document import Document
    from trackfox_contract.oracle.known import KnownWebsites
    from trackfox_mock import Session, Website

ABSENT: Any = object()
"""As a field's value: leave the field out."""

EMAIL = "contract-check@example.com"
"""The marked address of every payment that the check makes, unless it is the address that is checked."""

_LENGTH = 20

CENTS = 1
"""What a payment of the check amounts to, unless it is the amount that is checked."""

_KINDS = {"token": "token", "website": "website_id", "visitor": "visitor_id"}


@dataclass(frozen=True, slots=True)
class RequestBuilder:
    """Builds calls around one session.

    Attributes:
        known: the document and the websites.
        website: the website of the session.
        session: the session that valid calls name; None in safe mode, where the ids match nothing.
        salt: makes ids that match nothing, the same for the same seed.
        always: values that valid bodies have instead of the usual ones.
        write: the JSON text of a body.
    """

    known: KnownWebsites
    website: Website
    session: Session | None
    salt: str
    always: Mapping[str, Any] = field(default_factory=dict)
    write: Callable[[Mapping[str, Any]], bytes] = encode
    _valid: dict[str, Any] = field(init=False, repr=False, compare=False)
    _call: Call = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_valid", self._valid_body())
        object.__setattr__(self, "_call", post(self.document.path, self.write(self._valid), self.website.api_token))

    @property
    def document(self) -> Document:
        """The document that is checked against."""
        return self.known.document

    @property
    def writes(self) -> bool:
        """Whether existing sessions may be named."""
        return self.session is not None

    def unknown(self, what: str) -> str:
        """An id or token that matches nothing, in the shape of the known ones if they have one."""
        kind = next((kind for start, kind in _KINDS.items() if what.startswith(start)), "session_id")
        known, seed = self.known.all_of(kind), f"{self.salt}/{what}"
        shaped = like(known, seed) or (resembling(known, seed) if self.known.refuses_shapes else "")
        if shaped:
            return shaped
        digest, letters = hashlib.sha256(f"{self.salt}/{what}".encode()), self.known.letters_of_nobody
        if letters:
            return "".join(letters[byte % len(letters)] for byte in digest.digest()[:_LENGTH])
        return f"none-{digest.hexdigest()[:_LENGTH]}"

    def at(self, website: Website, session: Session | None) -> RequestBuilder:
        """The same builder around another session; without one in safe mode."""
        return replace(self, website=website, session=session if self.writes else None)

    def of_nobody(self) -> RequestBuilder:
        """The same builder with ids that match nothing, as in safe mode."""
        return replace(self, session=None)

    def with_values(self, **values: Any) -> RequestBuilder:
        """The same builder with other values in its valid bodies, for those fields that the document lists."""
        return replace(self, always={name: value for name, value in values.items() if name in self.document.fields})

    def written(self, write: Callable[[Mapping[str, Any]], bytes]) -> RequestBuilder:
        """The same builder, its bodies written in another way that must not matter."""
        return replace(self, write=write)

    def body(self, changes: dict[str, Any] | None = None, /) -> dict[str, Any]:
        """A valid body, then the changes: a new value for a field, or ABSENT to leave it out."""
        body = self._valid | (changes or {})
        return {name: value for name, value in body.items() if value is not ABSENT}

    def _valid_body(self) -> dict[str, Any]:
        ids = {
            "website_id": self.website.website_id,
            "session_id": self.session.session_id if self.session else self.unknown("session"),
            "visitor_id": self.session.visitor_id if self.session else self.unknown("visitor"),
        }
        wanted = {**ids, "revenue": CENTS, "email": EMAIL, **self.always}
        return {name: self._value(name, wanted) for name in self.document.fields if self._is_sent(name)}

    def _is_sent(self, name: str) -> bool:
        return name in self.document.required or name in IDENTITY

    def _value(self, name: str, wanted: Mapping[str, Any]) -> Any:
        if name in wanted and is_valid(self.document.fields[name], wanted[name]):
            return wanted[name]
        return self.document.value_of(name)

    def call(self, changes: dict[str, Any] | None = None, /) -> Call:
        """A valid call, its body changed."""
        return self._call.with_body(self.write(self.body(changes))) if changes else self._call

    def raw(self, body: bytes) -> Call:
        """A valid call with other bytes as its body."""
        return self._call.with_body(body)

    def authorized(self, *values: str) -> Call:
        """A valid call with exactly these values of the `Authorization` header."""
        return self._call.with_header("Authorization", *values)
