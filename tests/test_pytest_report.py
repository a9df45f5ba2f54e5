"""`pytest --trackfox-report FILE`: what the tests sent, test by test, as a file."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.test_pytest_plugin import QUICKLY, project
from tests.test_sweep import RELIANT
from trackfox_mock.testing.run_report import RunReport, attach

__all__ = ["project"]

pytest_plugins = ["pytester"]

SHOP = """
    import pytest
    from storefront import attribute

    def test_it_pays(trackfox):
        attribute(trackfox)
        trackfox.assert_attributed_once()

    def test_it_is_refused_as_it_should_be(trackfox):
        attribute(trackfox, session_id="ses_unknown")
        trackfox.assert_refused("match.session")

    @pytest.mark.parametrize("email", ["grace@example.com"])
    def test_it_fails(trackfox, email):
        attribute(trackfox, email="ada", visitor_id=trackfox.api_token)
        attribute(trackfox.other_website(), email=email)
        attribute(trackfox, session_id=email, website_id=trackfox.api_token)
        assert False, "the shop is closed"

    def test_it_has_nothing_to_do_with_the_mock():
        pass
"""


def written(project: pytest.Pytester, name: str = "report.json") -> dict[str, dict[str, Any]]:
    """The tests of a report by the names of their functions, as far as those were in the run once."""
    data = json.loads((project.path / name).read_text(encoding="utf-8"))
    return {test["nodeid"].rpartition("::")[2].partition("[")[0]: test for test in data["tests"]}


@pytest.mark.parametrize("workers", [[], pytest.param(["-n", "2"], marks=pytest.mark.slow)])
def test_each_test_that_uses_the_mock_is_there_with_its_requests(project: pytest.Pytester, workers: list[str]) -> None:
    project.makepyfile(SHOP)
    result = project.runpytest_subprocess("--trackfox-report=made/report.json", *workers, *QUICKLY)
    result.assert_outcomes(passed=3, failed=1)
    result.stdout.fnmatch_lines("*TrackFox report: *report.json*")
    tests = written(project, "made/report.json")
    assert {name: test["outcome"] for name, test in tests.items()} == {
        "test_it_pays": "passed",
        "test_it_is_refused_as_it_should_be": "passed",
        "test_it_fails": "failed",
    }
    [paid] = tests["test_it_pays"]["requests"]
    assert (paid["outcome"], paid["status"], paid["revenue"], paid["expected"]) == ("attributed", 200, 9900, False)
    [refused] = tests["test_it_is_refused_as_it_should_be"]["requests"]
    assert (refused["rule"], refused["expected"]) == ("match.session", True)
    assert [row["outcome"] for row in tests["test_it_fails"]["requests"]] == ["refused", "attributed", "refused"]
    assert [path.name for path in (project.path / "made").iterdir()] == ["report.json"]


def test_no_token_and_no_address_is_in_the_file(project: pytest.Pytester) -> None:
    project.makepyfile(SHOP)
    project.runpytest("--trackfox-report=report.json")
    text = (project.path / "report.json").read_text()
    assert "test_it_fails" in text
    assert "tf_mock_" not in text
    assert "grace@example.com" not in text
    assert "ada@example.com" not in text


@pytest.mark.slow
def test_a_report_of_the_sweep_has_each_combination_with_its_readings(project: pytest.Pytester) -> None:
    project.makepyfile(RELIANT)
    result = project.runpytest_subprocess("--trackfox-sweep", "--trackfox-report=report.json", "-n", "2", *QUICKLY)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    data = json.loads((project.path / "report.json").read_text())
    assert data["exit_code"] == 1
    assert {test["test"].rpartition("::")[2] for test in data["tests"]} == {"test_reliant"}
    by_default = next(test for test in data["tests"] if test["nodeid"].endswith("[trackfox-00]"))
    assert (by_default["outcome"], by_default["readings"]) == ("passed", {})
    failed = [test for test in data["tests"] if test["outcome"] == "failed"]
    assert failed
    assert all("error-body" in test["readings"] for test in failed)
    assert all(len(test["requests"]) == 1 for test in data["tests"])


def test_a_test_whose_mock_complains_at_its_end_has_failed(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest
        from storefront import attribute

        @pytest.mark.trackfox(unexpected="error")
        def test_it(trackfox):
            attribute(trackfox, email="ada")
    """)
    project.runpytest("--trackfox-report=report.json")
    assert written(project)["test_it"]["outcome"] == "failed"


def test_a_file_that_cannot_be_is_told_before_the_tests_run(project: pytest.Pytester) -> None:
    project.makepyfile(SHOP)
    result = project.runpytest("--trackfox-report=.")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines("*cannot be written: it is a folder; choose another file for --trackfox-report.")


def test_of_a_long_run_the_failing_tests_keep_their_requests(tmp_path: Any) -> None:
    told = RunReport(str(tmp_path / "report.json"))
    for number in range(30):
        for when in ("setup", "call", "teardown"):
            failed = when == "call" and number == 0
            outcome: Any = "failed" if failed else "passed"
            report = pytest.TestReport(f"test_it.py::test_{number}", ("", 0, ""), {}, outcome, None, when)
            if when == "teardown":
                attach(report, [{"readings": {}, "requests": [{"number": row} for row in range(1_200)]}])
            told.pytest_runtest_logreport(report)
    told.pytest_sessionfinish(type("Session", (), {"exitstatus": 1})())
    tests = json.loads((tmp_path / "report.json").read_text())["tests"]
    assert [len(test["requests"]) for test in tests] == [1_000] + [0] * 20 + [1_000] * 9
    assert [test["left_out"] for test in tests] == [200] + [1_200] * 20 + [200] * 9
    assert tests[0]["requests"][0] == {"number": 200}


def test_a_file_that_cannot_be_written_in_the_end_is_told_and_is_no_success(project: pytest.Pytester) -> None:
    project.makepyfile("""
        from pathlib import Path

        def test_it(trackfox):
            Path("report.json").mkdir()
    """)
    result = project.runpytest("--trackfox-report=report.json")
    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stdout.fnmatch_lines("*report.json cannot be written: *; choose another file for --trackfox-report.*")
    assert [path.name for path in project.path.glob(".report*")] == []


def test_without_the_option_nothing_is_recorded_and_junit_gets_nothing_more(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import sys

        def test_it(trackfox):
            assert "trackfox_mock.testing.run_report" not in sys.modules
    """)
    project.runpytest_subprocess("--junit-xml=junit.xml", *QUICKLY).assert_outcomes(passed=1)
    assert "<property" not in (project.path / "junit.xml").read_text()
