"""What may be shown to whom: tokens and keys as fingerprints, e-mails masked, wherever they stand."""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any, Protocol

from trackfox_mock.document.lookalikes import provider_secrets
from trackfox_mock.redaction.masking import fingerprint, hide, mask_email
from trackfox_mock.tenants.store import Store

_EMAIL = re.compile(r"[^\s\"'<>@:,;=&]+@[^\s\"'<>@:,;=&]+")


class Holder(Protocol):
    """Who has a store: a world, or the case of one request."""

    store: Store


class Redactor:
    """Hides secrets in text that is to be shown: the tokens of all websites, keys of payment providers, e-mails.

    Args:
        holder: whose tokens are known by value.
        tokens: whether tokens and keys are shown in full.
        emails: whether e-mails are.
        secrets: further words to be hidden as tokens are.
    """

    def __init__(
        self, holder: Holder, *, tokens: bool = False, emails: bool = False, secrets: Collection[str] = ()
    ) -> None:
        self._holder = holder
        self._secrets = secrets
        self.tokens = tokens
        self.emails = emails

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
        """A text, with all tokens, keys and e-mails in it as they may be shown."""
        if not self.tokens:
            known = {*self._holder.store.tokens_in(text), *provider_secrets(text)}
            text = hide(text, known.union(word for word in self._secrets if word in text))
        return text if self.emails else _EMAIL.sub(lambda found: mask_email(found[0]), text)

    def data(self, value: Any) -> Any:
        """JSON data, with every text in it as it may be shown."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.data(inner) for key, inner in value.items()}
        return [self.data(inner) for inner in value] if isinstance(value, list | tuple) else value

    def header(self, name: str, value: str) -> str:
        """The value of a header field; whatever is in Authorization counts as a token, known or not."""
        if name != "authorization" or self.tokens:
            return self.text(value)
        scheme, space, credentials = value.partition(" ")
        return f"{scheme} {fingerprint(credentials)}" if space else fingerprint(value)
