"""`trackfox-mock verify`: what it prints, what it writes, how it ends."""

from __future__ import annotations

import contextlib
import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner

from tests.services.service import SHOPS, Service
from tests.services.wrong import WRONG
from trackfox_contract.commands.verify import verify
from trackfox_contract.suite.storage import nothing_left_behind
from trackfox_mock import load_fixtures, running

STORAGE = "HYPOTHESIS_STORAGE_DIRECTORY"
OTTER = str(SHOPS["shop_otter"]["token"])


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "NO_COLOR": "1", "OTTER_TOKEN": OTTER, **environment}
    command = [sys.executable, "-m", "trackfox_mock", "verify", "--budget", "quick", *arguments]
    return subprocess.run(command, capture_output=True, text=True, env=environ, timeout=120, check=False)


@pytest.fixture
def fixtures(tmp_path: Path) -> Path:
    """The shops of the correct service as a file, one token taken from the environment."""
    websites = [
        {
            "website_id": website_id,
            "api_token": "${OTTER_TOKEN}" if shop["token"] == OTTER else shop["token"],
            "sessions": [{"session_id": session, "visitor_id": visitor} for session, visitor in shop["events"]],
        }
        for website_id, shop in SHOPS.items()
    ]
    path = tmp_path / "shops.json"
    path.write_text(json.dumps({"websites": websites}))
    return path


def test_a_service_that_keeps_its_word_passes_and_every_file_is_written(fixtures: Path, tmp_path: Path) -> None:
    report, junit, page, summary = (tmp_path / name for name in ("a.json", "a.xml", "a.html", "a.md"))
    service = Service()
    with running(service) as url:
        files = ("--json", str(report), "--junit", str(junit), "--html", str(page))
        done = run(url, "--fixtures", str(fixtures), "--allow-writes", *files, GITHUB_STEP_SUMMARY=str(summary))
    assert done.returncode == 0, done.stdout + done.stderr
    ledger = json.loads(report.read_text())
    assert {row["id"]: row["verdict"] for row in ledger["clauses"]}["match.exact"] == "kept"
    assert ledger["payments"] == len(service.payments)
    assert {"200", "400", "401", "404"} <= set(ledger["statuses"])
    assert {case.get("name") for case in ET.parse(junit).iter("testcase")} == {row["id"] for row in ledger["clauses"]}  # noqa: S314 - written by us
    assert "<code>match.exact</code>" in page.read_text()
    assert "| `match.exact` |" in summary.read_text()


def at_a_terminal(folder: Path, *arguments: str, interrupt_at: bytes = b"never") -> tuple[int, str, str]:
    """Run `verify` with a terminal as its standard error.

    Returns:
        The exit code, what it printed, and what the terminal got. Ctrl-C is pressed when that has `interrupt_at` in it,
        and a moment later it comes once more, as it does from npm.
    """
    terminal, its_end = pty.openpty()
    command = [sys.executable, "-m", "trackfox_mock", "verify", *arguments]
    # As users have it: the tests name a folder for Hypothesis, and where nobody does, it has to find one.
    environ = {name: value for name, value in os.environ.items() if name != STORAGE}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=its_end, cwd=folder, text=True, env=environ
    ) as process:
        os.close(its_end)
        shown = b""
        with contextlib.suppress(OSError):  # reading from a terminal whose other end is closed is an error
            while part := os.read(terminal, 4096):
                shown += part
                if interrupt_at in shown:
                    process.send_signal(signal.SIGINT)
                    time.sleep(0.005)
                    process.send_signal(signal.SIGINT)
                    interrupt_at = b"never"
        os.close(terminal)
        printed, _ = process.communicate()
    return process.returncode, printed, shown.decode()


@pytest.mark.slow
def test_a_terminal_is_told_how_far_it_is_in_the_words_of_the_contract(tmp_path: Path) -> None:
    code, printed, shown = at_a_terminal(tmp_path, "--budget", "quick")
    assert code == 0, printed
    assert re.search(r"\[#+\.+\] [\d,]+ requests  about \d+ s left .*auth\.invalid: a token that does not exist", shown)
    assert "test_" not in shown
    assert list(tmp_path.iterdir()) == []


def test_ctrl_c_tells_what_was_known_by_then(tmp_path: Path) -> None:
    code, printed, shown = at_a_terminal(tmp_path, "--budget", "thorough", interrupt_at=b"auth.invalid: ")
    assert code == 130
    assert printed.startswith("Interrupted; this is what was known by then:")
    assert re.search(r"kept +\d+ +auth\.missing", printed)
    assert "Traceback" not in printed + shown
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_is_quick_comes_before_what_is_generated() -> None:
    command = [sys.executable, "-m", "pytest", "contract_tests", "--collect-only", "-q"]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()
    tests = [line.rpartition("::")[2] for line in listed if "::" in line]
    assert tests.index("test_a_long_run_ends_as_it_began") > tests.index("test_many_errors_change_nothing")
    assert tests.index("test_no_writing_of_a_valid_body_matters") > tests.index("test_many_errors_change_nothing")


@pytest.mark.slow
def test_a_broken_clause_is_shown_with_a_request_and_without_a_token(fixtures: Path, tmp_path: Path) -> None:
    report = tmp_path / "ledger.json"
    with running(WRONG["APrefixOfTheToken"][1]()) as url:
        done = run(url, "--fixtures", str(fixtures), "--allow-writes", "--json", str(report))
    assert done.returncode == 1
    assert "The service accepts what breaks auth.invalid" in done.stdout
    # The plainest of the tokens that were taken: its first letter alone, which gives nothing away.
    assert "Authorization: Bearer t' " in report.read_text()
    written = done.stdout + done.stderr + report.read_text()
    assert not [shop["token"] for shop in SHOPS.values() if shop["token"] in written]


@pytest.mark.slow
def test_safe_mode_creates_nothing_and_says_what_it_left_out(fixtures: Path) -> None:
    service = Service()
    with running(service) as url:
        done = run(url, "--fixtures", str(fixtures))
    assert done.returncode == 0, done.stdout + done.stderr
    assert service.payments == []
    assert "needs --allow-writes" in done.stdout


def test_a_service_that_does_not_know_the_fixtures_is_inconclusive(fixtures: Path) -> None:
    service = Service()
    service.shops = {}
    with running(service) as url:
        done = run(url, "--fixtures", str(fixtures), "--allow-writes")
    assert done.returncode == 4
    assert "does not know the token of the fixtures" in done.stdout + done.stderr


def test_a_wrong_base_path_is_inconclusive_without_writes_too(fixtures: Path) -> None:
    with running(Service()) as url:
        done = run(f"{url}/shop", "--fixtures", str(fixtures))
    assert done.returncode == 4
    assert "the URL has to be the base URL, without the path of the endpoint" in done.stdout + done.stderr


def test_nobody_there_is_inconclusive(fixtures: Path) -> None:
    done = run("http://127.0.0.1:9", "--fixtures", str(fixtures))
    assert done.returncode == 4
    assert "cannot be reached" in done.stdout + done.stderr


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["ftp://127.0.0.1"], "expected the service's base URL"),
        (["http://127.0.0.1:1"], "--fixtures is missing"),
        (
            ["https://shop.example/x/api/v1/attribute-payment/"],
            "the base URL that /api/v1/attribute-payment is added to",
        ),
        (["--budget", "endless"], "'endless' is not one of"),
    ],
)
def test_wrong_usage_is_a_sentence(arguments: list[str], sentence: str) -> None:
    result = CliRunner().invoke(verify, arguments)
    assert result.exit_code == 2
    assert sentence in result.output


def test_a_file_that_is_wrong_is_code_3_and_the_help_says_so() -> None:
    done = run("http://127.0.0.1:9", "--fixtures", "nowhere.yaml")
    assert done.returncode == 3
    assert "nowhere.yaml" in done.stderr
    assert "3 a file is wrong" in " ".join(CliRunner().invoke(verify, ["--help"]).output.split())


def test_where_hypothesis_writes_is_gone_afterwards_unless_the_user_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(STORAGE)
    with nothing_left_behind():
        folder = Path(os.environ[STORAGE])
        assert folder.is_dir()
    assert not folder.exists()
    assert STORAGE not in os.environ
    monkeypatch.setenv(STORAGE, str(tmp_path))
    with nothing_left_behind():
        assert os.environ[STORAGE] == str(tmp_path)
    assert tmp_path.is_dir()


@pytest.mark.slow
def test_nobody_tries_every_character_to_know_which_utf_8_can_write(fixtures: Path, tmp_path: Path) -> None:
    with running(Service()) as url:
        settings = ("--fixtures", str(fixtures), "--allow-writes", "--budget", "standard")
        done = run(url, *settings, **{STORAGE: str(tmp_path / "hypothesis")})
    assert done.returncode == 0, done.stdout + done.stderr
    found_out = [file.name for file in (tmp_path / "hypothesis" / "unicode_data").glob("*/*")]
    assert found_out == ["charmap.json.gz"]  # and not codec-v2-utf-8.json.gz, which takes more than a second


def test_init_prints_fixtures_that_can_be_loaded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRACKFOX_API_TOKEN", "tf_secret")
    path = tmp_path / "mine.yaml"
    path.write_text(CliRunner().invoke(verify, ["--init"]).output)
    assert [website.api_token for website in load_fixtures([path])] == ["tf_secret"]
