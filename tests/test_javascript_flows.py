"""The JavaScript flows pass their own tests, run as their users would: `trackfox-mock exec -- npm test`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

FLOWS = Path(__file__).parent.parent / "examples" / "javascript"
ENOUGH = (20, 15)  # zlib.crc32, for PayPal's signature


@pytest.fixture
def node() -> None:
    """Node and the packages, or a loud skip."""
    if shutil.which("npm") is None or shutil.which("node") is None:
        pytest.skip("Node.js is not installed; the JavaScript flows were not tested")
    version = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if tuple(map(int, re.findall(r"\d+", version)[:2])) < ENOUGH:
        pytest.skip(f"Node.js is {version}, and the JavaScript flows need 20.15; they were not tested")
    if not (FLOWS / "node_modules").is_dir():
        pytest.skip("the packages are missing, the JavaScript flows were not tested: cd examples/javascript && npm ci")


@pytest.mark.slow
@pytest.mark.usefixtures("node")
def test_the_javascript_flows_pass_their_tests_under_exec() -> None:
    commands = Path(sys.executable).parent
    done = subprocess.run(
        [commands / "trackfox-mock", "exec", "--strict", "--", "npm", "test"],
        cwd=FLOWS,
        env=os.environ | {"PATH": f"{commands}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "# fail 0" in done.stdout
    assert "# skipped 0" in done.stdout
