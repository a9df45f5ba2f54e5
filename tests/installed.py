"""The package as its users have it: one wheel, and one environment that has it, made once for all workers."""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent


def shared(factory: pytest.TempPathFactory) -> Path:
    """A folder that all workers of this run have in common."""
    own = factory.getbasetemp()
    return own.parent if "PYTEST_XDIST_WORKER" in os.environ else own


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Only one worker at a time is in this block."""
    with file.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = shared(tmp_path_factory) / "wheel"
    with locked(folder.with_suffix(".lock")):
        if not folder.exists():
            subprocess.run([sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", folder, ROOT], check=True)
    (built,) = folder.glob("trackfox_mock-*.whl")
    return built


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, wheel: Path) -> Path:
    """The commands of an environment that has the wheel with its extras, and what the pages say to install."""
    environment = shared(tmp_path_factory) / "installed"
    with locked(environment.with_suffix(".lock")):
        if not (environment / "made").exists():
            subprocess.run([sys.executable, "-m", "venv", "--clear", environment], check=True)
            wanted = [f"{wheel}[contract,webhooks]", "httpx2"]
            subprocess.run([environment / "bin" / "pip", "install", "-q", *wanted], check=True)
            (environment / "made").touch()
    return environment / "bin"


def layer(commands: Path, folder: Path) -> Path:
    """The commands of an environment on top of another: it has what that has, and pip leaves that as it is."""
    subprocess.run([sys.executable, "-m", "venv", folder], check=True)
    (below,) = commands.parent.glob("lib/python*/site-packages")
    (own,) = folder.glob("lib/python*/site-packages")
    (own / "below.pth").write_text(f"{below}\n", encoding="utf-8")
    return folder / "bin"
