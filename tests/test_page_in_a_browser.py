"""The page, in a real browser."""

from __future__ import annotations

import json
import re
import sys
import time
from pathlib import Path
from typing import Any

import httpx2
import pytest

from docs.generate.mistakes import MISTAKES
from tests.browser import AXE, SCREENSHOTS, Looked, browser, looking
from tests.conftest import ENDPOINT, KITES_TOKEN, LAMPS, LAMPS_TOKEN, run_command
from trackfox_mock import Access, World, create_app, running

__all__ = ["browser"]

VIEWS = ["", "payments", "sessions", "sessions/web_lumen_lamps", "faults", "contract", "reference", "reference/admin"]
VIEWS += ["tests", "mistakes", "requests/2"]


def seeded(looked: Looked) -> None:
    """A morning in a shop: payments of several sessions, a repeated one, and the usual mistakes."""
    for number in range(9):
        session = [("ses_lumen_ada_1", "vis_ada_77b0"), ("ses_lumen_grace", "vis_grace_0d15")][number % 2]
        looked.pay(
            session_id=session[0],
            visitor_id=session[1],
            revenue=[9900, 12950, 4900][number % 3],
            email=f"buyer{number}@example.com",
        )
    looked.pay(session_id="ses_lumen_shared", visitor_id="vis_9f2c41", revenue=28900)
    looked.pay(revenue=29.99)
    looked.pay(token=KITES_TOKEN)
    looked.pay()
    looked.pay()
    looked.pay(session_id="vis_ada_77b0", visitor_id="ses_lumen_ada_1")
    looked.pay(body=json.dumps(LAMPS).replace("website_id", "websiteId").encode())
    looked.pay(body=b"{'session_id': 'ses_lumen_ada_1'}")


def test_an_empty_mock_shows_how_to_begin_and_the_first_request_makes_that_step_aside(browser: Any) -> None:
    with looking(browser) as looked:
        looked.open()
        looked.see("Nothing has arrived yet")
        assert looked.page.locator(".welcome pre").first.inner_text().startswith(f"curl {looked.url}{ENDPOINT}")
        for language, word in (
            ("Python", "urllib.request"),
            ("PHP", "getenv('TRACKFOX_API_TOKEN')"),
            ("Node", "fetch("),
        ):
            looked.page.get_by_role("tab", name=language).click()
            assert word in looked.page.get_by_role("tabpanel").inner_text()
        looked.page.get_by_role("button", name="Send a payment").click()
        looked.see("pay_000001", ".rows")
        assert looked.page.locator(".welcome").count() == 0


def test_a_request_appears_within_a_second(browser: Any) -> None:
    with looking(browser) as looked:
        looked.open()
        looked.see("live", ".line")
        looked.pay(revenue=29.99)
        looked.page.locator(".row .story", has_text="looks like dollars").wait_for(timeout=1000)
        row = looked.page.locator(".row").first
        assert row.locator(".status").inner_text() == "400"
        assert row.locator(".amount").inner_text() == "29.99"
        looked.pay(revenue=12950)
        looked.page.locator(".row .amount", has_text="129.50").wait_for(timeout=1000)


@pytest.mark.slow
@pytest.mark.parametrize("number", range(1, 11))
def test_each_kind_of_mistake_is_explained_with_its_gates_and_its_cure(browser: Any, number: int) -> None:
    world = World()
    way = MISTAKES[number - 1].ways[0]
    for _ in range(way.times):
        entry = world.answer(way.request())
        world.finish(entry, 0.001)
    explanation = world.explain(entry)
    with looking(browser, world) as looked:
        looked.open(f"#/requests/{entry.number}")
        said = explanation.slip.sentence if explanation.slip else explanation.advice[0].sentence
        looked.see(said, ".request")
        gates = looked.page.locator(".gates li")
        assert gates.count() == len(explanation.gates)
        assert gates.nth(0).get_attribute("data-outcome") == explanation.gates[0].outcome
        assert explanation.rule in looked.page.locator(".request").inner_text()
        if explanation.slip:
            assert explanation.slip.mend in looked.page.locator(".cure").first.inner_text()
        looked.page.goto(f"{looked.url}/#/mistakes")
        made = 1 if way.under else number
        looked.page.locator(".mistakes li").nth(made - 1).locator(".number", has_text="1").wait_for()


def test_the_offending_place_in_a_body_is_marked(browser: Any) -> None:
    with looking(browser) as looked:
        looked.pay(revenue=29.99)
        looked.pay(body=b'{"session_id": "s", "revenue": 1,, "email": "a@example.com"}')
        looked.pay(body=json.dumps(LAMPS).replace("website_id", "websiteId").encode())
        looked.open("#/requests/1")
        looked.see("Request 1 ·", ".request")
        assert looked.page.locator("mark").inner_text() == '"revenue":29.99'
        looked.open("#/requests/2")
        looked.see("Request 2 ·", ".request")
        assert looked.page.locator("mark").inner_text().startswith(",")
        looked.open("#/requests/3")
        looked.see("Request 3 ·", ".request")
        assert "websiteId" in looked.page.locator("mark").inner_text()


def test_a_refused_request_is_edited_sent_again_and_accepted(browser: Any) -> None:
    with looking(browser) as looked:
        looked.pay(revenue=29.99)
        looked.open("#/requests/1")
        looked.page.get_by_role("button", name="Edit and send").click()
        body = looked.page.get_by_label("Body", exact=True)
        body.fill(body.input_value().replace("29.99", "2999"))
        looked.page.get_by_role("button", name="Send", exact=True).click()
        looked.see("29.99", ".payment")
        assert looked.page.url.endswith("#/requests/2")
        assert LAMPS_TOKEN not in looked.page.content()


def test_a_request_is_copied_as_curl_and_as_har(browser: Any) -> None:
    with looking(browser, permissions=["clipboard-read", "clipboard-write"]) as looked:
        looked.pay()
        looked.open("#/requests/1")
        looked.page.get_by_role("button", name="Copy as curl").click()
        looked.see("Copied as curl", ".said")
        copied = looked.page.evaluate("navigator.clipboard.readText()")
        assert "Bearer $TRACKFOX_API_TOKEN" in copied
        assert "a…@example.com" in copied
        looked.page.get_by_role("button", name="Copy as HAR").click()
        looked.see("Copied as HAR", ".said")
        (entry,) = json.loads(looked.page.evaluate("navigator.clipboard.readText()"))["log"]["entries"]
        assert entry["response"]["status"] == 200


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


@pytest.mark.slow
def test_the_page_survives_a_restart_of_the_server(browser: Any) -> None:
    with running(create_app(World())) as url:
        port = int(url.rpartition(":")[2])
        looked = Looked(browser, url).open()
        looked.see("live", ".line")
        looked.pay(revenue=111)
        looked.see("1.11", ".rows")
    looked.see("does not answer", ".line")
    with running(create_app(World()), port=port):
        looked.see("live", ".line")
        looked.see("Nothing has arrived yet")
        looked.pay(revenue=222)
        looked.see("2.22", ".rows")
        assert looked.page.locator(".row").count() == 1
        looked.context.close()


def test_it_is_worked_by_keys_alone(browser: Any) -> None:
    with looking(browser) as looked:
        seeded(looked)
        looked.open()
        looked.see("attributed", ".rows")
        keys = looked.page.keyboard
        keys.press("j")
        looked.page.locator(".request h1").wait_for()
        keys.press("j")
        looked.page.wait_for_url(re.compile(r"/16$"))
        keys.press("k")
        looked.page.wait_for_url(re.compile(r"/17$"))
        keys.press("Escape")
        looked.page.wait_for_url(re.compile(r"#/requests$"))
        keys.press("/")
        keys.type("dollars")
        looked.page.wait_for_function("() => document.querySelectorAll('.row').length === 1")
        keys.press("Escape")
        keys.press("Escape")
        looked.page.wait_for_function("() => document.querySelectorAll('.row').length > 10")
        keys.press("?")
        looked.page.get_by_role("dialog").wait_for()
        keys.press("Escape")
        keys.press("g")
        keys.press("p")
        looked.see("Payments", "h1")


def test_pausing_holds_the_list_and_says_what_came(browser: Any) -> None:
    with looking(browser) as looked:
        looked.pay(revenue=100)
        looked.open()
        looked.page.get_by_role("button", name="Pause").click()
        looked.pay(revenue=200)
        looked.see("Paused. 1 more came.")
        assert looked.page.locator(".row").count() == 1
        looked.page.get_by_role("button", name="Go on").click()
        looked.page.wait_for_function("() => document.querySelectorAll('.row').length === 2")
        looked.page.get_by_role("button", name="Clear").click()
        looked.page.get_by_role("button", name="Forget them").click()
        looked.see("Nothing has arrived yet")


@pytest.mark.slow
def test_ten_thousand_requests_stay_smooth(browser: Any) -> None:
    world = World(journal_size=10_000)
    with looking(browser, world) as looked:
        looked.open()
        looked.see("live", ".line")
        looked.page.evaluate(
            """() => {
              window.drawn = 0;
              const everything = {subtree: true, childList: true, attributes: true};
              new MutationObserver(() => { window.drawn += 1; }).observe(document.body, everything);
            }"""
        )
        with httpx2.Client() as shop:
            headers = {"authorization": f"Bearer {LAMPS_TOKEN}"}
            began = time.monotonic()
            for number in range(10_000):
                if number % 500 == 0 or time.monotonic() - began < 5:
                    shop.post(looked.url + ENDPOINT, json=LAMPS | {"revenue": number + 1}, headers=headers)
                else:
                    entry = world.answer(_lamps(number + 1))
                    world.finish(entry, 0.0001)
            seconds = time.monotonic() - began
        looked.page.locator("nav a[aria-current] small", has_text="10,000").wait_for(timeout=30_000)
        assert looked.page.locator(".row").count() < 60
        assert looked.page.evaluate("drawn") <= 12 * (seconds + 10)
        looked.page.locator(".scroller").evaluate("(list) => { list.scrollTop = list.scrollHeight; }")
        looked.see("0.01", ".rows")
        looked.page.locator("#filter").fill("99.99")
        looked.page.wait_for_function("() => document.querySelectorAll('.row').length < 60")


def _lamps(revenue: int) -> Any:
    from tests.conftest import request  # noqa: PLC0415

    return request(LAMPS | {"revenue": revenue}, token=LAMPS_TOKEN)


HOSTILE = [
    "<script>window.hurt = 1</script>",
    '<img src=x onerror="window.hurt = 1">',
    "\"'><svg onload=window.hurt=1>",
    "javascript:window.hurt=1",
    "{{constructor.constructor('window.hurt=1')()}}",
    "\u202egnp.exe\u2066\u2069\u200b\u0000\u001b[2J\r\n",
    "\u05d0\u05d1\u05d2 123 \u0627\u0644",
    "__proto__",
    "a" * 1_000_000,
]


@pytest.mark.slow
def test_hostile_text_in_every_field_does_nothing(browser: Any) -> None:
    with looking(browser) as looked:
        for text in HOSTILE:
            for field in ("session_id", "visitor_id", "website_id", "email", "revenue"):
                wrong: dict[str, Any] = {field: text}
                looked.pay(**wrong)
            looked.pay(body=json.dumps({text[:1000]: text}).encode())
            looked.pay(body=text.encode())
            name = {
                "name": text,
                "sessions": [{"session_id": f"s{text}", "visitor_id": f"v{text}", "attribution": {text: text}}],
            }
            made = httpx2.post(f"{looked.url}/__admin/websites", json=name, timeout=30).json()
            looked.pay(
                token=made["api_token"], website_id=made["website_id"], session_id=f"s{text}", visitor_id=f"v{text}"
            )
            looked.pay(session_id=f'"{text}"')
        httpx2.get(f"{looked.url}/api/v1/%3Cscript%3Ewindow.hurt=1%3C/script%3E?x=<b>", headers={"x-odd": HOSTILE[1]})
        looked.open()
        looked.see("refused", ".rows")
        numbers = [row["id"] for row in httpx2.get(f"{looked.url}/__admin/rows?limit=200").json()["rows"]]
        for number in numbers:
            looked.page.evaluate(f"location.hash = '#/requests/{number}'")
            looked.see(f"Request {number} ·", ".request")
        for view in ("payments", "sessions", "tests", "mistakes", "faults"):
            looked.page.evaluate(f"location.hash = '#/{view}'")
            looked.page.locator("h1").first.wait_for()
        for website in httpx2.get(f"{looked.url}/__admin/websites").json()["websites"]:
            looked.page.evaluate(
                "(id) => { location.hash = `#/sessions/${encodeURIComponent(id)}`; }", website["website_id"]
            )
            looked.see(website["website_id"], "dl.facts")
        assert looked.page.evaluate("window.hurt") is None
        assert looked.page.locator("main script, main img, main iframe, main object").count() == 0
        # What would turn the writing round is spelled out.
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200b]", looked.page.locator("body").inner_text())


def test_a_page_of_another_origin_can_change_nothing(browser: Any) -> None:
    world = World()
    with looking(browser, world) as looked, running(create_app(World())) as elsewhere:
        looked.pay()
        other = browser.new_context().new_page()
        statuses: list[int] = []
        other.on("response", lambda answer: statuses.append(answer.status))
        other.goto(f"{elsewhere}/livez")
        # What a foreign page can send without anybody's leave: plain posts, and a form.
        other.evaluate(
            """async (url) => {
              for (const path of ["reset", "requests/1/again", "send", "websites"])
                await fetch(`${url}/__admin/${path}`, {method: "POST", mode: "no-cors", body: "{}"}).catch(() => {});
            }""",
            looked.url,
        )
        assert statuses[1:] == [403] * 4
        with other.expect_navigation():
            other.evaluate(
                """(url) => {
                  const form = Object.assign(document.createElement("form"), {method: "POST", action: url});
                  document.body.append(form);
                  form.submit();
                }""",
                f"{looked.url}/__admin/reset",
            )
        assert statuses[-1] == 403
        other.context.close()
        assert world.journal.total == 1
        assert world.store.payments_total() == 1


def test_off_loopback_it_asks_for_the_admin_token(browser: Any) -> None:
    with looking(browser, access=Access(token="letmein", exposed=True)) as looked:
        looked.pay()
        looked.open("#/requests/1")
        looked.page.get_by_role("textbox", name="Admin token").fill("letmein")
        looked.page.get_by_role("button", name="Open").click()
        looked.see("live", ".line")
        looked.see("pay_000001", ".rows")
        looked.see("a…@example.com", ".request")
        # It was asked for once, although several calls were refused.
        assert looked.page.locator("dialog").count() == 0
        # The browser reports the refusals that made the page ask.
        assert all("401" in complaint for complaint in looked.complaints)
        looked.complaints.clear()


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("size", "width"), [("wide", 1440), ("narrow", 400)])
def test_axe_finds_nothing_and_it_is_looked_at(browser: Any, theme: str, size: str, width: int) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci in tests/page")
    SCREENSHOTS.mkdir(exist_ok=True)
    viewport = {"width": width, "height": 900}
    with looking(browser, viewport=viewport, color_scheme=theme, reduced_motion="reduce") as looked:
        looked.open()
        looked.see("Nothing has arrived yet")
        found = {"empty": _axe(looked, f"empty-{size}-{theme}")}
        seeded(looked)
        httpx2.post(f"{looked.url}/__admin/faults", json={"fault": "HANG", "succeedFirst": 99, "timeToLive": None})
        for view in VIEWS:
            looked.page.evaluate(f"location.hash = '#/{view}'")
            looked.page.locator("main h1:visible, .row:visible").first.wait_for()
            looked.page.wait_for_timeout(300)
            name = view.replace("/", "-") or "requests"
            found[name] = _axe(looked, f"{name}-{size}-{theme}")
            assert looked.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"
        assert not {name: complaints for name, complaints in found.items() if complaints}


def _axe(looked: Looked, name: str) -> list[str]:
    looked.page.screenshot(path=SCREENSHOTS / f"{name}.png")
    looked.page.evaluate(AXE.read_text(encoding="utf-8"))
    options = {"runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}
    result = looked.page.evaluate("(options) => axe.run(document, options)", options)
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in result["violations"]
        for node in violation["nodes"][:3]
    ]
