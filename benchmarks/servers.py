"""Servers under test, each in a process of its own on one core, and the load that `wrk` puts on them from another."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import psutil

from benchmarks.baseline import PATH
from trackfox_mock.errors import TrackfoxMockError

TOKEN = "tf_live_lumen_7Qm2xV8dR4kT1cYp"  # noqa: S105 - of the built-in fixtures
BODY = (
    '{"session_id":"ses_lumen_grace","visitor_id":"vis_grace_0d15","website_id":"web_lumen_lamps",'
    '"revenue":9900,"email":"customer+%d@example.com"}'
)
BEARER = f"Bearer {TOKEN}"
MOCK = (sys.executable, "-m", "trackfox_mock", "serve", "--port", "{port}")
UVICORN = (sys.executable, "-m", "uvicorn", "--no-access-log", "--log-level", "warning", "--port", "{port}")
BASE = (*UVICORN, "benchmarks.baseline:BASE")
LIMIT = (*UVICORN, "--lifespan", "off", "benchmarks.baseline:LIMIT")

_ROOT = Path(__file__).resolve().parent.parent
_PAYMENT_LUA = Path(__file__).with_name("payment.lua")
_CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else []
_PATIENCE = 120.0

# What is installed has its bytecode on the disk; a checkout should have it from the second start on.
_ENVIRONMENT = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}


class CannotMeasureError(TrackfoxMockError):
    """Something that measuring needs is not there."""

    exit_code = 4


class Served(NamedTuple):
    """A running server: its port, its process, and the seconds from its spawn to its first answer."""

    port: int
    process: psutil.Process
    started_in: float

    @property
    def resident(self) -> float:
        """Resident memory in MB (10^6 bytes), with what the process started."""
        processes = [self.process, *self.process.children(recursive=True)]
        return sum(float(process.memory_info().rss) for process in processes) / 1e6

    @property
    def busy(self) -> float:
        """Seconds of processor time so far, without what other processes used that it started."""
        times = self.process.cpu_times()
        return float(times.user + times.system)


class Load(NamedTuple):
    """What wrk saw.

    `rate` is in requests a second, `cost` in microseconds of the server's processor time a request. `broken` counts
    connections that failed, `refused` answers that were no success; `p50` and `p99` are latencies in milliseconds.
    """

    requests: int
    rate: float
    cost: float
    broken: int
    refused: int
    p50: float
    p99: float


@contextlib.contextmanager
def serving(
    command: Sequence[str], environment: Mapping[str, str] | None = None, *, cwd: Path = _ROOT
) -> Iterator[Served]:
    """Start a server on the first core and wait for its first answer; `{port}` in the command is replaced.

    Raises:
        CannotMeasureError: it ended, or did not answer within two minutes.
    """
    port = free_port()
    arguments = [word.replace("{port}", str(port)) for word in command]
    began = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603 - commands of this package
        arguments,
        cwd=cwd,
        env={**_ENVIRONMENT, "PORT": str(port), **(environment or {})},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        if _CORES:
            os.sched_setaffinity(process.pid, _CORES[:1])
        wait_for_answer(port, process, arguments)
        yield Served(port, psutil.Process(process.pid), time.perf_counter() - began)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    with contextlib.suppress(psutil.NoSuchProcess):
        for child in psutil.Process(process.pid).children(recursive=True):
            child.terminate()
    process.terminate()
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_answer(port: int, process: subprocess.Popen[bytes], command: Sequence[str]) -> None:
    """Send a payment until something answers."""
    body = BODY.replace("%d", "0").encode()
    request = (
        f"POST {PATH} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: {BEARER}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    ).encode() + body
    deadline = time.monotonic() + _PATIENCE
    while time.monotonic() < deadline:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
            connection.sendall(request)
            if connection.recv(64).startswith(b"HTTP/1."):
                return
        if process.poll() is not None:
            break
        time.sleep(0.001)
    raise CannotMeasureError(f"{' '.join(command)} gave no answer; run it by hand to see why.")


def need_wrk() -> str:
    """Where wrk is.

    Raises:
        CannotMeasureError: it is not installed.
    """
    found = shutil.which("wrk")
    if found is None:
        raise CannotMeasureError(
            "wrk, the load generator, is not installed; nothing was measured. On Debian: apt-get install wrk"
        )
    return found


def load(
    served: Served,
    seconds: float,
    *,
    body: str = BODY,
    authorization: str | None = BEARER,
    connections: int = 16,
) -> Load:
    """Load a server from the last core.

    `%d` in the body becomes a number that goes round from 1 to 20,000. The e-mail is another in every load: the mock
    remembers 10,000 payments, and takes more time over one that it has seen before.
    """
    body = body.replace("customer+", f"customer+{time.monotonic_ns()}-")
    wrk = [need_wrk(), "-t1", f"-c{connections}", f"-d{max(1, round(seconds))}s", "-s", str(_PAYMENT_LUA)]
    pinned = ["taskset", "-c", str(_CORES[-1])] if len(_CORES) > 1 and shutil.which("taskset") else []
    headers = [] if authorization is None else [authorization]
    busy = served.busy
    done = subprocess.run(  # noqa: S603 - a command of this package
        [*pinned, *wrk, f"http://127.0.0.1:{served.port}{PATH}", "--", body, *headers],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise CannotMeasureError(f"wrk failed: {done.stderr.strip() or done.stdout.strip()}")
    seen = json.loads(done.stdout.splitlines()[-1])
    requests = max(1, seen["requests"])
    return Load(
        requests,
        requests / seen["seconds"],
        (served.busy - busy) / requests * 1e6,
        seen["broken"],
        seen["refused"],
        seen["p50"],
        seen["p99"],
    )
