"""Every fenced block of README and docs is run as it stands, in order, in an environment that was only just made.

A block that cannot be run says why, in a comment above it. What a page takes for granted (your service, your
application) is put there by `stage`. Blocks in Python are run by the tests of their pages.
"""

from __future__ import annotations

import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.conftest import needs
from tests.installed import installed, layer, locked, shared, wheel
from trackfox_mock import create_app, load_fixtures, running
from trackfox_mock.world.world import World

__all__ = ["installed", "wheel"]

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]
_BLOCK = re.compile(
    r"^(?P<ends><!-- the tests end the server first -->\n)?"
    r"(?:<!-- not run by the tests: (?P<why>[^\n]+) -->\n)?```(?P<language>\w*)\n(?P<text>.*?)^```$",
    re.MULTILINE | re.DOTALL,
)
_SHOWN = {"", "json", "text", "yaml", "ini", "js", "python"}
"""Languages of blocks that show something: output, files, and code that other tests run."""


class Block(NamedTuple):
    """One fenced block."""

    language: str
    text: str
    why: str
    ends_the_server: bool


def blocks(page: Path) -> list[Block]:
    found = _BLOCK.finditer(page.read_text(encoding="utf-8"))
    return [Block(block["language"], block["text"], block["why"] or "", bool(block["ends"])) for block in found]


def commands(page: Path) -> list[Block]:
    return [block for block in blocks(page) if block.language == "sh" and not block.why]


def test_every_block_is_run_or_shows_something_or_says_why_not() -> None:
    for page in PAGES:
        for block in blocks(page):
            assert block.why or block.language in {"sh", *_SHOWN}, f"{page.name}: {block.text[:80]}"


STAGING = """\
websites:
  - website_id: web_staging
    api_token: ${STAGING_TOKEN}
    sessions:
      - {session_id: ses_staging_1, visitor_id: vis_staging_1}
      - {session_id: ses_staging_2, visitor_id: vis_staging_2}
"""
PAY = """
const { TRACKFOX_BASE_URL: base = 'https://trackfox.app', ...env } = process.env
const ids = { session_id: env.TRACKFOX_SESSION_ID, visitor_id: env.TRACKFOX_VISITOR_ID }
const body = { ...ids, website_id: env.TRACKFOX_WEBSITE_ID }
const headers = { Authorization: `Bearer ${env.TRACKFOX_API_TOKEN}`, 'Content-Type': 'application/json' }
const url = `${base}/api/v1/attribute-payment`
const sent = JSON.stringify({ ...body, revenue: 9900, email: 'ada@example.com' })
const { status } = await fetch(url, { method: 'POST', headers, body: sent })
if (status !== 200) throw new Error(`answered ${status}`)
"""


@pytest.fixture
def stage(tmp_path: Path) -> Path:
    """The folder in which a reader stands: a checkout, with an application and fixtures of theirs beside it."""
    checkout = tmp_path / "trackfox-mock"
    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    for name in filter(lambda name: (ROOT / name).is_file(), listed.splitlines()):
        (checkout / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, checkout / name)
    (checkout / "trackfox-mock").symlink_to(checkout)
    (checkout / "staging.yaml").write_text(STAGING)
    (checkout / "package.json").write_text(json.dumps({"type": "module", "scripts": {"test": "node pay.js"}}))
    (checkout / "pay.js").write_text(PAY)
    shutil.copy(checkout / "openapi.yaml", checkout / "my-openapi.yaml")
    (checkout / "readings.yaml").write_text("readings: {order: body-first}\n")
    return checkout


@contextmanager
def webhook_receiver() -> Iterator[None]:
    """An application of somebody's at http://localhost:3000 that takes every webhook."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 3000), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield
        server.shutdown()


@contextmanager
def staging_service(folder: Path) -> Iterator[str]:
    """A service that knows the websites of staging.yaml; where it is takes the place of https://staging.example."""
    with running(create_app(World(websites=load_fixtures([folder / "staging.yaml"])))) as url:
        yield url


def as_script(page: Path, staging: str) -> str:
    """The blocks of a page, one after the other; a server that is started stays until the next one."""
    # Job control gives every server a process group of its own, by which it is ended with all that it started.
    lines = [
        "set -eumo pipefail",
        "stop() { for job in $(jobs -p); do kill -- -$job || true; wait $job || true; done; }",
    ]
    lines.append("trap 'stop 2> /dev/null' EXIT")
    for number, block in enumerate(commands(page), 1):
        lines.append(f"echo '--- block {number}' >&2{'; stop 2> /dev/null' if block.ends_the_server else ''}")
        for line in re.split(r"\n(?!\s)", block.text.replace("https://staging.example", staging).rstrip()):
            serves = re.search(r"trackfox-mock (serve|proxy)\b", line) and not line.rstrip().endswith("&")
            lines.append(_in_background(line) if serves else line)
    return "\n".join(lines)


def _in_background(line: str) -> str:
    # The trap makes the group's shell wait for the server's end: when `stop` returns, its files and port are free.
    waiting = "until grep -q 'ready on' serve.log; do sleep 0.1; kill -0 $! ; done"
    return f"stop 2> /dev/null; rm -f serve.log; {{ trap : TERM; {line} ; }} > serve.log 2>&1 &\n{waiting}"


@pytest.fixture
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """The ports of the pages, 3000 and 4012, for one test at a time, whichever worker it runs in."""
    with locked(shared(tmp_path_factory) / "ports-of-the-pages.lock"):
        yield


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


@pytest.mark.slow
@needs("bash")
@needs("curl")
@needs("npm")
@pytest.mark.usefixtures("ports")
@pytest.mark.parametrize(
    "page", [page for page in PAGES if commands(page)], ids=lambda page: str(page.relative_to(ROOT))
)
def test_the_commands_of_a_page_work_as_pasted(
    page: Path, stage: Path, installed: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (is_free(4012) and is_free(3000)):
        pytest.skip("ports 4012 and 3000 are taken, and the pages use them")
    installs = any("pip install ./" in block.text for block in commands(page))
    path = layer(installed, tmp_path / "own") if installs else installed
    monkeypatch.setenv("STAGING_TOKEN", "tf_staging_token_1")
    with staging_service(stage) as staging, webhook_receiver():
        done = subprocess.run(
            ["bash", "-c", as_script(page, staging)],
            cwd=stage,
            env=os.environ | {"PATH": f"{path}:{os.environ['PATH']}", "BROWSER": "true"},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )
    assert done.returncode == 0, f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
