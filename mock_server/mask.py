"""How secrets are shown: enough to tell two apart, not enough to use one."""

from __future__ import annotations

import hashlib


def fingerprint(token: str) -> str:
    """A token as `tf_…#9f86d0`: its first three characters at most, and the first six hex digits of its SHA-256."""
    digest = hashlib.sha256(token.encode("utf-8", "surrogateescape")).hexdigest()[:6]
    shown = token[:3] if len(token) > 8 else ""
    return f"{shown}…#{digest}"


def mask_email(address: str) -> str:
    """An e-mail as `c…@example.com`."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1]}…@{domain}" if at else "…"
