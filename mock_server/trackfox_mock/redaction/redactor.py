"""What may be shown to whom. Here, and nowhere else, is decided what leaves the process: by value, and by kind.

By value: the tokens of all websites, in every form in which one may come. By kind: whatever looks like a credential,
every header field that is not known to be harmless, e-mail addresses. Nothing is hidden while a request is answered,
only when somebody looks. Whoever cuts a text cuts it afterwards, and says so with `…`: the beginning of a known token
before that mark, or at the end of a text, is hidden too.

All of it takes a time that grows with the length of the text, whatever a client wrote.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import islice
from typing import Any, Protocol, Self

from trackfox_mock.model import Website
from trackfox_mock.redaction.addresses import addresses_among, addresses_in
from trackfox_mock.redaction.credentials import credentials_in, names_a_credential, unknown_tokens_in
from trackfox_mock.redaction.encodings import encoded_in
from trackfox_mock.redaction.escapes import unescaped
from trackfox_mock.redaction.fields import AUTHORIZATION, HARMLESS, SCHEMES
from trackfox_mock.redaction.known_tokens import KnownTokens
from trackfox_mock.redaction.masking import fingerprint, mask_email
from trackfox_mock.redaction.spans import Span, apart, without

_MOST = 1000
_SHORT = 100
_REMEMBERED = 512
_COULD_BE_AN_ID = "tf_"  # which is shown once a session of that id is there
_NESTED = 2  # of base64 inside base64
_CUT = "…".encode()


class Tokens(Protocol):
    """Who knows tokens by value, and what is an id and no token: a store."""

    @property
    def known_tokens(self) -> KnownTokens:
        """The tokens."""

    def knows_id(self, text: str) -> bool:
        """Whether a session or a visitor has that id."""


class Holder(Protocol):
    """Who has a store: a world, or the case of one request."""

    @property
    def store(self) -> Tokens:
        """Whose tokens are hidden; another one may take its place."""


class Redactor:
    """Hides secrets in text that is to be shown.

    Args:
        holder: whose tokens are known by value.
        tokens: whether tokens, and what looks like a credential, are shown in full.
        emails: whether e-mails are.
        secrets: further words to be hidden as tokens are.
        public: addresses that are no secret, as those of the document's example.
        by_kind: whether what only looks like a credential is hidden too.
    """

    def __init__(
        self,
        holder: Holder,
        *,
        tokens: bool = False,
        emails: bool = False,
        secrets: Collection[str] = (),
        public: Collection[str] = (),
        by_kind: bool = True,
    ) -> None:
        self._holder = holder
        self._secrets = secrets
        self._public = public
        self._by_kind = by_kind
        self.tokens = tokens
        self.emails = emails
        self._remembered: dict[str, str] = {}  # the names and values of header fields come again and again
        self._version = -1

    @classmethod
    def of(cls, websites: Iterable[Website], *, emails: bool = False, by_kind: bool = True) -> Redactor:
        """One that hides the tokens of these websites."""
        return cls(_Websites(websites), emails=emails, by_kind=by_kind)

    def without_emails(self) -> Redactor:
        """The same for what leaves the machine: an export, a report. Who sees tokens sees e-mails too."""
        return Redactor(self._holder, tokens=self.tokens, emails=self.tokens, secrets=self._secrets)

    def token(self, token: str) -> str:
        """A token, as it may be shown."""
        return token if self.tokens else fingerprint(token)

    def email(self, address: str) -> str:
        """An e-mail, as it may be shown."""
        return address if self.emails else mask_email(address)

    def text(self, text: str) -> str:
        """A text, with all tokens, credentials and e-mails in it as they may be shown."""
        if len(text) > _SHORT or _COULD_BE_AN_ID in text:
            return self._redacted(text)
        version = self._holder.store.known_tokens.version
        if version != self._version or len(self._remembered) >= _REMEMBERED:
            self._remembered.clear()
            self._version = version
        found = self._remembered.get(text)
        if found is None:
            found = self._remembered[text] = self._redacted(text)
        return found

    def _redacted(self, text: str) -> str:
        content = text.encode("utf-8", "surrogatepass")
        spans = self._found(content)
        if len(spans) > _MOST:
            return f"… ({len(text):,} characters, which hold more than {_MOST:,} secrets)"
        return without(content, spans) if spans else text

    def hidden_in(self, text: str) -> dict[str, str]:
        """The secrets in a text as they stand there, by what is shown in their place."""
        content = text.encode("utf-8", "surrogatepass")
        spans = apart(content, self._found(content))
        return {span.instead: content[span.start : span.end].decode("utf-8", "surrogatepass") for span in spans}

    def _found(self, content: bytes) -> list[Span]:
        if self.tokens and self.emails:
            return []
        return list(islice(self._spans(content, _NESTED), _MOST + 1))

    def data(self, value: Any) -> Any:
        """JSON data, with every text in it, names included, as it may be shown."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.data(key): self.data(inner) for key, inner in value.items()}
        return [self.data(inner) for inner in value] if isinstance(value, list | tuple) else value

    def parameter(self, name: str, value: str) -> str:
        """The value of a parameter of a query."""
        hidden = not self.tokens and value and names_a_credential(name)
        return fingerprint(value) if hidden else self.text(value)

    def header(self, name: str, value: str) -> str:
        """The value of a header field; whatever is in one that is not known to be harmless counts as a secret.

        Args:
            name: in lower case.
            value: as it came.
        """
        if self.tokens or name in HARMLESS or not value:
            return self.text(value)
        scheme, space, credentials = value.partition(" ")
        if name in AUTHORIZATION and space and scheme.lower() in SCHEMES:
            return f"{scheme} {fingerprint(credentials)}"
        return fingerprint(value)

    def _spans(self, content: bytes, nested: int) -> Iterator[Span]:
        """What may not be shown of a text in UTF-8; `nested` says how often it is decoded again."""
        view, origin = unescaped(content)
        for span in self._secrets_in(view, is_decoded=nested < _NESTED):
            yield span.moved(origin[span.start], origin[span.end])
        if view is not content and not self.tokens:
            yield from _credentials(content, self._known(content, content.lower()))
        if nested:
            yield from (span.moved(origin[span.start], origin[span.end]) for span in self._decoded(view, nested))
        if nested and view is not content:
            yield from self._decoded(content, nested)

    def _decoded(self, content: bytes, nested: int) -> Iterator[Span]:
        for encoded in encoded_in(content):
            for span in self._spans(encoded.content, nested - 1):
                yield span.moved(*encoded.place(span.start, span.end))

    def _secrets_in(self, view: bytes, *, is_decoded: bool) -> Iterator[Span]:
        if not self.tokens:
            folded = view.lower()
            yield from _credentials(view, self._known(view, folded))
            if self._by_kind:
                yield from _credentials(view, credentials_in(view, folded))
                unknown = _credentials(view, unknown_tokens_in(folded))
                yield from (span for span in unknown if not self._is_id(view, span))
        if not self.emails:
            places = addresses_among(view) if is_decoded else addresses_in(view)
            yield from (span for span in _addresses(view, places) if not self._is_public(view, span))

    def _is_id(self, view: bytes, span: Span) -> bool:
        return self._holder.store.knows_id(_text(view, span.start, span.end))

    def _is_public(self, view: bytes, span: Span) -> bool:
        return _text(view, span.start, span.end) in self._public

    def _known(self, content: bytes, folded: bytes) -> Iterator[tuple[int, int]]:
        cuts = _cuts(content)
        yield from self._holder.store.known_tokens.find(folded, cuts)
        if self._secrets:
            yield from self._words.find(folded, cuts)

    @cached_property
    def _words(self) -> KnownTokens:
        return KnownTokens(self._secrets)


class _Websites:
    """A few websites, as a store and its holder."""

    def __init__(self, websites: Iterable[Website]) -> None:
        websites = tuple(websites)
        self.known_tokens = KnownTokens(website.api_token for website in websites)
        sessions = [session for website in websites for session in website.sessions]
        self._ids = {text for session in sessions for text in (session.session_id, session.visitor_id)}

    @property
    def store(self) -> Self:
        return self

    def knows_id(self, text: str) -> bool:
        return text in self._ids


def _credentials(content: bytes, places: Iterable[tuple[int, int]]) -> Iterator[Span]:
    return (Span(start, end, fingerprint(_text(content, start, end))) for start, end in places)


def _addresses(content: bytes, places: Iterable[tuple[int, int]]) -> Iterator[Span]:
    for start, end in places:
        yield Span(start, end, mask_email(_text(content, start, end).lstrip('"')), is_credential=False)


def _text(content: bytes, start: int, end: int) -> str:
    return content[start:end].decode("utf-8", "replace")


def _cuts(content: bytes) -> list[int]:
    """Where something may be missing: before each mark of a cut, and at the end."""
    places, place = [], content.find(_CUT)
    while place >= 0:
        places.append(place)
        place = content.find(_CUT, place + 1)
    return [*places, len(content)]
