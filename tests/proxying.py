"""What the tests of `trackfox-mock proxy` share: a proxy, the services that it stands before, and payments."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2

from tests.conftest import ENDPOINT, LAMPS, LAMPS_TOKEN
from trackfox_contract.oracle.document import Document
from trackfox_contract.oracle.known import KnownWebsites
from trackfox_contract.proxy.relay import Relay
from trackfox_contract.proxy.upstream import Upstream
from trackfox_mock import World, create_app, running
from trackfox_mock.assets import fixtures_path


@contextmanager
def proxied(url: str, **options: Any) -> Iterator[tuple[str, World]]:
    """A proxy before a service: its address, and the world that it writes into."""
    world = World()
    known = KnownWebsites(Document.of(world.api), world.fixtures)
    timeout = options.pop("timeout", 5.0)
    relay = Relay(world, known, Upstream(url, timeout=timeout), **options)
    with running(create_app(world, answering=relay)) as base_url:
        yield base_url, world


def pay(url: str, body: object = None, *, token: str = LAMPS_TOKEN, headers: dict[str, str] | None = None, **fields: Any
        ) -> httpx2.Response:  # fmt: skip
    """Send a payment of Lumen Lamps, with other fields."""
    content = body if isinstance(body, bytes) else json.dumps(LAMPS | fields).encode()
    sent = {"authorization": f"Bearer {token}", "content-type": "application/json", **(headers or {})}
    return httpx2.post(url + ENDPOINT, content=content, headers=sent, timeout=20)


Upstreams = Callable[..., str]


@contextmanager
def upstreams() -> Iterator[Upstreams]:
    """Starts services made of bytes, each of which reads a request, sends its pieces, and is told by its address."""
    listeners: list[socket.socket] = []

    def serve(*pieces: bytes, hold: bool = False, endless: bool = False) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                    while endless:
                        connection.sendall(pieces[-1])
                    if hold:
                        connection.recv(1)
                except OSError:
                    pass

        threading.Thread(target=answer, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for listener in listeners:
        listener.close()


@contextmanager
def proxy_command(
    url: str, folder: Path, *options: str, **env: str
) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
    """`trackfox-mock proxy URL --port 0` and more options, in a folder: the process, its address and what it said."""
    arguments = ["proxy", url, "--port", "0", "--fixtures", str(fixtures_path()), *options]
    process = subprocess.Popen([sys.executable, "-m", "trackfox_mock", *arguments], cwd=folder, text=True,
                               env={**os.environ, **env}, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)  # fmt: skip
    with process:
        assert process.stdout is not None
        lines: list[str] = []
        try:
            for line in process.stdout:
                lines.append(line)
                if line.startswith("trackfox-mock ready on "):
                    break
            yield process, lines[-1].split()[-1], lines
        finally:
            process.terminate()
            process.wait(20)
