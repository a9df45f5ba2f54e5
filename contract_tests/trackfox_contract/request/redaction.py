"""Keeps secrets out of every output, by value and in every form in which a value may come back."""

from __future__ import annotations

import base64
import json
import shlex
from collections.abc import Iterable, Iterator
from itertools import count
from urllib.parse import quote

from trackfox_contract.request.call import Call
from trackfox_contract.request.mutations import full_width
from trackfox_mock import Website

_VARIABLE = "TRACKFOX_API_TOKEN"
_LONGEST_BODY = 1500
_SHORTEST_SECRET = 9


class Redactor:
    """Replaces known tokens, and parts of them, by what a shell makes them of.

    Args:
        websites: the websites whose tokens are secret; the first one's becomes `$TRACKFOX_API_TOKEN`.
    """

    def __init__(self, websites: Iterable[Website]) -> None:
        names = (f"{_VARIABLE}_{number}" if number > 1 else _VARIABLE for number in count(1))
        self._secrets = [pair for website, name in zip(websites, names, strict=False) for pair in _forms(website, name)]
        self._secrets.sort(key=lambda pair: -len(pair[0]))

    def text(self, text: str) -> str:
        """The text without any known token, whole, in part, in another case or encoded."""
        for secret, instead in self._secrets:
            if secret in text:
                text = text.replace(secret, instead)
        return text

    def curl(self, base_url: str, call: Call) -> str:
        """The call as a shell command; bodies that are long or no text are described."""
        parts = [f"curl -i -X {call.method} {self._quoted(base_url.rstrip('/') + call.target)}"]
        parts += [f"-H {self._quoted(f'{name}: {value}' if value else f'{name};')}" for name, value in call.headers]
        if call.wire.chunked:
            parts.append("-H 'Transfer-Encoding: chunked'")
        if call.body:
            parts.append(self._data(call.body))
        return " \\\n  ".join(parts)

    def _data(self, body: bytes) -> str:
        shown = body[:_LONGEST_BODY]
        try:
            text = shown.decode()
        except UnicodeDecodeError:
            text = ""
        if not text or not text.replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable():
            form = "".join(f"\\x{byte:02x}" for byte in shown[:400])
            data = f"--data-binary @<(printf '{form}')"
        else:
            data = f"--data-binary {self._quoted(text)}"
        return data + (f"  # the first {len(shown):,} of {len(body):,} bytes" if len(body) > len(shown) else "")

    def _quoted(self, text: str) -> str:
        if self.text(text) == text:
            return shlex.quote(text)
        for special in '\\"`$':
            text = text.replace(special, f"\\{special}")
        return f'"{self.text(text)}"'


def _forms(website: Website, name: str) -> Iterator[tuple[str, str]]:
    """A token in every form in which it may come back, and what a shell writes instead."""
    token, raw = website.api_token, website.api_token.encode()
    yield token, f"${name}"
    yield from (
        (token.upper(), f"${{{name}^^}}"),
        (token.lower(), f"${{{name},,}}"),
        (token.swapcase(), f"${{{name}~~}}"),
    )
    encoded = {quote(token, safe=""), json.dumps(token)[1:-1], raw.hex(), "".join(f"%{byte:02X}" for byte in raw)}
    encoded |= {"".join(f"\\u{ord(letter):04x}" for letter in token), token[::-1]}
    encoded |= {full_width(token), full_width(token).encode().decode("latin-1")}
    for offset in range(3):  # in base64 a token looks otherwise after one letter, and after two
        in_base64 = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
        encoded.add(in_base64[-(-offset * 8 // 6) : len(in_base64) - 2])
    yield from ((form, f"(encoded ${name})") for form in encoded if form not in ("", token))
    for size in range(_SHORTEST_SECRET, len(token)):
        yield from ((token[at : at + size], f"${{{name}:{at}:{size}}}") for at in range(len(token) - size + 1))
