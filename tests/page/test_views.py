"""The other views of the page: sessions, payments, faults and readings, the contract, the reference."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.browser import browser, looking
from tests.conftest import LAMPS_TOKEN
from trackfox_mock import Inputs, World
from trackfox_mock.assets import openapi_path

__all__ = ["browser"]


def test_from_a_new_website_to_an_accepted_payment_by_clicks_alone(browser: Any) -> None:
    world = World()
    with looking(browser, world) as looked:
        looked.open()
        page = looked.page
        page.get_by_role("link", name="Sessions", exact=True).click()
        page.get_by_role("button", name="New website").click()
        page.get_by_role("button", name="New session").click()
        looked.see("Sessions, 2")
        page.get_by_role("button", name="Variables and snippets").first.click()
        assert "export TRACKFOX_API_TOKEN='tf_mock_" in page.get_by_role("tabpanel").inner_text()
        page.get_by_role("button", name="Pay").last.click()
        page.get_by_role("button", name="Send", exact=True).click()
        looked.see("What it created")
        looked.see("99.00", ".payment")
    assert world.store.payments_total() == 1


def test_a_token_is_hidden_until_somebody_asks(browser: Any) -> None:
    with looking(browser) as looked:
        looked.open("#/sessions/web_lumen_lamps")
        looked.see("tf_…#")
        assert LAMPS_TOKEN not in looked.page.content()
        looked.page.get_by_role("button", name="Show").click()
        looked.see(LAMPS_TOKEN)


def test_payments_stand_beside_their_visitor_event_and_a_repeated_one_is_marked(browser: Any) -> None:
    with looking(browser) as looked:
        looked.pay()
        looked.pay()
        looked.open("#/payments")
        looked.see("the same as pay_000001", ".pair")
        looked.see("copied from the visitor event of 2026-11-03 18:04", ".pair")
        assert looked.page.locator(".chart tr").inner_text().startswith("google")
        assert "198.00" in looked.page.locator(".chart").inner_text()
        looked.pay(session_id="ses_lumen_grace", visitor_id="vis_grace_0d15", revenue=500)
        looked.see("newsletter", ".chart")


def test_a_running_fault_is_never_invisible(browser: Any) -> None:
    with looking(browser) as looked:
        looked.open()
        httpx2.post(f"{looked.url}/__admin/faults", json={"status": 503, "phase": "after-commit", "timeToLive": None})
        looked.see("A fault is running", ".banner")
        looked.open("#/faults")
        looked.see("it is recorded, only the answer is lost", "figure")
        looked.page.get_by_role("button", name="Hang, once").click()
        looked.see("2 faults are running", ".banner")
        looked.page.locator(".banner").get_by_role("button", name="Call off").click()
        looked.page.locator(".banner").wait_for(state="detached")
        assert httpx2.get(f"{looked.url}/__admin/faults").json()["faults"] == []


def test_a_reading_is_changed_and_changes_what_the_mock_does(browser: Any) -> None:
    with looking(browser) as looked:
        looked.open("#/faults")
        looked.page.get_by_label("What of a field that the document does not list?").select_option("refused")
        looked.see("extra-property is read as refused", ".said")
        assert looked.pay(extra=1).status_code == 400


def test_a_report_of_the_contract_check_is_dropped_onto_the_page(browser: Any, tmp_path: Path) -> None:
    report = {
        "target": "https://staging.example",
        "clauses": [
            {
                "id": "auth.website",
                "says": "another website's token is invalid",
                "sentence": "The API token",
                "why": "",
                "verdict": "broken",
                "findings": [{"case": "another token", "expected": "401", "came": "200", "curl": "curl x"}],
            },
            {"id": "endpoint", "says": "", "sentence": "", "why": "", "verdict": "kept", "findings": []},
        ],
    }
    file = tmp_path / "report.json"
    file.write_text(json.dumps(report))
    with looking(browser) as looked:
        looked.open("#/contract")
        looked.page.locator("#report").set_input_files(file)
        looked.see("https://staging.example")
        looked.page.locator("summary", has_text="auth.website").click()
        looked.see("curl x")
        (tmp_path / "other.json").write_text("{}")
        looked.page.locator("#report").set_input_files(tmp_path / "other.json")
        looked.see("other.json is no report", ".said")


def test_the_reference_is_made_of_the_served_document_and_its_form_sends(browser: Any) -> None:
    with looking(browser) as looked:
        looked.open("#/reference")
        looked.see("Payment amount in cents")
        looked.page.get_by_role("button", name="Try it").click()
        looked.page.get_by_role("button", name="Send POST").click()
        looked.see("Payment event attributed successfully.", ".editor")
        looked.page.get_by_role("link", name="/__admin").click()
        looked.page.locator("summary", has_text="/__admin/health").click()
        looked.page.locator("details[open]").get_by_role("button", name="Try it").click()
        looked.page.get_by_role("button", name="Send GET").click()
        looked.see('"status": "healthy"', ".editor")


def test_the_reference_follows_an_edited_document(browser: Any, tmp_path: Path) -> None:
    text = openapi_path().read_text(encoding="utf-8")
    edited = tmp_path / "openapi.yaml"
    edited.write_text(text.replace("Payment amount in cents.", "What was paid, in cents."))
    with looking(browser, Inputs(spec=edited).world()) as looked:
        looked.open("#/reference")
        looked.see("What was paid, in cents.")


PASTED = {
    "curl": ("curl", ["bash", "-c"]),
    "Node": ("node", ["node", "--input-type=module", "--eval"]),
    "Python": (sys.executable, [sys.executable, "-c"]),
    "PHP": ("php", ["php", "-r"]),
}


@pytest.mark.slow
@pytest.mark.parametrize("language", PASTED)
def test_what_is_pasted_from_the_page_pays(browser: Any, language: str) -> None:
    tool, command = PASTED[language]
    if shutil.which(tool) is None:
        pytest.skip(f"{tool} is not installed on this machine; .ci/run installs it")
    world = World()
    with looking(browser, world) as looked:
        looked.open("#/sessions/web_lumen_lamps")
        looked.page.get_by_role("button", name="Variables and snippets").first.click()
        code = looked.page.get_by_role("tabpanel").locator("pre")
        variables = code.inner_text()
        looked.page.get_by_role("tab", name=language).click()
        pasted = code.inner_text().removeprefix("<?php")
        script = f"{variables}\nexec {shlex.join([*command, pasted])}"
        result = subprocess.run(["bash", "-c", script], capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 0, result.stderr
    assert [payment.revenue for payment in world.store.payments("web_lumen_lamps")] == [9900]
