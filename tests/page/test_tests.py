"""What tests did, on the page: by website, under `exec`, and by pytest."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import httpx2

from tests.browser import browser, looking
from tests.conftest import ENDPOINT, run_command

__all__ = ["browser"]


def test_tests_are_told_by_their_websites_the_failing_ones_first(browser: Any) -> None:
    with looking(browser) as looked:
        for name, revenue in (("test_it_fails", -1), ("test_it_works", 100)):
            made = httpx2.post(f"{looked.url}/__admin/websites", json={"name": name}).json()
            ids = {key: made["sessions"][0][key] for key in ("session_id", "visitor_id")}
            looked.pay(token=made["api_token"], website_id=made["website_id"], revenue=revenue, **ids)
        looked.open("#/tests")
        looked.see("test_it_works")
        names = looked.page.locator(".cards summary b").all_inner_texts()
        assert names == ["test_it_fails", "test_it_works"]


def test_what_a_command_did_under_exec_is_dropped_onto_the_page(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "arrived.json"
    script = tmp_path / "pay.py"
    script.write_text(
        "import os, urllib.error, urllib.request\n"
        "try:\n"
        f"    urllib.request.urlopen(os.environ['TRACKFOX_BASE_URL'] + '{ENDPOINT}', b'revenue=1')\n"
        "except urllib.error.HTTPError:\n"
        "    pass\n"
    )
    run_command("exec", "--json", str(file), "--", sys.executable, str(script))
    with looking(browser) as looked:
        looked.open("#/tests")
        looked.page.locator("#report").set_input_files(file)
        looked.see("arrived.json is shown", ".said")
        looked.see("ended with 0", ".drop")
        looked.see("although a request was refused", ".advice")
        looked.page.locator(".cards summary").click()
        looked.see("there is no Authorization header", ".cards")


def test_what_the_tests_of_pytest_did_is_dropped_onto_the_page_with_the_failing_ones_first(
    browser: Any, tmp_path: Path
) -> None:
    def run(name: str, combination: int, went: str, **row: Any) -> dict[str, Any]:
        sent = {"number": 1, "time": "2026-01-02T03:04:05Z", "status": 200, "rule": "success.status", "advice": []}
        sent |= {"outcome": "attributed", "expected": False, "why": None, **row}
        readings = {"error-body": "html"} if combination else {}
        names = {"nodeid": f"test_shop.py::{name}[trackfox-{combination:02}]", "test": f"test_shop.py::{name}"}
        return {**names, "outcome": went, "readings": readings, "left_out": 0, "requests": [sent]}

    refusal = {"outcome": "refused", "status": 400, "why": "the email <b>is</b> none", "expected": True}
    tests = [
        run("test_well", 0, "passed"),
        run("test_reliant", 0, "passed"),
        run("test_reliant", 1, "failed", **refusal),
    ]
    file = tmp_path / "tests.json"
    file.write_text(json.dumps({"exit_code": 1, "tests": tests}))
    with looking(browser) as looked:
        looked.open("#/tests")
        looked.page.locator("#report").set_input_files(file)
        looked.see("2 tests of pytest; 1 failed.")
        first, second = looked.page.locator(".cards summary").all()
        assert "failed in 1 of 2" in first.inner_text()
        assert "test_shop.py::test_well" in second.inner_text()
        first.click()
        looked.see("failed with error-body: html", ".cards section >> nth=0")
        looked.see("as expected: the email <b>is</b> none", ".cards section >> nth=0")
        looked.page.get_by_role("button", name="Put away").click()
        looked.see("pytest --trackfox-report report.json", ".drop")


def test_what_pytest_writes_is_followed_as_it_is_written(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "tests.json"
    test = {"nodeid": "test_shop.py::test_pays", "test": "test_shop.py::test_pays", "left_out": 0, "requests": []}
    with looking(browser, reports=[file]) as looked:
        looked.open("#/tests")
        looked.see("report.json to follow it", ".drop")
        for outcome in ("failed", "passed"):
            part = file.with_suffix(".part")
            part.write_text(json.dumps({"exit_code": 0, "tests": [{**test, "outcome": outcome}]}))
            part.replace(file)
            looked.see(f"1 test of pytest; {int(outcome == 'failed')} failed.")


def test_a_report_of_the_contract_check_is_found(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "report.json"
    file.write_text(
        json.dumps({"target": "https://staging.example", "clauses": [{"id": "endpoint", "verdict": "kept"}]})
    )
    with looking(browser, reports=[file]) as looked:
        looked.open("#/contract")
        looked.see("1 kept", ".drop")
