"""What the tests of the control API share: a client that talks to the whole application in process."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx2
import pytest
from starlette.testclient import TestClient

from tests.conftest import ENDPOINT, TOKEN, VALID
from trackfox_mock import World, create_app


class Client(TestClient):
    """A client of a mock in process."""

    def pay(
        self, *, token: str = TOKEN, headers: dict[str, str] | None = None, query: str = "", **fields: object
    ) -> httpx2.Response:
        """Send a request like the document's example, with other fields."""
        headers = {"authorization": f"Bearer {token}", **(headers or {})}
        return self.post(ENDPOINT + query, json=VALID | fields, headers=headers)

    def pay_for(self, website: dict[str, Any], **fields: Any) -> httpx2.Response:
        """Send a payment of a website's first session."""
        session = website["sessions"][0]
        return self.pay(
            token=website["api_token"],
            website_id=website["website_id"],
            session_id=session["session_id"],
            visitor_id=session["visitor_id"],
            **fields,
        )


@pytest.fixture
def client(world: World) -> Iterator[Client]:
    """The mock of `world`, in process."""
    with Client(create_app(world)) as client:
        yield client
