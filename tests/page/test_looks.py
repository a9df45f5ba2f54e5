"""How the page looks, to eyes and to axe, and how it bears many requests and a restart."""

from __future__ import annotations

import time
from typing import Any

import httpx2
import pytest

from tests.browser import AXE, SCREENSHOTS, Looked, browser, looking, seeded
from tests.conftest import ENDPOINT, LAMPS, LAMPS_TOKEN, request
from trackfox_mock import World, create_app, running

__all__ = ["browser"]


SIZES = {"wide": 2000, "narrow": 400}
VIEWS = {  # and what is to be seen there
    "requests": "refused",
    "payments": "Revenue per",
    "sessions": "Lumen Lamps",
    "sessions/web_lumen_lamps": "Sessions, 4",
    "faults": "Readings of the silences",
    "contract": "The document's own words",
    "reference": "Try it",
    "reference/admin": "/__admin/health",
    "tests": "6 amiss",
    "mistakes": "Dollars for cents",
    "requests/2": "What it created",
    "requests/11": "What to change",
}


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_it_is_looked_at(browser: Any, size: str) -> None:
    if not AXE.exists():
        pytest.skip("axe-core is not installed: npm ci in tests/page")
    SCREENSHOTS.mkdir(exist_ok=True)
    found: dict[str, list[str]] = {}
    with looking(browser, viewport={"width": SIZES[size], "height": 900}, reduced_motion="reduce") as looked:
        looked.open()
        looked.see("Nothing has arrived yet")
        looked.page.evaluate(AXE.read_text(encoding="utf-8"))

        def look(name: str) -> None:
            found[name] = _looked_at(looked, f"{name.replace('/', '-')}-{size}")
            assert looked.page.evaluate("document.documentElement.scrollWidth <= innerWidth"), f"{name} is too wide"

        look("empty")
        seeded(looked)
        httpx2.post(f"{looked.url}/__admin/faults", json={"fault": "HANG", "succeedFirst": 99, "timeToLive": None})
        looked.see("A fault is running", ".banner")
        for view, text in VIEWS.items():
            looked.page.evaluate(f"location.hash = '#/{view}'")
            looked.see(text, "main >> visible=true")
            look(view)
        looked.page.get_by_role("button", name="Edit and send").click()
        look("edited")
        looked.page.keyboard.press("Escape")
        looked.page.keyboard.press("?")
        look("keys")
    assert not {name: complaints for name, complaints in found.items() if complaints}


def _looked_at(looked: Looked, name: str) -> list[str]:
    """Take pictures in both themes; what axe finds: nothing but colours differs in the dark."""
    everything = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
    return _axe(looked, f"{name}-light", everything) + _axe(looked, f"{name}-dark", ["color-contrast"])


def _axe(looked: Looked, name: str, rules: list[str]) -> list[str]:
    looked.page.emulate_media(color_scheme=name.rpartition("-")[2])
    looked.page.screenshot(path=SCREENSHOTS / f"{name}.png")
    result = looked.page.evaluate("(rules) => axe.run(document, {runOnly: rules})", rules)
    return [
        f"{violation['id']}: {node['html'][:160]} {node['failureSummary'][:200]}"
        for violation in result["violations"]
        for node in violation["nodes"][:3]
    ]


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

    return request(LAMPS | {"revenue": revenue}, token=LAMPS_TOKEN)


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
