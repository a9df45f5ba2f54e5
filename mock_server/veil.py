"""What of a world may be shown to whom: tokens as fingerprints, e-mails masked, wherever they stand."""

from __future__ import annotations

import re

from mock_server.mask import fingerprint, mask_email
from mock_server.world import World

_EMAIL = re.compile(r"[^\s\"'<>@:,;=&]+@[^\s\"'<>@:,;=&]+")


class Veil:
    """Hides secrets in text that is to be shown.

    Args:
        world: whose tokens are known by value.
        tokens: whether tokens are shown in full.
        emails: whether e-mails are.
    """

    def __init__(self, world: World, *, tokens: bool = False, emails: bool = False) -> None:
        self._world = world
        self.tokens = tokens
        self.emails = emails

    def without_emails(self) -> Veil:
        """The same for what leaves the machine: an export, a report. Who sees tokens sees e-mails too."""
        return Veil(self._world, tokens=self.tokens, emails=self.tokens)

    def token(self, token: str) -> str:
        """A token, as it may be shown."""
        return token if self.tokens else fingerprint(token)

    def email(self, address: str) -> str:
        """An e-mail, as it may be shown."""
        return address if self.emails else mask_email(address)

    def text(self, text: str) -> str:
        """A text, with the tokens of known websites and all e-mails as they may be shown."""
        if not self.tokens:
            for token in sorted(self._world.store.tokens_in(text), key=len, reverse=True):
                text = text.replace(token, fingerprint(token))
        if not self.emails:
            text = _EMAIL.sub(lambda found: mask_email(found[0]), text)
        return text

    def header(self, name: str, value: str) -> str:
        """The value of a header field; whatever is in Authorization counts as a token, known or not."""
        if name != "authorization" or self.tokens:
            return self.text(value)
        scheme, space, credentials = value.partition(" ")
        return f"{scheme} {fingerprint(credentials)}" if space else fingerprint(value)
