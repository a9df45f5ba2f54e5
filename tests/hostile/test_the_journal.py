"""What the journal keeps of a request depends on the request, not on the segments that it came in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import LAMPS, TOKEN
from tests.hostile.wire import BODY, Server, hear, post, serving


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    with serving(tmp_path) as server:
        yield server


def journal(server: Server) -> list[dict[str, Any]]:
    """What is in the journal, the newest first."""
    requests: list[dict[str, Any]] = server.client.get(f"{server.url}/__admin/requests").json()["requests"]
    return requests


def test_twenty_requests_in_a_segment_are_kept_as_one_alone_is(server: Server) -> None:
    agent = b"a" * 400
    hear(server.address, post(b"User-Agent: " + agent) * 20, expected=20)
    hear(server.address, post(b"User-Agent: " + agent))
    assert {entry["request"]["headers"]["user-agent"] for entry in journal(server)} == {agent.decode()}


@pytest.mark.parametrize("fields", [[], [b"X-Long: " + b"x" * 9000]], ids=["a small head", "a large head"])
@pytest.mark.parametrize("size", [9_000, 40_000])
def test_a_long_token_has_its_own_fingerprint_whatever_comes_with_it(
    server: Server, fields: list[bytes], size: int
) -> None:
    token = b"tf_" + b"t" * 400
    hear(server.address, post(*fields, authorization=b"Bearer " + token, body=BODY + b" " * size))
    shown = journal(server)[0]["request"]["headers"]["authorization"]
    assert shown.endswith("#" + hashlib.sha256(token).hexdigest()[:6])


def test_a_token_behind_a_hundred_fields_is_known_to_have_come(server: Server) -> None:
    fields = [b"X-%d: 1" % number for number in range(100)]
    late = [*fields, b"Authorization: Bearer " + TOKEN.encode()]
    hear(server.address, post(*late, authorization=None, body=BODY.replace(b"your_website_id", b"web_lumen_lamps")))
    entry = journal(server)[0]
    explained = server.client.get(f"{server.url}{entry['explanation']}").json()
    assert entry["rule"] == "auth.website", LAMPS
    assert "your_website_id" in str(explained)
