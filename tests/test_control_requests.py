"""The journal as the control API shows it: listing, counting, finding, waiting."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.conftest import ENDPOINT, LAMPS, LAMPS_TOKEN, TOKEN
from tests.control import Client, client
from trackfox_mock import World, create_app
from trackfox_mock.redaction.known_tokens import KnownTokens

__all__ = ["client"]


def find(client: Client, **matcher: Any) -> list[int]:
    found = client.post("/__admin/requests/find", json=matcher)
    assert found.status_code == 200, found.text
    return [entry["id"] for entry in found.json()["requests"]]


def test_a_request_is_shown_as_wiremock_shows_it(client: Client) -> None:
    client.pay()
    listing = client.get("/__admin/requests").json()
    (entry,) = listing["requests"]
    assert listing["meta"] == {"total": 1}
    assert entry["id"] == 1
    assert entry["wasMatched"]
    assert entry["request"]["url"] == ENDPOINT
    assert entry["request"]["absoluteUrl"] == f"http://testserver{ENDPOINT}"
    assert entry["request"]["method"] == "POST"
    assert entry["request"]["clientIp"] == "testclient"
    assert '"customer@example.com"' in entry["request"]["body"]
    assert entry["request"]["loggedDateString"].endswith("Z")
    assert entry["response"]["status"] == 200
    assert (entry["outcome"], entry["rule"], entry["website_id"]) == ("attributed", "success.status", "your_website_id")
    assert entry["payment_id"] == "pay_000001"


def test_the_newest_request_comes_first_and_the_listing_can_be_narrowed(client: Client) -> None:
    for revenue in (100, 0, 200):
        client.pay(revenue=revenue)
    assert [entry["id"] for entry in client.get("/__admin/requests").json()["requests"]] == [3, 2, 1]
    refused = client.get("/__admin/requests", params={"outcome": "refused"}).json()
    assert [entry["id"] for entry in refused["requests"]] == [2]
    limited = client.get("/__admin/requests", params={"limit": 1}).json()
    assert [entry["id"] for entry in limited["requests"]] == [3]
    assert limited["meta"]["total"] == 3
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    assert client.get("/__admin/requests", params={"since": tomorrow}).json()["meta"]["total"] == 0


def test_requests_are_found_by_what_is_in_them(client: Client) -> None:
    client.pay(revenue=100)
    client.pay(revenue=200, headers={"X-Trace": "abc"})
    client.pay(token="tf_wrong", revenue=200)
    assert find(client) == [3, 2, 1]
    assert find(client, body={"revenue": 200}) == [3, 2]
    assert find(client, status=401) == [3]
    assert find(client, rule="auth.invalid") == [3]
    assert find(client, headers={"X-Trace": {"equalTo": "abc"}}) == [2]
    assert find(client, headers={"X-Trace": {"absent": True}}) == [3, 1]
    assert find(client, method="POST", urlPath=ENDPOINT, bodyPatterns=[{"contains": '"revenue":100'}]) == [1]
    assert find(client, bodyPatterns=[{"equalToJson": {"revenue": 100}, "ignoreExtraElements": True}]) == [1]
    assert find(client, bodyPatterns=[{"matches": ".*customer@.*"}]) == [3, 2, 1]


def test_counts_by_website_and_outcome_stay_exact_after_eviction() -> None:
    with Client(create_app(World(journal_size=2))) as client:
        for revenue in (1, 2, 3, 0, 4):
            client.pay(revenue=revenue)
        counted = client.post("/__admin/requests/count", json={"outcome": "attributed"}).json()
        assert counted == {"count": 4, "complete": True}
        kept = client.post("/__admin/requests/count", json={"body": {"revenue": 1}}).json()
        assert kept == {"count": 0, "complete": False}
        assert client.get("/__admin/requests").json()["meta"]["total"] == 2


def test_removed_requests_are_gone_from_listing_and_counts(client: Client) -> None:
    for revenue in (1, 2, 0):
        client.pay(revenue=revenue)
    removed = client.post("/__admin/requests/remove", json={"outcome": "refused"}).json()
    assert [entry["id"] for entry in removed["requests"]] == [3]
    assert client.post("/__admin/requests/count").json() == {"count": 2, "complete": True}
    assert client.delete("/__admin/requests/1").status_code == 200
    assert client.get("/__admin/requests/1").status_code == 404
    assert client.delete("/__admin/requests").status_code == 200
    assert client.post("/__admin/requests/count").json()["count"] == 0


def test_what_is_not_the_documented_endpoint_is_unmatched(client: Client) -> None:
    client.pay()
    client.post("/api/v1/atribute-payment", json={})
    unmatched = client.get("/__admin/requests/unmatched").json()["requests"]
    assert [entry["request"]["url"] for entry in unmatched] == ["/api/v1/atribute-payment"]
    assert not unmatched[0]["wasMatched"]


def test_waiting_ends_when_the_request_comes(client: Client) -> None:
    answers = []

    def wait() -> None:
        answers.append(client.post("/__admin/requests/wait", json={"n": 2, "timeout": 30, "body": {"revenue": 7}}))

    waiting = threading.Thread(target=wait)
    waiting.start()
    client.pay(revenue=7)
    client.pay(revenue=8)
    client.pay(revenue=7)
    waiting.join(30)
    assert answers[0].status_code == 200
    assert [entry["id"] for entry in answers[0].json()["requests"]] == [3, 1]


def test_waiting_in_vain_tells_what_came_closest(client: Client) -> None:
    client.pay(revenue=9900)
    client.pay(revenue=99, session_id="other")
    answer = client.post(
        "/__admin/requests/wait", json={"timeout": 0, "outcome": "attributed", "body": {"revenue": 99}}
    )
    assert answer.status_code == 406
    problem = answer.json()
    assert problem["type"] == "/__admin/problems/not-arrived"
    assert problem["detail"] == "0 of 1 requests came within 0 seconds."
    assert {near["request"]["id"]: near["differences"] for near in problem["nearMisses"]} == {
        1: ["body's revenue is 9900, not 99"],
        2: ["outcome is 'refused', not 'attributed'"],
    }


def test_waiting_for_more_than_the_journal_keeps_is_refused(client: Client) -> None:
    answer = client.post("/__admin/requests/wait", json={"n": 1001})
    assert (answer.status_code, answer.json()["type"]) == (400, "/__admin/problems/body")
    assert "--journal-size" in answer.json()["detail"]


@pytest.mark.parametrize(
    ("matcher", "sentence"),
    [
        (b'{"revenu', "The body is not JSON"),
        (b'{"outcom": "x"}', "outcom: is not a field of the expected shape"),
        (b'{"status": "200"}', "status: came a string"),
        (b'{"bodyPatterns": [{"matches": "("}]}', "bodyPatterns[0]: came '(', which is not a regular expression"),
        (b"[]", "came a list; expected a mapping."),
        (b"\xff", "The body is not JSON"),
    ],
)
def test_a_wrong_matcher_is_refused_with_a_sentence(client: Client, matcher: bytes, sentence: str) -> None:
    answer = client.post("/__admin/requests/find", content=matcher)
    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]


def test_no_token_is_shown_wherever_it_stands(client: Client) -> None:
    client.post(
        f"{ENDPOINT}?key={TOKEN}", json={"note": f"my token is {TOKEN}"}, headers={"authorization": f"Bearer {TOKEN}"}
    )
    client.pay(token="tf_a_secret_of_production")
    text = client.get("/__admin/requests").text
    assert TOKEN not in text
    assert "tf_a_secret_of_production" not in text
    headers = client.get("/__admin/requests/2").json()["request"]["headers"]
    assert headers["authorization"].startswith("Bearer tf_…#")


def test_the_sentence_stands_where_people_look(client: Client) -> None:
    client.pay(revenue=29.99)
    client.pay()
    accepted, refused = client.get("/__admin/requests").json()["requests"]
    assert refused["why"].startswith(
        "revenue is 29.99, which looks like dollars, not cents; expected a positive integer"
    )
    assert refused["cure"] == "send 2999"
    assert (accepted["why"], accepted["cure"]) == (None, None)
    assert client.get("/__admin/requests/1").json()["why"] == refused["why"]


def test_a_website_is_shown_what_came_with_its_token_and_named_another(client: Client) -> None:
    client.pay(token=LAMPS_TOKEN)
    (entry,) = client.get("/__admin/requests?website_id=web_lumen_lamps").json()["requests"]
    assert (entry["rule"], entry["website_id"]) == ("auth.website", "your_website_id")
    assert entry["token_website_id"] == "web_lumen_lamps"
    assert find(client, website_id="web_lumen_lamps") == find(client, website_id="your_website_id") == [1]
    for website_id in ("web_lumen_lamps", "your_website_id"):
        counted = client.post("/__admin/requests/count", json={"website_id": website_id})
        assert counted.json() == {"count": 1, "complete": True}
    assert client.post("/__admin/requests/count", json={}).json()["count"] == 1
    client.delete("/__admin/requests/1")
    assert client.post("/__admin/requests/count", json={"website_id": "web_lumen_lamps"}).json()["count"] == 0
    client.pay()
    assert find(client, website_id="web_lumen_lamps") == []


def test_who_prefers_it_is_told_why_in_the_header_fields(client: Client) -> None:
    answer = client.pay(headers={"Prefer": "explain"}, session_id="ses_ö\n")
    assert answer.status_code == 404
    assert answer.headers["x-mock-why"].startswith('"your_website_id" has no session "ses_')
    assert "send one that it has" in answer.headers["x-mock-cure"]
    assert "x-mock-why" not in client.pay(session_id="ses_other").headers
    assert "x-mock-why" not in client.pay(headers={"Prefer": "explain"}, token=LAMPS_TOKEN, **LAMPS).headers
    advised = client.pay(headers={"Prefer": "explain"}, revenue=29).headers
    assert "revenue is 29 cents" in advised["x-mock-why"]


def test_a_listing_takes_the_same_work_however_many_websites_there_are(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_through: list[int] = []
    find = KnownTokens.find

    def find_and_count(known: KnownTokens, text: bytes, cuts: Sequence[int]) -> Iterator[tuple[int, int]]:
        looked_through.append(len(text))
        return find(known, text, cuts)

    def list_and_count() -> tuple[int, int]:
        looked_through.clear()
        client.get("/__admin/requests?limit=300")
        return len(looked_through), sum(looked_through)

    for number in range(300):
        client.pay(session_id=f"unknown_{number}", note=f"{number} " + "x" * 200)
    monkeypatch.setattr(KnownTokens, "find", find_and_count)
    texts, size = list_and_count()
    for number in range(40):
        client.post("/__admin/websites", json={"api_token": f"{number:03}_a_token_of_its_own"})
    assert list_and_count() == (texts, size)
    assert 300 <= texts <= 300 * 6
    assert size <= 300 * 1000
