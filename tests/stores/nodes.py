"""Nodes that share a store, in this process: each with a world, an application and an address of its own."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import httpx2
import orjson

from tests.conftest import ENDPOINT, TOKEN, VALID
from trackfox_mock.assets import fixtures_path
from trackfox_mock.faults.schedule import Fault
from trackfox_mock.http.server import running
from trackfox_mock.http.shared import SharedApp
from trackfox_mock.tenants.fixtures import load_fixtures
from trackfox_mock.tenants.shared.address import StoreAddress
from trackfox_mock.tenants.shared.line import Line
from trackfox_mock.tenants.shared.store import SharedStore
from trackfox_mock.world.shared import SharedWorld


class Node:
    """A client of one node.

    Args:
        url: where it is.
        client: over which it is asked.
        world: what answers there.
    """

    def __init__(self, url: str, client: httpx2.Client, world: SharedWorld) -> None:
        self.url = url
        self.client = client
        self.world = world

    def post(self, *, token: str = TOKEN, **fields: object) -> httpx2.Response:
        """Send a request like the document's example."""
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        return self.client.post(f"{self.url}{ENDPOINT}", content=orjson.dumps(VALID | fields), headers=headers)

    def call(self, method: str, path: str, **json: Any) -> httpx2.Response:
        """Ask the control API."""
        return self.client.request(method, f"{self.url}{path}", json=json or None)

    def admin(self, method: str, path: str, **json: Any) -> Any:
        """The same; the answer's JSON, which must be a good one."""
        answer = self.call(method, f"/__admin/{path}", **json)
        assert answer.status_code < 300, answer.text
        return answer.json()

    @property
    def revenues(self) -> list[int]:
        """Of all payments, the earliest first."""
        return [payment["revenue"] for payment in self.admin("GET", "payments")["payments"]][::-1]


@contextmanager
def nodes(
    url: str,
    count: int = 2,
    *,
    faults: Iterable[Fault] = (),
    patience: float = 10,
    common: dict[str, str] | None = None,
) -> Iterator[list[Node]]:
    """So many nodes over the store at a URL, for as long as the block lasts; other nodes know nothing of it."""
    address = StoreAddress(url, f"{secrets.token_hex(8)}:")
    websites = load_fixtures([fixtures_path()])
    with ExitStack() as stack:
        made = []
        for _ in range(count):
            store = SharedStore(websites, line=Line(address, patience), requests_limit=1000, common=common)
            stack.callback(store.close)
            world = SharedWorld(None, websites, store=store, faults=faults)
            served = stack.enter_context(running(SharedApp(world)))
            made.append(Node(served, stack.enter_context(httpx2.Client(timeout=30)), world))
        yield made
