"""The page by keys alone."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.browser import Looked, browser, looking, seeded
from trackfox_mock import World

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


def test_from_an_empty_mock_to_a_mended_request_and_a_new_website_by_keys_alone(browser: Any) -> None:
    world = World()
    with looking(browser, world) as looked:
        looked.open()
        keys = looked.page.keyboard
        looked.see("Send a payment")
        press(looked, "Send a payment")
        looked.see("pay_000001", ".rows")
        keys.press("j")
        looked.see("Request 1 ·", ".request")
        press(looked, "Edit and send")
        keys.press("ControlOrMeta+a")
        keys.insert_text('{"revenue": 29.99}')
        press(looked, "Send")
        looked.see("Request 2 ·", ".request")
        keys.press("r")
        looked.see("Request 3 ·", ".request")
        keys.press("g")
        keys.press("s")
        looked.see("New website")
        press(looked, "New website")
        looked.see("Sessions, 1")
        press(looked, "Pay")
        keys.insert_text("4900")
        keys.press("Enter")
        looked.see("49.00", ".payment")
    assert [entry.outcome for entry in world.journal] == ["attributed", "refused", "refused", "attributed"]


def test_a_key_means_what_it_says_in_the_first_second_of_a_page_too(browser: Any) -> None:
    world = World()
    with looking(browser, world) as looked:
        looked.pay()
        looked.page.add_init_script("performance.now = () => 500")
        looked.open("#/requests/1")
        looked.see("Request 1 ·", ".request")
        looked.page.keyboard.press("r")
        looked.see("Request 2 ·", ".request")
    assert [entry.number for entry in world.journal] == [1, 2]


def press(looked: Looked, name: str) -> None:
    """Go by Tab to the button of that name, and press it."""
    for _ in range(80):
        looked.page.keyboard.press("Tab")
        if looked.page.evaluate("document.activeElement.textContent.trim()") == name:
            looked.page.keyboard.press("Enter")
            return
    pytest.fail(f"Tab never comes to {name!r}")
