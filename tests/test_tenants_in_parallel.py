"""Ten processes on one server, each with a website of its own: none sees another's payments."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

from trackfox_mock import World, create_app, running

# What a test suite in any language would do: take a website, pay, look at its own payments.
CLIENT = """
import json, sys, urllib.request

def call(path, body=None, **headers):
    data = None if body is None else json.dumps(body).encode()
    with urllib.request.urlopen(urllib.request.Request(sys.argv[1] + path, data, headers)) as answer:
        return json.load(answer)

website = call("/__admin/websites", {})
session = website["sessions"][0]
for revenue in range(1, 6):
    ids = {"session_id": session["session_id"], "visitor_id": session["visitor_id"]}
    body = {"website_id": website["website_id"], **ids, "revenue": revenue, "email": "customer@example.com"}
    call("/api/v1/attribute-payment", body, Authorization="Bearer " + website["api_token"])
own = "?website_id=" + website["website_id"]
print(json.dumps({"website_id": website["website_id"], "payments": call("/__admin/payments" + own)["payments"],
                  "requests": call("/__admin/requests" + own)["requests"]}))
"""


def test_ten_processes_with_a_website_each_do_not_meet() -> None:
    with running(create_app(World())) as url:
        processes = [
            subprocess.Popen([sys.executable, "-c", CLIENT, url], stdout=subprocess.PIPE, text=True) for _ in range(10)
        ]
        printed = [process.communicate(timeout=60)[0] for process in processes]
    seen: list[dict[str, Any]] = [json.loads(text) for text in printed]
    assert len({one["website_id"] for one in seen}) == 10
    for one in seen:
        assert [payment["revenue"] for payment in one["payments"]] == [5, 4, 3, 2, 1]
        assert {payment["website_id"] for payment in one["payments"]} == {one["website_id"]}
        assert {entry["website_id"] for entry in one["requests"]} == {one["website_id"]}
        assert len(one["requests"]) == 5
