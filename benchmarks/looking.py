"""What an open page costs the mock, and how long a person waits for the first look at it."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from benchmarks.harness import Effort, Finding, Sample, interleaved
from benchmarks.servers import MOCK, CannotMeasureError, Load, load, serving

_FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking")
_OFTEN = 2  # times the usual rounds: a browser beside the load makes each of them rough
_QUIET = 1.5  # seconds, in which the page reads what is there, or is forgotten; neither is of the load


def measure(effort: Effort) -> Iterator[Finding]:
    """The same load on a mock while the page is open in a browser, and while it is not; and first paints.

    It is one process: two of the same program differ by more than what is looked for.
    """
    loads: dict[str, list[Load]] = {"alone": [], "open": []}
    with _browser() as browser, serving(MOCK) as served:
        page = browser.new_page()

        def loaded(name: str) -> float:
            time.sleep(_QUIET)
            seen = load(served, effort.seconds)
            loads[name].append(seen)
            return seen.rate

        def alone() -> float:
            page.goto("about:blank")
            return loaded("alone")

        def watched() -> float:
            page.goto(f"http://127.0.0.1:{served.port}/")
            page.locator('.line[data-line="live"]').wait_for()
            return loaded("open")

        rates = interleaved({"alone": alone, "open": watched}, _OFTEN * effort.rounds)
        page.close()
        paints = [_first_paint(browser) for _ in range(effort.rounds)]
    costs = {name: Sample(tuple(seen.cost for seen in seens[1:])) for name, seens in loads.items()}
    yield Finding("looking", "with the page open, over without", rates["open"].over(rates["alone"]), at_least=0.95)
    by_time = costs["alone"].over(costs["open"])
    yield Finding("looking", "with the page open, over without, by processor time", by_time, at_least=0.95)
    yield Finding("looking", "first paint of the page, server just started", Sample(tuple(paints)), "ms", at_most=200)


@contextmanager
def _browser() -> Iterator[Any]:
    """A browser of this machine.

    Raises:
        CannotMeasureError: there is none, or nothing to drive it.
    """
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    try:
        from playwright.sync_api import sync_playwright  # noqa: PLC0415 - only this subject needs it
    except ImportError:
        chromium = None
    if chromium is None:
        raise CannotMeasureError(
            "Chromium and Playwright, which look at the page, are not installed; nothing was measured. "
            "On Debian: apt-get install chromium, and pip install playwright"
        )
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=chromium, args=list(_FLAGS))
        yield browser
        browser.close()


def _first_paint(browser: Any) -> float:
    """Milliseconds from the navigation to the first content, with no page asked of this server before."""
    with serving(MOCK) as served:
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{served.port}/")
        page.locator('.line[data-line="live"]').wait_for()
        found: float = page.evaluate("performance.getEntriesByName('first-contentful-paint')[0].startTime")
        page.close()
    return found
