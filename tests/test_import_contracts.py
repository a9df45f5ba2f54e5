"""The import contracts hold, and can fail: a contract that passes whatever is written guards nothing."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LINT = Path(sys.executable).parent / "lint-imports"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project's packages and its import contracts, to be broken."""
    for home in ("mock_server", "contract_tests"):
        shutil.copytree(ROOT / home, tmp_path / home, ignore=shutil.ignore_patterns("__pycache__", "*.json"))
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    return tmp_path


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    homes = f"{folder / 'mock_server'}:{folder / 'contract_tests'}"
    return subprocess.run(
        [LINT, "--no-cache"], cwd=folder, env={"PYTHONPATH": homes}, capture_output=True, text=True, check=False
    )


DOOR = "trackfox_contract uses trackfox_mock through its public door alone"
FLOORS = "A room of trackfox_contract imports only from floors below its own"
SERVING = "Serving needs neither Schemathesis nor Hypothesis nor pytest"

FORBIDDEN = [
    ("contract_tests/trackfox_contract/oracle/oracle.py", "from trackfox_mock.decision import gates", DOOR),
    ("contract_tests/trackfox_contract/report/ledger.py", "import trackfox_mock.model", DOOR),
    ("contract_tests/trackfox_contract/request/call.py", "from trackfox_contract.engine import check", FLOORS),
    ("mock_server/trackfox_mock/decision/gates.py", "import hypothesis", SERVING),
    ("mock_server/trackfox_mock/model.py", "import trackfox_contract", "trackfox_mock never imports trackfox_contract"),
]


@pytest.mark.parametrize(("module", "line", "contract"), FORBIDDEN)
def test_a_forbidden_import_breaks_its_contract(copy: Path, module: str, line: str, contract: str) -> None:
    path = copy / module
    path.write_text(f"{path.read_text(encoding='utf-8')}\n{line}\n", encoding="utf-8")
    done = lint(copy)
    assert done.returncode == 1, done.stderr
    assert f"{contract} BROKEN" in " ".join(done.stdout.split())


def test_what_is_there_keeps_every_contract(copy: Path) -> None:
    done = lint(copy)
    assert done.returncode == 0, done.stdout + done.stderr
