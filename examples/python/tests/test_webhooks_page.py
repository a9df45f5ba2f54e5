"""The Python of docs/webhooks.md is run."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from outbox import Outbox
from shop import create_app
from starlette.testclient import TestClient

from conftest import flow_of
from trackfox_mock import Trackfox

PAGE = Path(__file__).parents[3] / "docs" / "webhooks.md"


def test_the_python_of_the_page_runs(outbox: Outbox, trackfox: Trackfox, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_mine")
    call, test = re.findall(r"^```python\n(.*?)^```$", PAGE.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE)
    with TestClient(create_app(flow_of("stripe").read, outbox)) as client:
        names: dict[str, Any] = {"client": client}
        exec(call, names)  # noqa: S102 - our own page
        assert trackfox.requests[0].json["session_id"] == "ses_ada"
        trackfox.assert_refused("match.session")
        exec(test, names)  # noqa: S102 - our own page
        names["test_a_paid_checkout_is_attributed"](client, trackfox)
