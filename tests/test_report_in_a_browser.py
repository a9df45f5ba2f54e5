"""The HTML report of the check, in a real browser, when a service answers with whatever would hurt."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.browser import browser
from tests.test_contract_report import reported
from trackfox_contract.report.page import write_html
from trackfox_contract.request.call import Call

__all__ = ["browser"]

HOSTILE = [
    "<script>window.hurt = 1</script>",
    "</pre></body><script>window.hurt = 1</script>",
    '"><img src=x onerror="window.hurt = 1">',
    "<svg onload=window.hurt=1>",
    "<style>body { display: none }</style>",
    "<base href='http://127.0.0.1:9/'><link rel=stylesheet href=x.css>",
    "<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/'>",
    "<iframe src='javascript:parent.hurt = 1'></iframe>",
    "<!--",
    "${title} $rows $details",
    "&lt;script&gt;window.hurt = 1&lt;/script&gt;",
    "javascript:window.hurt=1",
    "\u202eevil\u2066",
    "\x1b]0;title\x07\x00",
]


@pytest.mark.slow
@pytest.mark.parametrize("hostile", HOSTILE)
def test_whatever_a_service_answers_is_text_in_the_report(browser: Any, tmp_path: Path, hostile: str) -> None:
    told, asked = [], []
    call = Call("POST", f"/{hostile}", (("X-Odd", hostile),), json.dumps({hostile: hostile}).encode())
    write_html(reported(call, hostile.encode(), name=hostile), tmp_path / "report.html")
    page = browser.new_page()
    page.on("console", lambda message: told.append(message.text))
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("dialog", lambda dialog: told.append(dialog.message))
    page.on("request", lambda request: asked.append(request.url))
    page.goto((tmp_path / "report.html").as_uri())
    page.wait_for_load_state()
    assert page.evaluate("window.hurt") is None
    assert page.locator("script, img, svg, iframe, base, link").count() == 0
    assert page.locator("h1").is_visible()
    assert "auth.invalid" in page.locator("body").inner_text()
    assert len(page.title()) < 100
    assert told == []
    assert asked == [(tmp_path / "report.html").as_uri()]
    page.close()


def test_a_script_that_got_into_the_report_would_not_run(browser: Any, tmp_path: Path) -> None:
    report = tmp_path / "report.html"
    write_html(reported(Call("POST", "/", (), b"{}"), b"an answer"), report)
    written = report.read_text(encoding="utf-8")
    report.write_text(written.replace("</body>", "<script>window.hurt = 1</script></body>"), encoding="utf-8")
    page = browser.new_page()
    page.goto(report.as_uri())
    assert page.evaluate("window.hurt") is None
    page.close()
