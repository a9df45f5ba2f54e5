"""Bytes to a server and back, without a client in between that would mend them."""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import httpx2
import orjson
import psutil

from tests.conftest import ENDPOINT, TOKEN, VALID

BODY = orjson.dumps(VALID)
PARSERS = ("httptools", "h11")

# h11 serves where httptools is not installed; a None among the modules has the same effect.
_START = {
    "httptools": "from trackfox_mock.cli import main; main()",
    "h11": "import sys; sys.modules['httptools'] = None; from trackfox_mock.cli import main; main()",
}


def post(
    *fields: bytes,
    body: bytes = BODY,
    target: bytes = ENDPOINT.encode(),
    method: bytes = b"POST",
    version: bytes = b"HTTP/1.1",
    host: Sequence[bytes] = (b"Host: localhost",),
    authorization: bytes | None = b"Bearer " + TOKEN.encode(),
    length: bytes | None = None,
) -> bytes:
    """A payment as bytes; a body in chunks is given with its chunks."""
    head = [b"%b %b %b" % (method, target, version), *host, b"Content-Type: application/json"]
    if authorization is not None:
        head.append(b"Authorization: " + authorization)
    head += fields
    if not any(field.lower().startswith(b"transfer-encoding") for field in fields):
        head.append(b"Content-Length: " + (b"%d" % len(body) if length is None else length))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def chunked(*pieces: bytes, trailer: bytes = b"") -> bytes:
    """A body in chunks, with trailer fields."""
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n" + trailer + b"\r\n"


@dataclass
class Heard:
    """What came back: the statuses in their order, whether the connection was closed, and all of the bytes."""

    statuses: tuple[int, ...]
    is_closed: bool
    raw: bytes


_ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n")


def hear(address: tuple[str, int], *pieces: bytes, expected: int = 1, patience: float = 0.4) -> Heard:
    """Send pieces over one connection, and listen until it is closed, or as many answers as expected have come.

    `patience` is in seconds: how long to go on listening when they have.
    """
    with socket.create_connection(address, timeout=10) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sender = threading.Thread(target=_send, args=(connection, pieces))
        sender.start()
        raw, is_closed = _listen(connection, expected, patience)
        connection.close()
        sender.join()
    return Heard(tuple(int(status) for status in _ANSWER.findall(raw)), is_closed, raw)


def _send(connection: socket.socket, pieces: Sequence[bytes]) -> None:
    with contextlib.suppress(OSError):
        for piece in pieces:
            connection.sendall(piece)


def _listen(connection: socket.socket, expected: int, patience: float) -> tuple[bytes, bool]:
    raw = b""
    while True:
        if len(_ANSWER.findall(raw)) >= expected:
            connection.settimeout(patience)
        try:
            part = connection.recv(65536)
        except TimeoutError:
            return raw, False
        except OSError:
            return raw, True
        if not part:
            return raw, True
        raw += part


@dataclass
class Server:
    """A `trackfox-mock serve` in a process of its own, whose output goes to a file."""

    url: str
    parser: str
    process: subprocess.Popen[bytes]
    output: Path
    client: httpx2.Client

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens."""
        return "127.0.0.1", int(self.url.rpartition(":")[2])

    @property
    def resident(self) -> float:
        """Mebibytes of memory that it has."""
        return psutil.Process(self.process.pid).memory_info().rss / 1024 / 1024

    @property
    def descriptors(self) -> int:
        """How many files and sockets it has open."""
        return psutil.Process(self.process.pid).num_fds()

    @property
    def printed(self) -> str:
        """All that it printed, on standard output and standard error."""
        return self.output.read_text("utf-8", "surrogateescape")

    def pays(self) -> bool:
        """Whether an ordinary payment goes through."""
        return hear(self.address, post(b"Connection: close")).statuses == (200,)


@contextlib.contextmanager
def serving(folder: Path, parser: str = "httptools", *options: str, **env: str) -> Iterator[Server]:
    """The real server under one of the parsers, for as long as the block lasts."""
    output, port = folder / f"output-{parser}", folder / f"port-{parser}"
    command = [sys.executable, "-c", _START[parser], "serve", "--port", "0", "--port-file", str(port), *options]
    with output.open("wb") as file, httpx2.Client(timeout=20) as client:
        process = subprocess.Popen(
            command, stdout=file, stderr=subprocess.STDOUT, cwd=folder, env={**os.environ, **env}
        )
        try:
            yield Server(f"http://127.0.0.1:{_written(port, process)}", parser, process, output, client)
        finally:
            process.terminate()
            process.wait(10)


def _written(port: Path, process: subprocess.Popen[bytes]) -> int:
    wait = threading.Event()
    for _ in range(600):
        if port.exists() and (text := port.read_text()).endswith("\n"):
            return int(text)
        if process.poll() is not None:
            break
        wait.wait(0.05)
    raise AssertionError("the server did not start")
