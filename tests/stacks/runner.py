"""Starts a stack as its developers would, and waits until it answers."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path

from tests.stacks.table import HERE, PROXIES, SHOPS, STACKS, Stack

_SECONDS_TO_START = 60


class NotInstalledError(Exception):
    """What a stack is written with is not here; the text says how to get it."""


def demand_installed(stack: Stack) -> None:
    """Makes sure that a stack can be started.

    Raises:
        NotInstalledError: something that it needs is not installed.
    """
    absent = [name for name in stack.needs if not (shutil.which(name) or (HERE / name).exists())]
    if absent:
        raise NotInstalledError(f"{', '.join(absent)} is not here; tests/stacks/install (run by .ci/run) installs it")


@contextmanager
def running_stack(name: str, mistake: str = "", behind: str = "") -> Iterator[str]:
    """A stack on a free port; its base URL.

    Args:
        name: its folder.
        mistake: which of its mistakes it makes.
        behind: a proxy that stands before it, by name.

    Raises:
        NotInstalledError: something that it needs is not installed.
    """
    stack = STACKS[name]
    demand_installed(stack)
    with ExitStack() as running:
        folder = Path(running.enter_context(tempfile.TemporaryDirectory()))
        port = free_port()
        environment = {"PORT": str(port), "SHOPS": str(SHOPS), "MISTAKE": mistake, "BUILT": str(folder / "built")}
        for command in stack.build:
            subprocess.run(_filled(command, folder, port), cwd=HERE / name, check=True, env={**os.environ, **environment})
        running.enter_context(_process(_filled(stack.command, folder, port), HERE / name, environment, port))
        _warm_up(port)
        if behind:
            port = running.enter_context(_proxy(behind, folder, port))
        yield f"http://127.0.0.1:{port}"


@contextmanager
def _proxy(name: str, folder: Path, backend: int) -> Iterator[int]:
    port = free_port()
    command, configuration = PROXIES[name]
    text = configuration.format(port=port, backend=backend, folder=folder)
    (folder / "proxy.conf").write_text(text)
    with _process(_filled(command, folder, port, backend), folder, {"HOME": str(folder)}, port):
        yield port


def _filled(command: tuple[str, ...], folder: Path, port: int, backend: int = 0) -> list[str]:
    return [word.format(here=HERE, folder=folder, port=port, backend=backend, python=sys.executable) for word in command]


@contextmanager
def _process(command: list[str], folder: Path, environment: dict[str, str], port: int) -> Iterator[None]:
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, cwd=folder, env={**os.environ, **environment}, stdout=output, stderr=output, start_new_session=True
        )
        try:
            _wait(process, port, output)
            yield
        finally:
            _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(process.pid, 15)
        process.wait(5)
    except ProcessLookupError:
        pass
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)
        process.wait(5)


def _warm_up(port: int) -> None:
    """Has it answered once: some frameworks load a route when it is first asked for."""
    connection = HTTPConnection("127.0.0.1", port, timeout=_SECONDS_TO_START)
    connection.request("POST", "/api/v1/attribute-payment", b"{}", {"Content-Type": "application/json"})
    connection.getresponse().read()
    connection.close()


def _wait(process: subprocess.Popen[bytes], port: int, output: object) -> None:
    until = time.monotonic() + _SECONDS_TO_START
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as probe:
            probe.settimeout(1)
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    output.seek(0)  # type: ignore[attr-defined] # a temporary file has no name that is exported
    raise AssertionError(f"{process.args!r} does not listen:\n{output.read().decode()[-3000:]}")  # type: ignore[attr-defined] # the same


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
