"""A real browser for the tests of the page: Debian's Chromium, driven by Playwright."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from tests.conftest import ENDPOINT, KITES_TOKEN, LAMPS, LAMPS_TOKEN
from trackfox_mock import Access, World, create_app, running

FOLDER = Path(__file__).parent / "page"
SCREENSHOTS = FOLDER / "screenshots"
AXE = FOLDER / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
_FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """One browser for the tests of a module."""
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed: pip install '.[dev]'")
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed on this machine: apt-get install chromium")
    with playwright.sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=_FLAGS)
        yield browser
        browser.close()


class Looked:
    """A page in a browser, with the mock that it looks at.

    `elsewhere` are the requests for another origin than the mock's, `complaints` what the browser had to say.
    """

    def __init__(self, browser: Any, url: str, **context: Any) -> None:
        self.url = url
        self.context = browser.new_context(**({"viewport": {"width": 1440, "height": 900}} | context))
        self.context.set_default_timeout(15_000)
        self.page = self.context.new_page()
        self.elsewhere: list[str] = []
        self.complaints: list[str] = []
        self.page.on("request", self._note)
        self.page.on("console", lambda message: self.complaints.append(f"{message.type}: {message.text}"))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog: {dialog.message}"))

    def _note(self, request: Any) -> None:
        if not request.url.startswith((f"{self.url}/", "blob:", "data:")):
            self.elsewhere.append(request.url)

    def open(self, view: str = "") -> Looked:
        """Open a view, as `#/payments`."""
        self.page.goto(f"{self.url}/{view}")
        return self

    def pay(self, *, token: str = LAMPS_TOKEN, body: bytes | None = None, **fields: Any) -> httpx2.Response:
        """Send a payment for Lumen Lamps, with other fields or another body."""
        content: dict[str, Any] = {"json": LAMPS | fields} if body is None else {"content": body}
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return httpx2.post(self.url + ENDPOINT, headers=headers, timeout=30, **content)

    def see(self, text: str, place: str = "body") -> Any:
        """Wait until a text is to be seen."""
        found = self.page.locator(place).get_by_text(text).first
        found.wait_for()
        return found


@contextmanager
def looking(
    browser: Any,
    world: World | None = None,
    *,
    access: Access | None = None,
    reports: Sequence[Path] = (),
    **context: Any,
) -> Iterator[Looked]:
    """A page on a mock of its own, for as long as the block lasts; fails where the browser complained."""
    with running(create_app(world or World(), access=access, reports=reports)) as url:
        looked = Looked(browser, url, **context)
        try:
            yield looked
            assert looked.complaints == []
            assert looked.elsewhere == []
        finally:
            looked.context.close()


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
