"""Every form in which a token may come back, and what bash expands to the same text."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from trackfox_contract.request.mutations import full_width

SHORTEST_PART = 9
"""Shorter parts of a token are no secret: they are what many tokens begin with."""


@dataclass(frozen=True, slots=True)
class SecretForm:
    """A text that must not be shown.

    Attributes:
        text: the text.
        shell: what bash makes it of, to be put in double quotes.
        told: what is shown instead of it to a reader.
    """

    text: str
    shell: str
    told: str


def forms_of(token: str, variable: str) -> Iterator[SecretForm]:
    """The forms of a token that bash has in an environment variable."""
    for text, shell in _spelled(token, variable):
        yield SecretForm(text, shell, shell)
    for text, code in _encoded(token):
        if text not in ("", token):
            yield SecretForm(text, _computed(code, variable), f"(encoded ${{{variable}}})")


def _spelled(token: str, variable: str) -> Iterator[tuple[str, str]]:
    yield token, f"${{{variable}}}"
    yield token.upper(), f"${{{variable}^^}}"
    yield token.lower(), f"${{{variable},,}}"
    yield token.swapcase(), f"${{{variable}~~}}"
    for size in range(SHORTEST_PART, len(token)):
        yield from ((token[at : at + size], f"${{{variable}:{at}:{size}}}") for at in range(len(token) - size + 1))


def _encoded(token: str) -> Iterator[tuple[str, str]]:
    """Encoded forms, each with the Python expression that makes it of the token `t`."""
    raw, wide = token.encode(), full_width(token)
    yield token[::-1], "t[::-1]"
    yield quote(token, safe=""), '__import__("urllib.parse").parse.quote(t, "")'
    yield json.dumps(token)[1:-1], '__import__("json").dumps(t)[1:-1]'
    yield raw.hex(), "t.encode().hex()"
    yield "".join(f"%{byte:02X}" for byte in raw), '"".join("%%%02X" % b for b in t.encode())'
    yield "".join(f"\\u{ord(letter):04x}" for letter in token), '"".join("\\\\u%04x" % ord(c) for c in t)'
    in_full_width = '"".join(chr(ord(c) + 65248) if "!" <= c <= "~" else c for c in t)'
    yield wide, in_full_width
    yield wide.encode().decode("latin-1"), in_full_width
    for offset in range(3):  # in base64 a token looks otherwise after one letter, and after two
        text = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        start, end = -(-offset * 8 // 6), len(text) - 2
        code = f'__import__("base64").b64encode(bytes({offset}) + t.encode()).decode()[{start}:{end}]'
        yield text[start:end], code


def _computed(code: str, variable: str) -> str:
    return f'$(python3 -c \'import sys; t = sys.argv[1]; print({code}, end="")\' "${{{variable}}}")'
