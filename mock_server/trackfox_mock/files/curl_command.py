"""A curl command as a request."""

from __future__ import annotations

import base64
import os
import re
import shlex
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

from trackfox_mock.model import Request

_PART = re.compile(
    r"(?P<plain>'[^']*')|(?P<ansi>\$'(?:\\.|[^'\\])*')|(?P<double>\"(?:\\.|[^\"\\])*\")|(?P<continued>\\\r?\n)|\\."
    r"|(?P<variable>\$(?:\{\w+\}|\w+))",
    re.DOTALL,
)
_VARIABLE = re.compile(r"\\.|\$(?:\{(\w+)\}|(\w+))", re.DOTALL)
_ANSI = re.compile(rb"\\(?:x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|([0-7]{1,3})|(.))", re.DOTALL)
_HALF = re.compile("[\ud800-\udfff]")
_ANSI_LETTERS = dict(zip(b"abefnrtvE", b"\a\b\x1b\f\n\r\t\v\x1b", strict=True))


def made_request(method: str, url: str, headers: Iterable[tuple[str, str]], body: bytes) -> Request:
    """The request that a client makes of a method, an address or path, header fields and a body."""
    method, url = _sendable(method), _sendable(url)
    parts = urlsplit(url if "://" in url or url.startswith("/") else f"//{url}")
    if "://" not in url and url.startswith("//"):
        parts = urlsplit(f"http://mock{url}")
    raw = [
        (_sendable(name.strip().lower()).encode(), _sendable(value.strip()).encode())
        for name, value in headers
        if not name.startswith(":")
    ]
    return Request(method.upper(), parts.path or "/", raw, body, parts.query.encode(), len(body))


def _sendable(text: str) -> str:
    """A text without half characters, which JSON can hold, and no client can send.

    The codec's own replacement, a question mark, would begin a query.
    """
    return _HALF.sub("\N{REPLACEMENT CHARACTER}", text)


_FLAGS = {
    "-X": "method",
    "--request": "method",
    "-H": "header",
    "--header": "header",
    "-d": "data",
    "--data": "data",
    "--data-ascii": "data",
    "--data-binary": "data",
    "--data-raw": "raw",
    "--data-urlencode": "raw",
    "--json": "json",
    "--url": "url",
    "-u": "user",
    "--user": "user",
    "--oauth2-bearer": "bearer",
    # These have a value that says nothing about the request.
    **dict.fromkeys(("-o", "--output", "-m", "--max-time", "--connect-timeout", "--retry", "-w", "--write-out"), ""),
    **dict.fromkeys(("-A", "--user-agent", "-b", "--cookie", "-c", "--cookie-jar", "-e", "--referer"), ""),
    **dict.fromkeys(("-x", "--proxy", "--cacert", "--cert", "--key", "--resolve", "--retry-delay"), ""),
}


def parse_curl(text: str) -> Request:
    """The request that a curl command sends; variables of the shell are taken from the environment, where they are set.

    Raises:
        ValueError: it is not a curl command that can be read; the text says why.
    """
    given: dict[str, list[str]] = {}
    for kind, value in _options(_words(text)):
        given.setdefault(kind, []).append(value)
    if "url" not in given:
        raise ValueError("is a curl command without an address")
    headers = [(name, value) for name, _, value in (header.partition(":") for header in given.get("header", ()))]
    headers += [("authorization", f"Bearer {token}") for token in given.get("bearer", ())]
    headers += [
        ("authorization", f"Basic {base64.b64encode(user.encode()).decode()}") for user in given.get("user", ())
    ]
    data = [*map(_from_file, given.get("data", ())), *given.get("raw", ()), *map(_from_file, given.get("json", ()))]
    if data and not any(name.strip().lower() == "content-type" for name, _ in headers):
        headers.append(("content-type", "application/json" if "json" in given else "application/x-www-form-urlencoded"))
    method = given.get("method", ["POST" if data else "GET"])[-1]
    return made_request(
        method, given["url"][-1], headers, ("" if "json" in given else "&").join(data).encode("utf-8", "replace")
    )


def _words(text: str) -> list[str]:
    try:
        return shlex.split(_PART.sub(_plainly, text))[1:]
    except ValueError as problem:
        raise ValueError(f"is a curl command whose quotes do not close ({str(problem).lower()})") from None


def _options(words: list[str]) -> Iterator[tuple[str, str]]:
    """What a curl command says, as kind and value; flags that say nothing about the request are left out."""
    rest = iter(words)
    for word in rest:
        if word in _FLAGS:
            value = next(rest, None)
            if value is None:
                raise ValueError(f"is a curl command in which nothing follows {word}")
            yield _FLAGS[word], value
        elif word[:2] in _FLAGS and not word.startswith("--"):
            yield _FLAGS[word[:2]], word[2:]
        elif not word.startswith("-"):
            yield "url", word


def _plainly(found: re.Match[str]) -> str:
    """A part of a command in the way of writing that `shlex` knows: a shell has two more, `$'…'` and variables."""
    part = found[0]
    if found["ansi"]:
        return shlex.quote(_unescaped(part[2:-1]))
    if found["continued"]:
        return " "
    if found["variable"]:
        return shlex.quote(_of_environment(part))
    return _VARIABLE.sub(_inside_quotes, part) if found["double"] else part


def _inside_quotes(found: re.Match[str]) -> str:
    if found[0].startswith("\\"):
        return found[0][1:] if found[0][1] in "$`" else found[0]
    return _of_environment(found[0]).replace("\\", "\\\\").replace('"', '\\"')


def _of_environment(variable: str) -> str:
    return os.environ.get(variable.strip("${}"), variable)


def _unescaped(text: str) -> str:
    r"""What `$'…'` holds: `\n`, `\x1b`, `\u00e9` and the like stand for what they do in C."""
    return _ANSI.sub(_ansi_letter, text.encode("utf-8", "surrogatepass")).decode("utf-8", "replace")


def _ansi_letter(found: re.Match[bytes]) -> bytes:
    byte, short, long, octal, letter = found.groups()
    if byte or octal:
        return bytes([int(byte or octal, 16 if byte else 8) & 0xFF])
    if short or long:
        return chr(min(int(short or long, 16), 0x10FFFF)).encode("utf-8", "surrogatepass")
    return bytes([_ANSI_LETTERS[letter[0]]]) if letter[0] in _ANSI_LETTERS else letter


def _from_file(data: str) -> str:
    if not data.startswith("@"):
        return data
    try:
        return Path(data[1:]).read_text(encoding="utf-8").replace("\n", "").replace("\r", "")
    except (OSError, UnicodeDecodeError):
        raise ValueError(f"sends the file {data[1:]}, which cannot be read from here") from None
