from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.harness import Finding, Sample, interleaved, markdown_table, text_table
from benchmarks.page import page_text, write_page

ROOT = Path(__file__).parent.parent


def benchmarks(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = os.environ if path is None else {**os.environ, "PATH": path}
    command = [sys.executable, "-m", "benchmarks", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, timeout=120)


def test_every_contender_is_measured_once_a_round_after_a_warm_up_that_does_not_count() -> None:
    contenders = {"a": iter((0.0, 1.0, 2.0, 3.0)).__next__, "b": iter((10.0, 11.0, 12.0, 13.0)).__next__}
    samples = interleaved(contenders, rounds=3)
    assert samples == {"a": Sample((1.0, 2.0, 3.0)), "b": Sample((11.0, 12.0, 13.0))}


def test_a_ratio_is_taken_within_a_round() -> None:
    assert Sample((10.0, 90.0)).over(Sample((5.0, 30.0))) == Sample((2.0, 3.0))


@pytest.mark.parametrize(
    ("finding", "says"),
    [
        (Finding("load", "failures", Sample((0.0,)), at_most=0), "met"),
        (Finding("load", "failures", Sample((1.0,)), at_most=0), "not met"),
        (Finding("throughput", "valid", Sample((1.2, 1.6, 1.4)), at_least=1.3), "met"),
        (Finding("throughput", "valid", Sample((1.2, 1.6, 1.1)), at_least=1.3), "not met"),
    ],
)
def test_a_table_says_whether_the_median_meets_its_target(finding: Finding, says: str) -> None:
    assert text_table([finding]).splitlines()[1].endswith(f" x  {says}")
    assert markdown_table([finding]).splitlines()[2].endswith(f" x | {says} |")


@pytest.mark.skipif(shutil.which("wrk") is None, reason="wrk is not installed: apt-get install wrk")
@pytest.mark.parametrize(
    "subject",
    [
        "decision",
        "load",
        *(pytest.param(subject, marks=pytest.mark.slow) for subject in ("throughput", "looking", "waiting")),
    ],
)
def test_a_quick_run_measures(subject: str) -> None:
    ran = benchmarks("--quick", subject)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[0].split() == ["subject", "what", "median", "spread", "target"]
    assert all(line.startswith(subject) for line in ran.stdout.splitlines()[1:])


def test_without_wrk_nothing_is_measured_and_it_says_what_to_install() -> None:
    ran = benchmarks("--quick", path="")
    assert (ran.returncode, ran.stdout) == (4, "")
    assert "apt-get install wrk" in ran.stderr


def test_the_page_tells_the_story_as_it_stands_where_it_is_written() -> None:
    story = (ROOT / "benchmarks" / "profile.md").read_text(encoding="utf-8").strip()
    assert story in (ROOT / "docs" / "performance.md").read_text(encoding="utf-8")


def test_the_page_has_the_targets_first_and_the_history_elsewhere() -> None:
    ratio = Finding("throughput", "valid, over BASE", Sample((1.4,)), at_least=1.3)
    page = page_text(
        [Finding("peers", "over another", Sample((9.0,))), Finding("start", "BASE", Sample((1.0,))), ratio]
    )
    assert page.startswith("# Performance\n\n1 of 1 targets are met.")
    assert page.index("valid, over BASE") < page.index("over another") < page.index("| start | BASE |")
    assert "(performance-history.md)" in page


def test_a_run_without_other_mocks_keeps_what_the_page_says_of_them(tmp_path: Path) -> None:
    page, ours = tmp_path / "performance.md", Finding("start", "BASE", Sample((1.0,)))
    write_page(page, [ours, Finding("peers", "over another", Sample((9.0,)))])
    kept = page.read_text(encoding="utf-8")
    write_page(page, [ours])
    assert "| peers | over another | 9.00 x |" in kept
    assert page.read_text(encoding="utf-8").split("## ")[1] == kept.split("## ")[1]
    write_page(page, [ours, Finding("peers", "over a third", Sample((8.0,)))])
    assert "over another" not in page.read_text(encoding="utf-8")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="processes are started otherwise there")
def test_it_is_measured_how_long_payments_wait_beside_others() -> None:
    command = [sys.executable, "-m", "benchmarks.beside", "--payments", "500", "--rounds", "1"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.splitlines()[-1].startswith("a state being put back: ")


@pytest.mark.slow
@pytest.mark.skipif(sys.platform == "win32", reason="descriptors are counted as Unix has them")
def test_a_server_can_be_put_under_everything_at_once() -> None:
    command = [sys.executable, "-m", "benchmarks.endurance", "0.1"]
    ran = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert ran.returncode in {0, 1}, ran.stderr  # what is left after six seconds says nothing yet
    assert "paid 200: " in ran.stdout
    assert "descriptors are left" in ran.stdout.splitlines()[-1]
