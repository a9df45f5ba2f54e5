"""What the tests share: a world, a client for it, and a real server in a process of its own."""

from __future__ import annotations

import gc
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from tests.together import Together
from trackfox_mock import Decision, Request, World, create_app, running

# Hypothesis looks for constants in every module of a checkout. The commands that the tests start find what it found.
os.environ.setdefault("HYPOTHESIS_STORAGE_DIRECTORY", str(Path(__file__).parent.parent / ".hypothesis"))

ENDPOINT = "/api/v1/attribute-payment"

VALID: dict[str, Any] = {
    "session_id": "tf_session_id",
    "visitor_id": "tf_visitor_id",
    "website_id": "your_website_id",
    "revenue": 9900,
    "email": "customer@example.com",
}
TOKEN = "tf_your_api_token_here"

LAMPS: dict[str, Any] = {
    "session_id": "ses_lumen_ada_1",
    "visitor_id": "vis_ada_77b0",
    "website_id": "web_lumen_lamps",
    "revenue": 9900,
    "email": "ada@example.com",
}
LAMPS_TOKEN = "tf_live_lumen_7Qm2xV8dR4kT1cYp"
KITES_TOKEN = "tf_live_kites_Zb5nW0sG9hJ3fLuE"


def pytest_configure() -> None:
    """Heed Ctrl-C: a script that runs the tests in the background has it ignored, and what they start inherits that."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_finish() -> None:
    """What is imported by now stays: Python's collector need not walk through all of it again and again."""
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def pytest_xdist_auto_num_workers() -> int | None:
    """How many workers `-n auto` means: two more than cores, as a third of the tests' time is waiting for others.

    None leaves it to xdist, which reads the variable.
    """
    return None if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ else (os.cpu_count() or 1) + 2


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Together:
    """Have tests that share a browser, servers or ports run in one worker."""
    return Together(config, log)


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds; a minute is more than any machine needs."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.fixture
def world() -> World:
    """A mock with the built-in document and fixtures."""
    return World()


@pytest.fixture
def staging() -> Iterator[tuple[str, World]]:
    """A service that keeps the contract: its address, and what it knows."""
    world = World()
    with running(create_app(world)) as url:
        yield url, world


def request(
    body: object = None,
    /,
    *,
    token: str | None = TOKEN,
    authorization: str | None = None,
    content_type: str | None = "application/json",
    method: str = "POST",
    path: str = ENDPOINT,
    **fields: object,
) -> Request:
    """A request like the document's example, but for what is given. `bytes` are sent as they are."""
    raw = body if isinstance(body, bytes) else orjson.dumps(VALID | fields if body is None else body)
    headers = [(b"host", b"127.0.0.1:4012")]
    authorization = f"Bearer {token}" if authorization is None and token is not None else authorization
    if authorization is not None:
        headers.append((b"authorization", authorization.encode()))
    if content_type is not None:
        headers.append((b"content-type", content_type.encode()))
    return Request(method, path, headers, raw, b"", len(raw))


def without(field: str) -> dict[str, Any]:
    """The document's example without one field."""
    return {name: value for name, value in VALID.items() if name != field}


def decide(world: World, *args: Any, **fields: Any) -> Decision:
    """What a world decides about a request like the document's example."""
    return world.answer(request(*args, **fields)).decision


def status(world: World, *args: Any, **fields: Any) -> int:
    """The status it is answered with."""
    return decide(world, *args, **fields).reply.status


@dataclass
class Served:
    """A `trackfox-mock serve` in a process of its own."""

    url: str
    process: subprocess.Popen[str]
    first_lines: list[str]
    client: httpx2.Client

    def post(self, body: object = None, *, token: str = TOKEN, **fields: object) -> httpx2.Response:
        """Send a request like the document's example."""
        content = orjson.dumps(VALID | fields if body is None else body)
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return self.client.post(f"{self.url}{ENDPOINT}", content=content, headers=headers)

    def lines_until(self, pattern: str) -> list[str]:
        """Read what it prints until a line matches; fails the test when it ends before."""
        lines: list[str] = []
        assert self.process.stdout is not None
        for line in self.process.stdout:
            lines.append(line.rstrip("\n"))
            if re.search(pattern, line):
                return lines
        raise AssertionError(f"no line matched {pattern!r} in {lines}")


Serve = Callable[..., Any]


@pytest.fixture
def serve(tmp_path: Path) -> Serve:
    """Start `trackfox-mock serve --port 0` with more options, for as long as a `with` block lasts."""

    @contextmanager
    def start(*options: str, env: dict[str, str] | None = None) -> Iterator[Served]:
        process = subprocess.Popen(
            [sys.executable, "-m", "trackfox_mock", "serve", "--port", "0", *options],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=tmp_path,
            env={**os.environ, **(env or {})},
        )
        with process, httpx2.Client(timeout=10) as client:
            served = Served("", process, [], client)
            try:
                served.first_lines = served.lines_until(r"^trackfox-mock ready on ")
                served.url = served.first_lines[-1].removeprefix("trackfox-mock ready on ")
                yield served
            finally:
                process.terminate()
                process.wait(10)

    return start


def run_command(*arguments: str, cwd: Path | None = None, **env: str) -> subprocess.CompletedProcess[str]:
    """Run `trackfox-mock` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "trackfox_mock", *arguments],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        cwd=cwd,
        env={**os.environ, **env},
    )


def needs(program: str) -> pytest.MarkDecorator:
    """Skip, loudly, where a program is not installed."""
    return pytest.mark.skipif(shutil.which(program) is None, reason=f"{program} is not installed on this machine")
