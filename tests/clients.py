"""The real clients by which interception is proven, and what docs/intercept.md says of each."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

RUNTIMES = Path(__file__).parent / "runtimes"
_MODULES = RUNTIMES / "node_modules"


@dataclass(frozen=True)
class Client:
    """A client that calls the real host.

    `command` runs it, in `RUNTIMES`; `by` are the variables that it is caught by, and needs no other than these; none
    where it is not caught. `absent` says what is to be installed, if something is.
    """

    runtime: str
    name: str
    command: tuple[str, ...]
    by: tuple[str, ...]
    absent: str = ""

    @property
    def id(self) -> str:
        """What a test of it is called."""
        return f"{self.runtime}-{self.name}".replace(" ", "-")


def _absent(program: str, package: str) -> str:
    return "" if shutil.which(program) else f"{program} is not installed: apt-get install {package}"


_PROXY = ("HTTPS_PROXY", "SSL_CERT_FILE")
_PRELOADED = ("NODE_OPTIONS", "TRACKFOX_MOCK_INTERCEPTS", "NODE_EXTRA_CA_CERTS")
_PYTHON = {
    "urllib": _PROXY,
    "requests": ("HTTPS_PROXY", "REQUESTS_CA_BUNDLE"),
    "httpx": _PROXY,
    "httpx2": _PROXY,
    "aiohttp, trust_env=True": _PROXY,
    "aiohttp": (),
}
_CURL = """curl -sS -o /dev/null -w '%{http_code}' "${URL:-https://trackfox.app/api/v1/attribute-payment}" \\
  -H "Authorization: Bearer $TRACKFOX_API_TOKEN" -H "Content-Type: application/json" -d "{
    \\"session_id\\": \\"$TRACKFOX_SESSION_ID\\", \\"visitor_id\\": \\"$TRACKFOX_VISITOR_ID\\",
    \\"website_id\\": \\"$TRACKFOX_WEBSITE_ID\\", \\"revenue\\": 9900, \\"email\\": \\"ada@example.com\\"}" """


def _node() -> Iterator[Client]:
    programs = {"Node": "node", **{f"Node {major}": f"node-{major}" for major in (18, 22, 24)}}
    for runtime, name in programs.items():
        program = name if name == "node" else str(_MODULES / name / "bin" / "node")
        absent = ""
        if not shutil.which(program) or not _MODULES.exists():
            absent = f"{runtime} or its clients are not installed: npm ci in tests/runtimes"
        for client in ("fetch", "undici", "axios", "got", "node:https"):
            yield Client(runtime, client, (program, "pay.mjs", client), _PRELOADED, absent)


CLIENTS = [
    Client("curl", "curl", ("bash", "-c", _CURL), ("HTTPS_PROXY", "CURL_CA_BUNDLE"), _absent("curl", "curl")),
    *_node(),
    *(Client("Python", name, (sys.executable, "pay.py", name), by) for name, by in _PYTHON.items()),
    Client("PHP", "curl", ("php", "pay.php", "curl"), ("HTTPS_PROXY", "PHP_INI_SCAN_DIR"), _absent("php", "php-curl")),
    Client("PHP", "streams", ("php", "pay.php", "streams"), (), _absent("php", "php-cli")),
    Client(
        "Ruby", "net-http", ("ruby", "pay.rb", "net-http"), ("http_proxy", "SSL_CERT_FILE"), _absent("ruby", "ruby")
    ),
    Client(
        "Ruby",
        "faraday",
        ("ruby", "pay.rb", "faraday"),
        ("https_proxy", "SSL_CERT_FILE"),
        _absent("ruby", "ruby-faraday") or ("" if Path("/usr/share/doc/ruby-faraday").exists() else "ruby-faraday"),
    ),
    Client("Go", "net/http", ("go", "run", "pay.go"), _PROXY, _absent("go", "golang-go")),
    *(
        Client(
            "Java", name, ("java", "Pay.java", name), ("JAVA_TOOL_OPTIONS",), _absent("java", "default-jdk-headless")
        )
        for name in ("HttpClient", "HttpURLConnection")
    ),
]
