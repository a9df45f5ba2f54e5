"""The stacks: how each is started, the mistakes that it can make, and what is truly wrong with the careful one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent
SHOPS = HERE / "shops.json"
_PYTHON = "{here}/.venv/bin/"


@dataclass(frozen=True)
class Stack:
    """One service.

    Attributes:
        command: starts it; `{port}`, `{here}` and `{folder}` (a temporary one) are filled in.
        needs: executables, or paths beside this file, that must be there.
        mistakes: by the value of MISTAKE, the clause that it breaks.
        true: what is found on the careful one and stays, as (clause, words of the case): the framework's reason. A
            wrong status breaks `error.status` as well.
        build: what has to be run before.
    """

    command: tuple[str, ...]
    needs: tuple[str, ...]
    mistakes: Mapping[str, str]
    true: Mapping[tuple[str, str], str] = field(default_factory=dict)
    build: tuple[tuple[str, ...], ...] = ()


_DEEP = "the framework's JSON parser is the standard library's, which is recursive: RecursionError is no error that it expects, so 500"
_DEEPER = "msgspec's RecursionError is no error that Litestar expects, so 500"
_SURROGATE = "json.loads makes half a character of \\ud800, which sqlite3 cannot write as UTF-8: UnicodeEncodeError, so 500"
_EMAIL_STR = "pydantic's EmailStr takes an address with a name before it"
_COMMENTS = "Ruby's JSON takes comments"
_ESCAPES = "Ruby's JSON takes a backslash before any letter"

_NODE = ("node", "service.js")
_NODE_NEEDS = ("node", "node_modules")

STACKS: Mapping[str, Stack] = {
    "express": Stack(
        _NODE,
        _NODE_NEEDS,
        {"coerced": "revenue.positive-integer", "no-match": "match.session", "any-token": "auth.website"},
    ),
    "fastify": Stack(
        _NODE,
        _NODE_NEEDS,
        {"coerced": "revenue.positive-integer", "zero": "revenue.positive-integer", "422": "error.status"},
    ),
    "fastapi": Stack(
        (_PYTHON + "uvicorn", "service:app", "--port", "{port}", "--log-level", "warning"),
        (".venv",),
        {"lax": "revenue.positive-integer", "422": "error.status", "or": "match.together"},
        {("email.valid", "Customer <"): _EMAIL_STR},
    ),
    "flask": Stack(
        (_PYTHON + "gunicorn", "service:app", "-b", "127.0.0.1:{port}", "--threads", "4", "--log-level", "error"),
        (".venv",),
        {"nocase": "match.exact", "split": "auth.malformed", "bool": "revenue.positive-integer"},
        {
            ("body.object", "lists"): _DEEP,
            ("body.object", "objects, open"): _DEEP,
            ("error.status", "deep"): _DEEP,
            ("error.status", "surrogate"): _SURROGATE,
            ("error.status", "an odd id"): _SURROGATE,
        },
    ),
    "django": Stack(
        (_PYTHON + "gunicorn", "service:application", "-b", "127.0.0.1:{port}", "--threads", "4"),
        (".venv",),
        {"coerced": "revenue.positive-integer", "trimmed": "match.exact", "optional": "field.required"},
        {
            ("body.object", "lists"): _DEEP,
            ("body.object", "objects, open"): _DEEP,
            ("error.status", "deep"): _DEEP,
        },
    ),
    "php": Stack(
        ("php", "-d", "log_errors=0", "-S", "127.0.0.1:{port}", "service.php"),
        ("php",),
        {"numeric": "revenue.positive-integer", "any-token": "auth.website", "like": "match.exact"},
    ),
    "sinatra": Stack(
        ("ruby", "service.rb", "-q"),
        ("ruby", "/usr/share/rubygems-integration/all/specifications"),
        {"to_i": "revenue.positive-integer", "starts-with": "auth.invalid", "casecmp": "match.exact"},
        {
            ("body.object", "comment"): _COMMENTS,
            ("body.object", "escape in"): _ESCAPES,
            ("body.object", "backslash in"): _ESCAPES,
        },
    ),
    "go": Stack(
        ("{folder}/service",),
        ("go",),
        {"decoder": "body.object", "trim-prefix": "auth.malformed", "fold": "match.exact"},
        build=(("go", "build", "-o", "{folder}/service", "service.go"),),
    ),
    # The next four were written when the check was done, and without a look at it.
    "hono": Stack(
        ("node", "service.mjs"),
        _NODE_NEEDS,
        {"parse-int": "revenue.positive-integer", "truthy": "revenue.positive-integer", "trim": "match.exact"},
    ),
    "koa": Stack(
        _NODE,
        _NODE_NEEDS,
        {"convert": "revenue.positive-integer", "any-text": "email.valid", "422": "error.status"},
        {("error.status", "Content-Encoding"): "Koa's body parser does not expect zlib's error at a body that is no gzip, so 500"},
    ),
    "litestar": Stack(
        (_PYTHON + "uvicorn", "service:app", "--port", "{port}", "--log-level", "warning"),
        (".venv",),
        {"zero": "revenue.positive-integer", "search": "email.valid", "created": "success.status"},
        {
            ("body.object", "lists"): _DEEPER,
            ("body.object", "objects, open"): _DEEPER,
            ("error.status", "deep"): _DEEPER,
            ("error.status", "UTF-8"): "msgspec's UnicodeDecodeError is no error that Litestar expects, so 500",
            ("error.status", "surrogate"): "the same: msgspec takes no half a character",
            ("revenue.positive-integer", "revenue is"): "Litestar has msgspec convert strings to numbers, by default",
        },
    ),
    "rack": Stack(
        ("puma", "-b", "tcp://127.0.0.1:{port}", "-e", "production", "-q", "config.ru"),
        ("ruby", "puma"),
        {"lines": "email.valid", "numeric": "revenue.positive-integer", "token-website": "auth.website"},
        {
            ("body.object", "comment"): _COMMENTS,
            ("body.object", "escape in"): _ESCAPES,
            ("body.object", "backslash in"): _ESCAPES,
        },
    ),
}

PROXIES: Mapping[str, tuple[tuple[str, ...], str]] = {
    "nginx": (
        ("nginx", "-c", "{folder}/proxy.conf", "-p", "{folder}", "-e", "{folder}/error.log"),
        "user root; daemon off; pid {folder}/nginx.pid; events {{}} http {{ access_log off; client_body_temp_path {folder}/body; "
        "proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; "
        "scgi_temp_path {folder}/s; server {{ listen 127.0.0.1:{port}; "
        "location / {{ proxy_pass http://127.0.0.1:{backend}; }} }} }}\n",
    ),
    "haproxy": (
        ("haproxy", "-f", "{folder}/proxy.conf"),
        "defaults\n  mode http\n  timeout connect 5s\n  timeout client 30s\n  timeout server 30s\n"
        "frontend shop\n  bind 127.0.0.1:{port}\n  default_backend service\n"
        "backend service\n  server one 127.0.0.1:{backend}\n",
    ),
    "caddy": (
        ("caddy", "run", "--adapter", "caddyfile", "--config", "{folder}/proxy.conf"),
        "{{\n  admin off\n}}\nhttp://127.0.0.1:{port} {{\n  reverse_proxy 127.0.0.1:{backend}\n}}\n",
    ),
}
"""By name how a proxy is started, and its configuration, which says no more than where to listen and where to send to."""

BEHIND = (("flask", "nginx"), ("express", "haproxy"), ("php", "caddy"))
