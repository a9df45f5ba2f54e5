"""The commands of docs/state.md work as they stand."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import Serve
from tests.stores.test_state_file import kill
from tests.test_docs import ROOT, blocks

PAGE = ROOT / "docs" / "state.md"


def test_the_commands_of_the_page_work_in_the_order_in_which_they_stand(serve: Serve, tmp_path: Path) -> None:
    start, look = blocks(PAGE.read_text(encoding="utf-8"), "sh")
    assert start == "trackfox-mock serve --state state.db\n"
    with serve("--state", "state.db") as served:
        assert served.post(revenue=1234).status_code == 200
        kill(served)
    script = look.replace("trackfox-mock", f"{sys.executable} -m trackfox_mock")
    done = subprocess.run(["sh", "-e", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "1 payment" in done.stdout
    assert ",1234," in (tmp_path / "payments.csv").read_text()
    assert "1 payment" in done.stdout.splitlines()[-1]
