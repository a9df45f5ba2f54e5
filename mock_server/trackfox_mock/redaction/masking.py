"""How secrets are shown: enough to tell two apart, not enough to use one; and a client's text, fit for a terminal."""

from __future__ import annotations

import hashlib
import shlex

_LONGEST = 320


def fingerprint(token: str) -> str:
    """A token as `tf_…#9f86d0`: its first three characters at most, and the first six hex digits of its SHA-256."""
    digest = hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()[:6]
    shown = token[:3] if len(token) > 8 else ""
    return f"{shown}…#{digest}"


def mask_email(address: str) -> str:
    """An e-mail as `c…@example.com`."""
    local, at, domain = address.rpartition("@")
    return f"{local[:1].strip('…')}…@{domain}" if at else "…"


def printable(text: str, longest: int | None = _LONGEST) -> str:
    """A client's text made safe for a terminal: one line, no control characters, not endless.

    Args:
        text: what came; where secrets are to be hidden, that has been done before.
        longest: of a longer text only so many characters are shown, and `…`; None shows all.
    """
    is_long = longest is not None and len(text) > longest
    if text.isprintable() and not is_long:
        return text
    shown = text[:longest] if is_long else text
    safe = "".join(character if character.isprintable() else "·" for character in shown)
    return f"{safe}…" if is_long else safe


def printable_lines(text: str) -> str:
    """A text of several lines made safe for a terminal, line by line and in full length."""
    return "\n".join(printable(line, None) for line in text.split("\n"))


def shell_word(text: str) -> str:
    r"""A text as one word of a shell's command, without a control character in it: those are written as `$'\x1b'`."""
    if text.replace("\n", " ").replace("\t", " ").isprintable():
        return shlex.quote(text)
    return f"$'{''.join(map(_in_ansi_quotes, text))}'"


def _in_ansi_quotes(character: str) -> str:
    if character in "\\'":
        return f"\\{character}"
    if character.isprintable():
        return character
    return "".join(f"\\x{byte:02x}" for byte in character.encode("utf-8", "surrogatepass"))
