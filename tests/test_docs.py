"""What README.md and docs/ show is what the code does."""

from __future__ import annotations

import re
import subprocess
import sys
import zipfile
from pathlib import Path
from types import FrameType

import pytest
import yaml

from docs.generate.pages import PAGES
from tests.conftest import KITES_TOKEN, LAMPS, LAMPS_TOKEN, request, run_command
from tests.installed import wheel
from trackfox_mock import FixturesError, Inputs, World, load_fixtures, load_readings
from trackfox_mock.document.service_registry import ServiceRegistry
from trackfox_mock.http.application import App
from trackfox_mock.http.connections.short_way import ShortWay

__all__ = ["wheel"]

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGE = ROOT / "docs" / "serve.md"


def blocks(page: str, language: str = "") -> list[str]:
    """The fenced blocks of a page in one language."""
    found = re.findall(r"^```(\w*)\n(.*?)^```$", page, re.DOTALL | re.MULTILINE)
    return [text for name, text in found if name == language]


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_what_a_program_writes_into_a_page_is_up_to_date(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    assert page == PAGES[path](page), "run: python -m docs.generate"
    assert KITES_TOKEN not in page


@pytest.mark.parametrize("path", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_that_a_program_writes_into_has_a_place_for_it(path: Path) -> None:
    page = path.read_text(encoding="utf-8")
    emptied = re.sub(r"(<!-- (?:\w+): .*? -->\n).*?(<!-- end of)", r"\1\2", page, flags=re.DOTALL)
    assert emptied != page
    assert PAGES[path](emptied) == page


def test_the_fixture_and_readings_files_of_the_page_can_be_served(tmp_path: Path) -> None:
    fixtures, readings, by_part = blocks(PAGE.read_text(encoding="utf-8"), "yaml")
    shop, read = tmp_path / "shop.yaml", tmp_path / "readings.yaml"
    shop.write_text(fixtures)
    read.write_text(by_part)
    assert load_readings(read).readings["email-edge.not-ascii"] == "accepted"
    read.write_text(readings)
    world = Inputs(fixtures=[shop], readings=read).world()
    assert [website.website_id for website in world.store.websites()] == ["shop"]
    assert load_readings(read).readings.reading("other-method") == ("404", "observed")
    # The error that the page shows is the one that a slip in this file gives.
    shop.write_text(fixtures.replace("visitor_id", "visitor"))
    with pytest.raises(FixturesError) as refused:
        load_fixtures([shop])
    shown = next(block for block in blocks(PAGE.read_text(encoding="utf-8")) if "shop.yaml" in block)
    assert shown == f"trackfox-mock: {refused.value}\n".replace(f"{tmp_path}/", "")


def test_the_script_of_the_page_waits_until_it_is_ready(tmp_path: Path) -> None:
    script = next(block for block in blocks(PAGE.read_text(encoding="utf-8"), "sh") if "--port-file" in block)
    command = Path(sys.executable).parent / "trackfox-mock"
    script = script.replace("trackfox-mock ", f"{command} ", 1).replace("\ntrackfox-mock ", f"\n{command} ")
    log = tmp_path / "log"
    with log.open("w") as output:
        done = subprocess.run(
            ["bash", "-c", f"trap 'kill $!' EXIT\n{script}"], cwd=tmp_path, stdout=output, timeout=30, check=False
        )
    assert done.returncode == 0
    assert "trackfox-mock is ready on http://127.0.0.1:" in log.read_text()


def test_every_flag_that_a_page_names_exists() -> None:
    commands = ["serve", "ready"]
    known = set(re.findall(r"--[a-z][a-z-]+", "".join(run_command(name, "--help").stdout for name in commands)))
    page = PAGE.read_text(encoding="utf-8")
    assert set(re.findall(r"--[a-z][a-z-]+", page)) <= known


def test_the_gate_runs_the_readmes_test_command() -> None:
    command = next(line for line in "".join(blocks(README, "sh")).splitlines() if "pytest" in line)
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8")


@pytest.mark.parametrize("package", ["mock_server/trackfox_mock", "contract_tests/trackfox_contract"])
def test_the_page_about_the_architecture_names_every_room(package: str) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    inside = (ROOT / package).iterdir()
    modules = {path.stem for path in inside if path.suffix == ".py" or (path / "__init__.py").exists()}
    assert {name for name in modules if f"`{name}`" not in page} <= {"__init__", "__main__"}


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_every_file_and_folder_that_a_page_for_who_changes_it_names_is_there(page: str) -> None:
    text = (ROOT / page).read_text(encoding="utf-8")
    found = re.findall(r"`([a-z_]+/[a-z_/]*(?:[a-z_]+\.[a-z]{2,4})?)`|\b([a-z_]+/[a-z_/]+\.py)\b", text)
    named = {quoted or drawn for quoted, drawn in found}
    assert len(named) > 5
    homes = [ROOT, ROOT / "mock_server" / "trackfox_mock", ROOT / "contract_tests" / "trackfox_contract"]
    assert {path for path in named if not any((home / path).exists() for home in homes)} == set()


def test_every_function_of_the_walk_is_there() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    named = re.findall(r"`(ShortWay|App|World|ServiceRegistry)\.(\w+)`", page)
    homes = {one.__name__: one for one in (ShortWay, App, World, ServiceRegistry)}
    assert len(named) > 6
    assert [f"{home}.{name}" for home, name in named if not hasattr(homes[home], name)] == []


def test_an_ordinary_request_passes_the_files_of_the_drawing_in_their_order() -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    drawn = list(dict.fromkeys(re.findall(r"[a-z]+/[a-z_]+\.py", blocks(page)[0])))
    passed: dict[str, None] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            passed["/".join(Path(frame.f_code.co_filename).parts[-2:])] = None

    app = App(World())
    sent = request(LAMPS, token=LAMPS_TOKEN)
    sys.setprofile(note)
    try:
        app.respond(sent, "here", lambda _reply, _beside: None)
    finally:
        sys.setprofile(None)
    assert [file for file in passed if file in drawn] == [file for file in drawn if file in passed]
    assert len([file for file in passed if file in drawn]) == 8


@pytest.mark.parametrize("package", ["mock_server/trackfox_mock", "contract_tests/trackfox_contract"])
def test_no_room_has_more_than_a_dozen_modules_and_each_says_what_it_is_for(package: str) -> None:
    for room in [path for path in (ROOT / package).rglob("*") if (path / "__init__.py").exists()]:
        modules = [file.name for file in room.glob("*.py") if file.name != "__init__.py"]
        assert len(modules) <= 12, (room, modules)
        assert (room / "__init__.py").read_text(encoding="utf-8").startswith('"""')


def test_every_link_in_a_page_leads_somewhere() -> None:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text(encoding="utf-8")):
            assert (page.parent / target).exists(), f"{page.name} links to {target}"


@pytest.mark.slow
def test_the_wheel_serves_outside_the_checkout(tmp_path: Path, wheel: Path) -> None:
    packed = zipfile.ZipFile(wheel).namelist()
    page = [name for name in packed if name.startswith("trackfox_mock/page/")]
    assert {name for name in page if not name.endswith(".gz")} == {name.removesuffix(".gz") for name in page}
    assert "trackfox_mock/page/index.html.gz" in page
    environment = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", environment], check=True)
    subprocess.run([environment / "bin" / "pip", "install", "-q", wheel], check=True)
    script = f"""
        set -e
        cd {tmp_path}
        venv/bin/trackfox-mock serve --port 0 --port-file port > log &
        trap 'kill $!' EXIT
        until [ -s port ]; do sleep 0.1; done
        venv/bin/trackfox-mock ready --url http://127.0.0.1:$(cat port) --wait
        bash -c "$(sed -n '/^  curl/,/}}/p' log)"
    """
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout.endswith('{"message":"Payment event attributed successfully."}'), done.stderr
    installed = subprocess.run(
        [environment / "bin" / "pip", "list", "--format=freeze"], capture_output=True, text=True, check=True
    )
    for heavy in ("schemathesis", "hypothesis", "pytest"):
        assert heavy not in installed.stdout.lower()


def test_the_changelog_keeps_its_form() -> None:
    changelog = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
    assert changelog.startswith("# Changelog\n")
    assert "## [Unreleased]" in changelog


def test_the_workflow_files_are_yaml() -> None:
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]:
        for block in blocks(page.read_text(encoding="utf-8"), "yaml"):
            assert yaml.safe_load(block) is not None
