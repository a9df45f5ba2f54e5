"""A short run of every target, the same each time: from its corpus, by as many inputs as take a second."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.fuzz.table import TARGETS

_ROOT = Path(__file__).resolve().parents[2]
_INPUTS = {"addresses": 5_000, "fault_words": 1_000, "yaml": 1_000, "requests": 1_000, "state_files": 300}
_FLAGS = ("-seed=1", "-max_len=2048", "-timeout=120", "-rss_limit_mb=0", "-verbosity=0")


def fuzz(name: str, folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    """Run a target in a process of its own; what it finds is written into the folder."""
    command = [sys.executable, "-m", "tests.fuzz", name, "--keep", str(folder), f"-artifact_prefix={folder}/", *flags]
    env = {**os.environ, "PYTHONHASHSEED": "0"}
    return subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=300, check=False, env=env)


@pytest.mark.slow
@pytest.mark.skipif(find_spec("atheris") is None, reason="fuzzing needs Atheris, on Linux: pip install atheris")
@pytest.mark.parametrize("name", TARGETS)
def test_inputs_that_coverage_suggests_keep_the_promise_of_their_target(name: str, tmp_path: Path) -> None:
    done = fuzz(name, tmp_path, f"-runs={_INPUTS.get(name, 100)}", *_FLAGS)
    assert done.returncode == 0, f"{done.stdout[-2000:]}\n{done.stderr[-4000:]}"


def test_who_has_no_atheris_is_told_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "atheris.py").write_text("raise ImportError")
    env = {**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{_ROOT}"}
    command = [sys.executable, "-m", "tests.fuzz", "yaml", "-runs=1"]
    done = subprocess.run(command, cwd=_ROOT, capture_output=True, text=True, timeout=60, check=False, env=env)
    assert (done.returncode, done.stderr) == (1, "Atheris is not installed; on Linux: pip install atheris\n")
