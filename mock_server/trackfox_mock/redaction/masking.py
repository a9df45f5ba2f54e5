"""How secrets are shown: enough to tell two apart, not enough to use one; and a client's text, fit for a terminal."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

_LONGEST = 320


def fingerprint(token: str) -> str:
    """A token as `tf_…#9f86d0`: its first three characters at most, and the first six hex digits of its SHA-256."""
    digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()[:6]
    shown = token[:3] if len(token) > 8 else ""
    return f"{shown}…#{digest}"


def hide(text: str, secrets: Iterable[str]) -> str:
    """The text, with a fingerprint in the place of every secret that stands in it."""
    for secret in sorted(secrets, key=len, reverse=True):
        text = text.replace(secret, fingerprint(secret))
    return text


def mask_email(address: str) -> str:
    """An e-mail as `c…@example.com`."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}" if at else "…"


def printable(text: str) -> str:
    """A client's text made safe for a terminal: one line, no control characters, not endless."""
    if text.isprintable() and len(text) <= _LONGEST:
        return text
    safe = "".join(character if character.isprintable() else "·" for character in text[:_LONGEST])
    return safe if len(text) <= _LONGEST else f"{safe}…"
