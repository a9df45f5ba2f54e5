"""The page and who means it no good: hostile text, pages of another origin, other machines."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx2
import pytest

from tests.browser import browser, looking
from trackfox_mock import Access, World, create_app, running

__all__ = ["browser"]


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
