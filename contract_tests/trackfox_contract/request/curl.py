"""A call as a command that sends the same bytes when it is pasted into bash, and holds no secret."""

from __future__ import annotations

import base64
import gzip
import re
import shlex
from collections.abc import Iterator
from itertools import count

from trackfox_contract.request.call import Call, on_the_wire
from trackfox_contract.request.redaction import Pieces, Redactor
from trackfox_contract.request.secret_forms import SecretForm

_BASE_URL = SecretForm("", "${TRACKFOX_BASE_URL}", "")
_LONG = 1500
_EXPECTS = 1 << 20
_SPECIAL = re.compile(r'([\\"`$])')


def curl(redactor: Redactor, base_url: str | None, call: Call) -> str:
    """The command.

    Args:
        redactor: what knows the secrets.
        base_url: the service, or None when the reader has to say where it is.
        call: the request.
    """
    lines = [_line(redactor, base_url, call)]
    lines += [f"-H {_word(redactor.pieces(_header(name, value)))}" for name, value in call.headers]
    if call.wire.chunked:
        lines.append("-H 'Transfer-Encoding: chunked'")
    has_data = bool(call.body) or call.method in ("POST", "PUT", "PATCH")
    lines += [f"-H {header}:" for header in _unwanted(call, has_data=has_data)]
    if has_data:
        lines.append(_data(redactor, call.body))
    return " \\\n  ".join(lines)


def _line(redactor: Redactor, base_url: str | None, call: Call) -> str:
    options = ["-i", f"-X {call.method}"]
    if call.method == "HEAD":
        options.append("--max-time 5")  # by -X HEAD curl waits for the body that it was told of
    if base_url is None or base_url.startswith("https:"):
        options.append("--http1.1")
    if set("[]{}") & set(call.target):
        options.append("--globoff")
    base: Pieces = [_BASE_URL] if base_url is None else [without_user(base_url)]
    return f"curl {' '.join(options)} {_word([*base, *redactor.pieces(_text(on_the_wire(call.target)))])}"


def without_user(base_url: str) -> str:
    """A base URL without the name and the password that may stand in it, and without its last slash."""
    scheme, _, rest = base_url.partition("://")
    authority, slash, path = rest.partition("/")
    return f"{scheme}://{authority.rpartition('@')[2]}{slash}{path}".rstrip("/")


def _header(name: str, value: str) -> str:
    return _text(on_the_wire(f"{name}: {value}" if value else f"{name};"))


def _unwanted(call: Call, *, has_data: bool) -> Iterator[str]:
    """Header fields that curl would add of itself."""
    if not call.header_values("Accept"):
        yield "Accept"
    if has_data and not call.header_values("Content-Type"):
        yield "Content-Type"
    if len(call.body) >= _EXPECTS:
        yield "Expect"


def _data(redactor: Redactor, body: bytes) -> str:
    if len(body) <= _LONG and b"\0" not in body and not body.startswith(b"@"):
        return f"--data-binary {_word(redactor.pieces(_text(body)))}"
    text = _text(body)
    return f"--data-binary @<({_printed(redactor.pieces(text))})  # {len(body):,} bytes: {redactor.shown(text, 60)}"


def _text(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _word(pieces: Pieces) -> str:
    """One word of bash that stands for these pieces."""
    literals = "".join(piece for piece in pieces if isinstance(piece, str))
    if not literals.isprintable() or len(literals) > _LONG or "!" in literals:
        return "".join(map(_quoted, pieces))
    if not any(isinstance(piece, SecretForm) for piece in pieces):
        return shlex.quote(literals)
    return f'"{_in_double_quotes(pieces)}"'


def _in_double_quotes(pieces: Pieces) -> str:
    return "".join(piece.shell if isinstance(piece, SecretForm) else _SPECIAL.sub(r"\\\1", piece) for piece in pieces)


def _quoted(piece: str | SecretForm) -> str:
    if isinstance(piece, SecretForm):
        return f'"{piece.shell}"'
    if len(piece) > _LONG:
        return f'"$({_unpacked(piece)})"'
    return shlex.quote(piece) if piece.isprintable() else f"$'{_escaped(piece)}'"


def _escaped(text: str) -> str:
    data = text.encode("utf-8", "surrogateescape")
    return "".join(chr(byte) if 32 <= byte < 127 and byte not in b"\\'!" else f"\\x{byte:02x}" for byte in data)


def _printed(pieces: Pieces) -> str:
    """A command of bash that prints these bytes."""
    text = "".join(piece for piece in pieces if isinstance(piece, str))
    secrets = list(dict.fromkeys(piece for piece in pieces if isinstance(piece, SecretForm)))
    if not secrets and len(text) <= _LONG:
        return f"printf '{_in_hex(text)}'"
    if not secrets:
        return _unpacked(text)
    marks = {secret: f"{_mark(text)}{number};" for number, secret in enumerate(secrets)}
    marked = "".join(piece if isinstance(piece, str) else marks[piece] for piece in pieces)
    words = " ".join(f'"{secret.shell}"' for secret in secrets)
    return f"{_unpacked(marked)} | python3 -c '{_FILL_IN}' {_mark(text)} {words}"


_FILL_IN = (
    "import sys; text = sys.stdin.buffer.read(); mark, *secrets = map(str.encode, sys.argv[1:]); "
    '[text := text.replace(b"%b%d;" % (mark, at), secret) for at, secret in enumerate(secrets)]; '
    "sys.stdout.buffer.write(text)"
)


def _mark(text: str) -> str:
    """A text that stands nowhere in another, for the places of the secrets."""
    return next(mark for number in count() if (mark := f"secret{number}_") not in text)


def _in_hex(text: str) -> str:
    return "".join(f"\\x{byte:02x}" for byte in text.encode("utf-8", "surrogateescape"))


def _unpacked(text: str) -> str:
    packed = gzip.compress(text.encode("utf-8", "surrogateescape"), mtime=0)
    return f"base64 -d <<< {base64.b64encode(packed).decode()} | gunzip"
