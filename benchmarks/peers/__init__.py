"""The same payments sent to other mocks, each in a pinned version, on one core like ours, with the same load generator.

They are installed by name into `.peers/` at the root, from npm and from PyPI. What does not install that way is not
measured: the npm package of MockServer downloads its server from elsewhere, and moto serves AWS only.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

import click

from benchmarks import proxy
from benchmarks.harness import Effort, Finding, interleaved, single
from benchmarks.servers import MOCK, CannotMeasureError, Served, load, serving

_HERE = Path(__file__).resolve().parent
_ROOT = _HERE.parent.parent
_INSTALLED = _ROOT / ".peers"
_DOCUMENT = str(_ROOT / "openapi.yaml")
_NPM = str(_INSTALLED / "node_modules" / ".bin")
_PYTHON = str(_INSTALLED / "venv" / "bin" / "python")


class Peer(NamedTuple):
    """Another mock: its name with its version, the command that serves, the packages, and the command of its proxy."""

    name: str
    command: tuple[str, ...]
    npm: tuple[str, ...] = ()
    pip: tuple[str, ...] = ()
    proxy: tuple[str, ...] = ()


def _node(script: str) -> tuple[str, ...]:
    return ("node", str(_INSTALLED / script), _DOCUMENT, "{port}")


PEERS = (
    Peer(
        "Prism 5.16.0",
        (f"{_NPM}/prism", "mock", "-p", "{port}", _DOCUMENT),
        npm=("@stoplight/prism-cli@5.16.0",),
        proxy=(f"{_NPM}/prism", "proxy", "-p", "{port}", _DOCUMENT, "{origin}"),
    ),
    Peer(
        "Mockoon 9.9.0",
        (f"{_NPM}/mockoon-cli", "start", "--disable-log-to-file", "--data", _DOCUMENT, "--port", "{port}"),
        npm=("@mockoon/cli@9.9.0",),
    ),
    Peer("Scalar 0.14.4", _node("scalar.mjs"), npm=("@scalar/mock-server@0.14.4", "@hono/node-server@1.19.9")),
    Peer("openapi-backend 5.21.2", _node("backend.mjs"), npm=("openapi-backend@5.21.2", "js-yaml@4.1.1")),
    Peer(
        "WireMock 3.13.2",
        (f"{_NPM}/wiremock", "--port", "{port}", "--root-dir", str(_HERE / "wiremock"), "--disable-banner"),
        npm=("wiremock@3.13.2",),
        proxy=(f"{_NPM}/wiremock", "--port", "{port}", "--proxy-all", "{origin}", "--disable-banner"),
    ),
    Peer(
        "Specmatic 2.55.3",
        (_PYTHON, str(_HERE / "specmatic_stub.py"), _DOCUMENT, "{port}"),
        pip=("specmatic==2.55.3",),
    ),
    Peer(
        "pytest-httpserver 1.2.0",
        (_PYTHON, str(_HERE / "httpserver.py"), "{port}"),
        pip=("pytest-httpserver==1.2.0",),
    ),
)


def measure(effort: Effort) -> Iterator[Finding]:
    """Requests a second and resident memory, beside ours in the same rounds."""
    _install()
    with ExitStack() as running:
        servers: dict[str, Served] = {}
        for name, command in {"ours": MOCK, **{peer.name: peer.command for peer in PEERS}}.items():
            try:
                servers[name] = running.enter_context(serving(command))
            except CannotMeasureError as problem:
                click.echo(f"{name} is left out: {problem}", err=True)

        def rate(served: Served) -> Callable[[], float]:
            return lambda: load(served, effort.seconds).rate

        level = {name: served.resident for name, served in servers.items()}
        rates = interleaved({name: rate(served) for name, served in servers.items()}, effort.rounds)
        for name, sample in rates.items():
            if name != "ours":
                yield Finding("peers", f"ours over {name}", rates["ours"].over(sample))
        for name, served in servers.items():
            yield Finding("peers", f"{name}: first answer after", single(served.started_in), "s")
            yield Finding("peers", f"{name}: resident after the start", single(level[name]), "MB")
    yield from _proxies(effort)


def _proxies(effort: Effort) -> Iterator[Finding]:
    """What each proxy adds to a call, in the same rounds."""
    samples = proxy.medians({"ours": proxy.OURS, **{peer.name: peer.proxy for peer in PEERS if peer.proxy}}, effort)
    for name in list(samples)[1:]:
        yield Finding("peers", f"{name}: its proxy adds at the median", proxy.added(samples, name), "ms")


def _install() -> None:
    """Install what is not there yet.

    Raises:
        CannotMeasureError: npm is not installed, or a package could not be.
    """
    if shutil.which("npm") is None:
        raise CannotMeasureError("npm, which installs the peers, is not there. On Debian: apt-get install npm")
    _INSTALLED.mkdir(exist_ok=True)
    (_INSTALLED / "package.json").write_text('{"private": true}\n', encoding="utf-8")
    for script in _HERE.glob("*.mjs"):
        shutil.copy(script, _INSTALLED)
    _run("npm", "install", "--no-audit", "--no-fund", *(package for peer in PEERS for package in peer.npm))
    if not Path(_PYTHON).exists():
        _run(sys.executable, "-m", "venv", str(_INSTALLED / "venv"))
    _run(_PYTHON, "-m", "pip", "install", "--quiet", *(package for peer in PEERS for package in peer.pip))


def _run(*command: str) -> None:
    done = subprocess.run(command, cwd=_INSTALLED, capture_output=True, text=True, check=False)  # noqa: S603 - see PEERS
    if done.returncode:
        raise CannotMeasureError(f"{' '.join(command)} failed: {(done.stderr.strip() or 'no reason given')[-300:]}")
