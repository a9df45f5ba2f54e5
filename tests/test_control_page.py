"""Every example of docs/control.md is run."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.conftest import needs
from trackfox_mock import FAULTS, World, create_app, running

PAGE = (Path(__file__).parent.parent / "docs" / "control.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def url() -> Iterator[str]:
    with running(create_app(World())) as url:
        yield url


@needs("bash")
@needs("curl")
def test_the_commands_of_the_page_work_one_after_the_other(url: str) -> None:
    commands = "\n".join(block for block in blocks("sh") if "$MOCK" in block)
    # A line between any two answers, so that each can be looked at.
    script = re.sub(r"^curl ", "echo; echo ---; curl ", commands, flags=re.MULTILINE)
    ended = subprocess.run(
        ["bash", "-c", script], env={"MOCK": url, "PATH": "/usr/bin:/bin"}, capture_output=True, text=True, check=True
    )
    answers = ended.stdout.split("\n---\n")[1:]
    assert len(answers) == commands.count("curl -s")
    assert not [answer for answer in answers if "/__admin/problems/" in answer]
    assert '"attributed"' in next(answer for answer in answers if '"wasMatched"' in answer)


def test_a_fresh_website_looks_as_on_the_page(url: str) -> None:
    shown = json.loads(blocks("json")[0])
    created: dict[str, Any] = httpx2.post(f"{url}/__admin/websites").json()
    assert created.keys() == shown.keys()
    assert created["sessions"][0].keys() == shown["sessions"][0].keys()
    assert len(created["api_token"]) == len(shown["api_token"])


def test_a_lost_acknowledgement_becomes_two_payments(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    (program,) = blocks("python")
    monkeypatch.setenv("MOCK", url)
    exec(compile(program, "docs/control.md", "exec"), {})  # noqa: S102 - our own page


def test_the_page_lists_every_fault() -> None:
    for name, meaning in FAULTS.items():
        assert f"| `fault={name}` | {meaning} |" in PAGE
