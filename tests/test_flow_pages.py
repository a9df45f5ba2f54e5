"""The pages in docs/flows/ show the code that the examples' tests run."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from docs.generate.flows import shown
from trackfox_mock import running

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs" / "flows").glob("*.md"))


def test_every_file_of_the_examples_is_shown_once() -> None:
    examples = [*(ROOT / "examples/python").glob("*.py"), *(ROOT / "examples/javascript").glob("*.js")]
    files = sorted(file for path in PAGES for file in shown(path.read_text(encoding="utf-8")))
    assert files == sorted(str(path.relative_to(ROOT)) for path in examples)


COMMANDS = [
    line
    for path in [*PAGES, ROOT / "docs" / "webhooks.md"]
    for line in path.read_text(encoding="utf-8").splitlines()
    if "trackfox-mock webhook" in line and "--to" in line
]


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_of_the_pages_are_accepted(command: str, tmp_path: Path) -> None:
    async def taken(_: Request) -> Response:
        return PlainTextResponse("kept")

    with running(Starlette(routes=[Route("/webhook", taken, methods=["POST"])])) as base_url:
        done = subprocess.run(
            ["bash", "-c", command.replace("http://localhost:3000", base_url)],
            cwd=tmp_path,
            env=os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
            capture_output=True,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count(': "kept"') == 2


def test_what_the_page_of_mistakes_quotes_is_what_its_tests_read() -> None:
    tests = (ROOT / "examples/python/tests/test_ten_mistakes.py").read_text(encoding="utf-8")
    quotations = re.findall("“([^”]+)”", (ROOT / "docs/mistakes.md").read_text(encoding="utf-8"))
    assert [words for words in quotations if words not in tests] == []
