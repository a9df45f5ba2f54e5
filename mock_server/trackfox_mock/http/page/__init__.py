"""The page at `/`: static files, and nothing else. Whatever they show and do goes through the control API.

It needs no framework, so that the first look at it waits for none.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Awaitable, Callable, MutableMapping
from functools import lru_cache
from pathlib import Path
from typing import Any, NamedTuple

from trackfox_mock.decision.problems import problem_reply
from trackfox_mock.http.access import Access
from trackfox_mock.http.access.hosts import is_this_machine
from trackfox_mock.model import Headers
from trackfox_mock.release import VERSION
from trackfox_mock.world.world import World

Scope = MutableMapping[str, Any]
Application = Callable[[Scope, Any, Any], Awaitable[None]]

FILES = Path(__file__).parent.parent.parent / "page"
_PREFIX = "/__page/"
_NAMES = {"/": "index.html", "/favicon.ico": "icon.svg"}
_TYPES = {
    ".html": b"text/html; charset=utf-8",
    ".css": b"text/css; charset=utf-8",
    ".js": b"text/javascript; charset=utf-8",
    ".svg": b"image/svg+xml",
}
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
)
_SAFETY = (
    (b"content-security-policy", _POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-cache"),
)


class Answer(NamedTuple):
    """A status, header fields and a body."""

    status: int
    headers: Headers
    body: bytes = b""


class File(NamedTuple):
    """A file of the page: its type, its bytes, the same compressed, and a tag that changes when they do."""

    content_type: bytes
    content: bytes
    compressed: bytes
    tag: bytes


@lru_cache(maxsize=64)
def page_file(name: str) -> File | None:
    """A file of the page; None where there is none of that name. A wheel has it compressed already."""
    path = FILES / name
    if path.parent != FILES or path.suffix not in _TYPES or not path.is_file():
        return None
    content, ready = path.read_bytes(), path.with_name(f"{name}.gz")
    compressed = ready.read_bytes() if ready.is_file() else gzip.compress(content, mtime=0)
    tag = hashlib.sha256(content).hexdigest()[:16]
    return File(_TYPES[path.suffix], content, compressed, f'"{tag}"'.encode())


def create_page(world: World, access: Access | None = None) -> Application:
    """The ASGI application that serves the page.

    Args:
        world: what the page looks at; whoever asks for no HTML is told about it in a few lines.
        access: who may use the control API. Without a token the page too is for this machine alone; with one it is
            for everybody, as it holds nothing and asks for the token.
    """
    access = access or Access()

    async def page(scope: Scope, receive: Any, send: Any) -> None:  # noqa: ARG001 - as ASGI has it
        fields = {name: value.decode("latin-1") for name, value in scope["headers"]}
        host = fields.get(b"host", "")
        if access.token is None and not is_this_machine(host, scope):
            reply = problem_reply("host", f"The Host header is {host!r}; use http://127.0.0.1 or http://localhost.")
            answer = Answer(reply.status, reply.headers, reply.body)
        elif scope["path"] == "/" and "text/html" not in fields.get(b"accept", ""):
            answer = _text(_introduction(world, f"{scope.get('scheme', 'http')}://{host}"))
        else:
            answer = _file(scope["path"], fields)
        await send({"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    return page


def _file(path: str, fields: dict[bytes, str]) -> Answer:
    found = page_file(_NAMES.get(path) or path.removeprefix(_PREFIX))
    if found is None:
        return _text(f"The page has no file {path}; it begins at /\n", 404)
    vary = (b"vary", b"accept, accept-encoding")
    headers: Headers = ((b"etag", found.tag), vary, *_SAFETY)
    if found.tag.decode() in fields.get(b"if-none-match", ""):
        return Answer(304, headers)
    body = found.content
    if "gzip" in fields.get(b"accept-encoding", ""):
        body, headers = found.compressed, (*headers, (b"content-encoding", b"gzip"))
    length = (b"content-length", b"%d" % len(body))
    return Answer(200, ((b"content-type", found.content_type), length, *headers), body)


def _text(text: str, status: int = 200) -> Answer:
    body = text.encode()
    length = (b"content-length", b"%d" % len(body))
    headers = ((b"content-type", b"text/plain; charset=utf-8"), length, (b"vary", b"accept"), *_SAFETY)
    return Answer(status, headers, body)


def _introduction(world: World, url: str) -> str:
    api = world.api
    return (
        f"trackfox-mock {VERSION}, an unofficial mock of {api.method} {api.path}\n"
        f"Send payments to      {url}{api.path}\n"
        f"See them in a browser {url}/\n"
        f"Steer it by           {url}/__admin/openapi.json\n"
    )
