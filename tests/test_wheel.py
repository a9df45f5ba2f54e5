"""The wheel, installed beside a project whose own folders or modules have the likeliest names."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.installed import installed, wheel

__all__ = ["installed", "wheel"]

pytestmark = pytest.mark.slow

NAMES = ("mock_server", "contract_tests", "fixtures", "tests")
SHOP = """
import json, os, urllib.request

def pay(session):
    body = {
        "website_id": os.environ["TRACKFOX_WEBSITE_ID"], "session_id": session[0], "visitor_id": session[1],
        "revenue": 9900, "email": "ada@example.com",
    }
    call = urllib.request.Request(
        os.environ["TRACKFOX_BASE_URL"] + "/api/v1/attribute-payment", json.dumps(body).encode(),
        {"Authorization": "Bearer " + os.environ["TRACKFOX_API_TOKEN"], "Content-Type": "application/json"},
    )
    return urllib.request.urlopen(call).status

if __name__ == "__main__":
    import contract_tests, fixtures, mock_server, tests
    assert mock_server.OURS and contract_tests.OURS and fixtures.OURS and tests.OURS
    print("answered", pay((os.environ["TRACKFOX_SESSION_ID"], os.environ["TRACKFOX_VISITOR_ID"])))
"""
THEIR_TEST = """
import contract_tests, fixtures, mock_server, shop, tests

def test_a_payment_is_attributed(trackfox, monkeypatch):
    assert mock_server.OURS and contract_tests.OURS and fixtures.OURS and tests.OURS
    trackfox.setenv(monkeypatch)
    assert shop.pay((trackfox.session.session_id, trackfox.session.visitor_id)) == 200
    trackfox.assert_attributed_once(revenue=9900)
"""
SERVE = """
trackfox-mock serve --port 0 --port-file port > log & trap 'kill $!' EXIT
until [ -s port ]; do sleep 0.1; done
trackfox-mock ready --url http://127.0.0.1:$(cat port) --wait
bash -c "$(sed -n '/^  curl/,/}/p' log)"
"""


@pytest.fixture(params=["folders", "modules"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    """A shop that has folders, or modules, of the names that our repository has."""
    for name in NAMES:
        path = tmp_path / name / "__init__.py" if request.param == "folders" else tmp_path / f"{name}.py"
        path.parent.mkdir(exist_ok=True)
        path.write_text("OURS = True\n", encoding="utf-8")
    (tmp_path / "shop.py").write_text(SHOP, encoding="utf-8")
    (tmp_path / "test_shop.py").write_text(THEIR_TEST, encoding="utf-8")
    return tmp_path


def run(installed: Path, project: Path, script: str) -> str:
    """What a script prints that is run in the project, with the environment's commands and the project's modules."""
    environ = {"HOME": str(project), "PATH": f"{installed}:{os.environ['PATH']}", "PYTHONPATH": ".", "NO_COLOR": "1"}
    done = subprocess.run(
        ["bash", "-ec", script], cwd=project, env=environ, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_the_plugin_works_beside_them(installed: Path, project: Path) -> None:
    assert "1 passed" in run(installed, project, "python -m pytest -q test_shop.py")


def test_serve_works_beside_them(installed: Path, project: Path) -> None:
    assert run(installed, project, SERVE).endswith('{"message":"Payment event attributed successfully."}')


def test_exec_works_beside_them(installed: Path, project: Path) -> None:
    assert "answered 200" in run(installed, project, "trackfox-mock exec --strict -- python shop.py")


def test_verify_works_beside_them(installed: Path, project: Path) -> None:
    assert "Every checked clause was kept" in run(installed, project, "trackfox-mock verify --budget quick")


def test_nothing_else_is_installed_under_a_name_that_a_project_may_have(installed: Path) -> None:
    listed = subprocess.run(
        [installed / "pip", "show", "--files", "trackfox-mock"], capture_output=True, text=True, check=True
    )
    files = [line.strip() for line in listed.stdout.partition("Files:")[2].splitlines() if line.strip()]
    tops = {Path(file).parts[0] for file in files}
    assert {top for top in tops if top != ".." and not top.startswith("trackfox_mock-")} == {
        "trackfox_mock",
        "trackfox_contract",
    }
