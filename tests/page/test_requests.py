"""The list of requests on the page, and one request of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from docs.generate.mistakes import MISTAKES
from tests.browser import Looked, browser, looking
from tests.conftest import ENDPOINT, LAMPS, LAMPS_TOKEN
from tests.proxying import proxied
from trackfox_mock import World, create_app, running

__all__ = ["browser"]


def test_an_empty_mock_shows_how_to_begin_and_the_first_request_makes_that_step_aside(browser: Any) -> None:
    with looking(browser) as looked:
        looked.open()
        looked.see("Nothing has arrived yet")
        assert not looked.page.locator(".bar, .columns, .banner >> visible=true").count()
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


def test_a_request_is_sent_again_by_a_click(browser: Any) -> None:
    with looking(browser) as looked:
        looked.pay()
        looked.open("#/requests/1")
        looked.page.get_by_role("button", name="Send again").click()
        looked.see("The same as pay_000001: it is counted twice now.", ".payment")
        assert looked.page.url.endswith("#/requests/2")


def test_the_list_is_filtered_by_outcome_website_and_text(browser: Any) -> None:
    with looking(browser) as looked:
        looked.pay(revenue=100)
        looked.pay(revenue=29.99)
        looked.pay(revenue=300, website_id="web_paper_kites")
        looked.open()
        rows = looked.page.locator(".row .amount")
        rows.nth(2).wait_for()
        looked.page.get_by_role("button", name="refused 2").click()
        assert rows.all_inner_texts() == ["300", "29.99"]
        looked.page.get_by_label("Website").select_option("web_paper_kites")
        assert rows.all_inner_texts() == ["300"]
        looked.page.get_by_role("button", name="all 3").click()
        looked.page.get_by_label("Website").select_option("every website")
        looked.page.get_by_label("Filter by text").fill("DOLLARS revenue.positive")
        assert rows.all_inner_texts() == ["29.99"]


def test_a_websites_requests_are_a_click_away_from_it(browser: Any) -> None:
    with looking(browser) as looked:
        looked.pay()
        looked.pay(website_id="web_paper_kites")
        looked.open("#/sessions/web_paper_kites")
        looked.page.locator("main").get_by_role("link", name="Requests").click()
        looked.see("refused", ".rows")
        assert looked.page.locator(".row .where").all_inner_texts() == ["web_paper_kites"]


def test_behind_a_proxy_the_verdict_and_both_answers_are_shown(browser: Any) -> None:
    service = World()
    service.services.change(None, {"extra-property": "refused"})
    with running(create_app(service)) as url, proxied(url) as (proxy, _):
        looked = Looked(browser, proxy)
        looked.pay(order_id="1")
        looked.open("#/requests/1")
        looked.see("open: the service answered 400, and this mock would answer 200", ".request h1")
        came, would = looked.page.locator(".sides pre").all_inner_texts()
        assert came.startswith("400")
        assert would == '200\n{"message":"Payment event attributed successfully."}'
        looked.see("refused · open", ".rows")
        assert looked.page.get_by_text("What it created").count() == 0
        assert looked.complaints == []
        looked.context.close()


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
