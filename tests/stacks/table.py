"""The stacks: how each is started, the mistakes that it can make, and what is truly wrong with the careful one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from trackfox_contract.judgement.evidence import Finding

HERE = Path(__file__).parent
SHOPS = HERE / "shops.json"
_PYTHON = "{here}/.venv/bin/"


@dataclass(frozen=True)
class Truth:
    """Findings about a careful service that are true, and stay.

    Attributes:
        clause_id: the clause that they are about.
        case: words, or a pattern, of what was special about the request.
        why: the framework's reason.
        came: how the answers begin.
        sent: a pattern of the request, as its curl command has it.
    """

    clause_id: str
    case: str
    why: str
    came: str = ""
    sent: str = ""

    def tells(self, finding: Finding) -> bool:
        """Whether a finding is one of these; a wrong status breaks `error.status` as well."""
        return (
            finding.clause_id in (self.clause_id, "error.status")
            and re.search(self.case, finding.case) is not None
            and finding.came.startswith(self.came)
            and re.search(self.sent, finding.curl) is not None
        )


@dataclass(frozen=True)
class Stack:
    """One service.

    Attributes:
        command: starts it; `{port}`, `{here}` and `{folder}` (a temporary one) are filled in.
        needs: executables, or paths beside this file, that must be there.
        mistakes: by the value of MISTAKE, the clause that it breaks.
        true: what is found on the careful one, and stays.
        unlike: the silences that it reads as no reading of the mock has it.
        build: what has to be run before.
        beside: what else a mistake shows, by its framework's default.
    """

    command: tuple[str, ...]
    needs: tuple[str, ...]
    mistakes: Mapping[str, str]
    true: tuple[Truth, ...] = ()
    unlike: frozenset[str] = frozenset()
    build: tuple[tuple[str, ...], ...] = ()
    beside: tuple[Truth, ...] = ()


_DEEP = "the framework's JSON parser is the standard library's, which is recursive: RecursionError is no error that it expects, so 500"
_DEEP_PYTHON = (Truth("body.object", "lists|objects, open", _DEEP, "500"), Truth("error.status", "deep", _DEEP, "500"))
_DEEPER = "msgspec's RecursionError is no error that Litestar expects, so 500"
_SURROGATE = "json.loads makes half a character of \\ud800, which sqlite3 cannot write as UTF-8: UnicodeEncodeError, so 500"
_NO_UTF8 = "msgspec's UnicodeDecodeError is no error that Litestar expects, so 500"
_LENIENT_RUBY = (
    Truth("body.object", "comment", "Ruby's JSON takes comments"),
    Truth("body.object", "^a (bad escape|lone backslash) in", "Ruby's JSON takes a backslash that escapes nothing"),
)
_JACKSON = ":".join(f"/usr/share/java/jackson-{part}.jar" for part in ("annotations", "core", "databind"))

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
        (Truth("email.valid", "^email is 'Customer <", "pydantic's EmailStr takes an address with a name before it"),),
        beside=(
            Truth("error.status", "surrogate|1e400", "FastAPI's own 422 repeats what came, which JSON may not hold", "500"),
        ),
    ),
    "flask": Stack(
        (_PYTHON + "gunicorn", "service:app", "-b", "127.0.0.1:{port}", "--threads", "4", "--log-level", "error"),
        (".venv",),
        {"nocase": "match.exact", "split": "auth.malformed", "bool": "revenue.positive-integer", "race": "endpoint"},
        (
            *_DEEP_PYTHON,
            Truth("error.status", "(_id): (a|two) lone surrogate", _SURROGATE, "500"),
            Truth("error.status", "an odd id", _SURROGATE, "500", r"(?i)\\ud[89a-f]"),
        ),
    ),
    "django": Stack(
        (_PYTHON + "gunicorn", "service:application", "-b", "127.0.0.1:{port}", "--threads", "4"),
        (".venv",),
        {"coerced": "revenue.positive-integer", "trimmed": "match.exact", "optional": "field.required"},
        _DEEP_PYTHON,
        frozenset({"error-body", "transport"}),
    ),
    "php": Stack(
        ("php", "-d", "log_errors=0", "-S", "127.0.0.1:{port}", "service.php"),
        ("php",),
        {"numeric": "revenue.positive-integer", "any-token": "auth.website", "like": "match.exact"},
        unlike=frozenset({"transport"}),
    ),
    "sinatra": Stack(
        ("ruby", "service.rb", "-q"),
        ("ruby", "/usr/share/rubygems-integration/all/specifications"),
        {"to_i": "revenue.positive-integer", "starts-with": "auth.invalid", "casecmp": "match.exact"},
        _LENIENT_RUBY,
        beside=(Truth("revenue.positive-integer", r"^revenue is", "to_i is no method of lists and objects, so 500", "500"),),
    ),
    "go": Stack(
        ("{folder}/service",),
        ("go",),
        {"decoder": "body.object", "trim-prefix": "auth.malformed", "fold": "auth.invalid"},
        build=(("go", "build", "-o", "{folder}/service", "service.go", "shops.go"),),
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
        (
            Truth(
                "error.status",
                "^Content-Encoding: '(gzip|br)'",
                "Koa's body parser does not expect zlib's error at a body that is no gzip, so 500",
                "500",
            ),
        ),
    ),
    "litestar": Stack(
        (_PYTHON + "uvicorn", "service:app", "--port", "{port}", "--log-level", "warning"),
        (".venv",),
        {"zero": "revenue.positive-integer", "search": "email.valid", "created": "success.status"},
        (
            Truth("body.object", "lists|objects, open", _DEEPER, "500"),
            Truth("error.status", "deep", _DEEPER, "500"),
            Truth("error.status", "not UTF-8|over-long UTF-8|surrogate", _NO_UTF8, "500"),
            Truth(
                "revenue.positive-integer",
                r'^revenue is "\d+"',
                "Litestar has msgspec convert texts to numbers, by default",
            ),
        ),
    ),
    "rack": Stack(
        ("puma", "-b", "tcp://127.0.0.1:{port}", "-e", "production", "-q", "config.ru"),
        ("ruby", "puma"),
        {"lines": "email.valid", "numeric": "revenue.positive-integer", "token-website": "auth.website"},
        _LENIENT_RUBY,
    ),
    # The last three were written when the four before them were known, and again without a look at the check.
    "java": Stack(
        ("java", "-cp", f"{_JACKSON}:built", "Service"),
        ("java", "java/built/Service.class", "/usr/share/java/jackson-databind.jar"),
        {"coerced": "revenue.positive-integer", "find": "email.valid", "ignore-case": "match.exact"},
    ),
    "nestjs": Stack(
        ("node", "built/service.js"),
        ("node", "nestjs/built/service.js"),
        {"implicit": "revenue.positive-integer", "split": "auth.malformed", "created": "success.status"},
        (
            Truth("error.status", "email: .*surrogate", "validator.js gives the address to encodeURI: URIError, so 500", "500"),
            Truth("error.status", "deep", "class-transformer is recursive: RangeError, so 500", "500"),
        ),
    ),
    "next": Stack(
        ("env", "NEXT_TELEMETRY_DISABLED=1", "{here}/node_modules/.bin/next", "start", "-p", "{port}", "-H", "127.0.0.1"),
        ("node", "next/.next/BUILD_ID"),
        {"coerced": "revenue.positive-integer", "trim": "match.exact", "no-await": "match.session"},
        unlike=frozenset({"transport"}),
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
