"""The page by keys alone."""

from __future__ import annotations

import re
from typing import Any

from tests.browser import browser, looking, seeded

__all__ = ["browser"]


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
