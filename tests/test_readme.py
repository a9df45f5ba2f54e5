"""The README's screen is what the command prints."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

from tests.conftest import KITES_TOKEN, LAMPS, LAMPS_TOKEN, Serve

PAID = LAMPS | {"revenue": 12950}
README = (Path(__file__).parent.parent / "README.md").read_text(encoding="utf-8")


def test_the_screen_is_what_three_requests_and_a_repeated_one_print(serve: Serve) -> None:
    screen = next(
        block for block in re.findall(r"^```\n(.*?)^```$", README, re.DOTALL | re.MULTILINE) if "ready on" in block
    )
    with serve() as served:
        served.post(PAID, token=LAMPS_TOKEN)
        served.post(PAID | {"revenue": 29.99}, token=LAMPS_TOKEN)
        served.post(PAID, token=KITES_TOKEN)
        served.post(PAID, token=LAMPS_TOKEN)
        printed = [*served.first_lines, *served.lines_until("advice")]
    assert [without_time(line.replace(served.url, "http://127.0.0.1:4012")) for line in printed] == [
        without_time(line) for line in screen.splitlines()
    ]


def without_time(line: str) -> str:
    return re.sub(r"^\d\d:\d\d:\d\d", "", line)


def test_all_ten_mistakes_are_in_the_table() -> None:
    assert README.count("| 10. ") == 1


def test_the_four_lines_are_a_test_that_passes(tmp_path: Path) -> None:
    page = (Path(__file__).parent.parent / "docs" / "pytest.md").read_text(encoding="utf-8")
    (shop,) = re.findall(r"^```python\n# shop.py\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    (tmp_path / "shop.py").write_text(shop)
    (test,) = re.findall(r"^```python\n(.*?)^```$", README, re.DOTALL | re.MULTILINE)
    (tmp_path / "test_shop.py").write_text(test)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q"], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout
    assert "1 passed" in done.stdout
