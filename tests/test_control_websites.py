"""Websites, sessions, payments and readings over the control API."""

from __future__ import annotations

import asyncio
import re
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import TOKEN
from tests.control import Client, client
from trackfox_mock import World, create_app
from trackfox_mock.http.control import turns, websites

__all__ = ["client"]


def test_a_post_with_nothing_gives_a_fresh_website_that_works_at_once(client: Client) -> None:
    created = client.post("/__admin/websites")
    assert created.status_code == 201
    website = created.json()
    assert client.pay_for(website).status_code == 200
    assert client.post("/__admin/websites").json()["website_id"] != website["website_id"]


def test_a_token_is_shown_in_full_once_and_then_as_a_fingerprint(client: Client) -> None:
    website = client.post("/__admin/websites").json()
    shown = client.get(f"/__admin/websites/{website['website_id']}").json()
    assert shown["api_token"].startswith("tf_…#")
    assert shown["sessions"] == website["sessions"]
    assert website["api_token"] not in client.get("/__admin/websites").text


def test_a_website_can_be_given_in_the_shape_of_a_fixture(client: Client) -> None:
    given: dict[str, Any] = {
        "website_id": "shop",
        "api_token": "tf_shop_token_1",
        "name": "Shop",
        "sessions": [{"session_id": "s", "visitor_id": "v", "attribution": {"source": "bing"}}],
    }
    assert client.post("/__admin/websites", json=given).status_code == 201
    client.pay(token="tf_shop_token_1", website_id="shop", session_id="s", visitor_id="v")
    (payment,) = client.get("/__admin/payments", params={"website_id": "shop"}).json()["payments"]
    assert payment["attribution"] == {"source": "bing"}
    assert client.post("/__admin/websites", json=given).status_code == 409
    taken = client.post("/__admin/websites", json={"api_token": TOKEN})
    assert (taken.status_code, taken.json()["type"]) == (409, "/__admin/problems/conflict")


@pytest.mark.parametrize(
    ("given", "sentence"),
    [
        ({"website_id": ""}, "website_id: came an empty string"),
        ({"website_id": 1}, "website_id: came a number; expected a string"),
        ({"sessions": [{"session": "s"}]}, "sessions[0].session"),
        ({"shop": 1}, "shop: is not a field"),
    ],
)
def test_a_wrong_website_is_refused_with_a_sentence(client: Client, given: dict[str, Any], sentence: str) -> None:
    answer = client.post("/__admin/websites", json=given)
    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]


def test_a_session_can_be_added(client: Client) -> None:
    website = client.post("/__admin/websites", json={"sessions": []}).json()
    path = f"/__admin/websites/{website['website_id']}/sessions"
    session = client.post(path, json={"visitor_id": "ada", "attribution": {"source": "post"}}).json()
    assert session["visitor_id"] == "ada"
    assert client.pay_for({**website, "sessions": [session]}).status_code == 200
    assert client.get(path).json() == {"sessions": [session], "meta": {"total": 1}}


def test_a_session_added_twice_is_there_once_and_the_state_can_be_put_back(client: Client) -> None:
    website = client.post("/__admin/websites", json={"sessions": []}).json()
    path = f"/__admin/websites/{website['website_id']}/sessions"
    added = [client.post(path, json={"session_id": "s", "visitor_id": "v"}) for _ in range(2)]
    assert [one.status_code for one in added] == [201, 201]
    assert client.get(path).json()["meta"]["total"] == 1
    assert client.put("/__admin/state", json=client.get("/__admin/state").json()).status_code == 200


def test_a_session_of_another_visitor_is_refused(client: Client) -> None:
    website = client.post("/__admin/websites", json={"sessions": []}).json()
    path = f"/__admin/websites/{website['website_id']}/sessions"
    client.post(path, json={"session_id": "s", "visitor_id": "v"})
    refused = client.post(path, json={"session_id": "s", "visitor_id": "w"})
    assert (refused.status_code, refused.json()["detail"]) == (
        400,
        "session_id: came 's' for the visitor 'w', and 'v' has it; expected one visitor for a session: "
        "give one of them another id.",
    )


def test_a_deleted_website_is_unknown(client: Client) -> None:
    website = client.post("/__admin/websites").json()
    path = f"/__admin/websites/{website['website_id']}"
    assert client.delete(path).status_code == 200
    assert client.get(path).status_code == 404
    assert client.pay_for(website).status_code == 401


def test_payments_are_listed_newest_first_and_filtered(client: Client) -> None:
    client.pay(revenue=100)
    client.pay(revenue=200, email="grace@example.com")
    listing = client.get("/__admin/payments").json()
    assert [payment["revenue"] for payment in listing["payments"]] == [200, 100]
    assert listing["payments"][1]["attribution"]["campaign"] == "launch"
    by_email = client.get("/__admin/payments", params={"email": "grace@example.com"}).json()
    assert by_email["meta"]["total"] == 1
    assert client.get("/__admin/payments", params={"limit": "many"}).status_code == 400
    assert client.get("/__admin/payments", params={"website_id": "none"}).status_code == 404
    assert client.delete("/__admin/payments").status_code == 200
    assert client.get("/__admin/payments").json()["meta"]["total"] == 0


def test_a_reading_is_changed_for_one_website_and_reset(client: Client) -> None:
    assert client.pay(website_id="unknown").status_code == 401
    assert client.put("/__admin/readings", json={"unknown-website": "404"}).status_code == 200
    assert client.pay(website_id="unknown").status_code == 404
    client.put("/__admin/readings?website_id=your_website_id", json={"error-body": "text"})
    assert client.pay(revenue=0).headers["content-type"].startswith("text/plain")
    client.post("/__admin/reset", json={"parts": ["readings"]})
    assert client.pay(website_id="unknown").status_code == 401
    assert client.pay(revenue=0).headers["content-type"] == "application/json"
    wrong = client.put("/__admin/readings", json={"order": "random"})
    assert (wrong.status_code, wrong.json()["type"]) == (400, "/__admin/problems/body")


def test_reset_brings_back_the_fixtures(client: Client) -> None:
    website = client.post("/__admin/websites").json()
    client.pay()
    assert client.post("/__admin/reset").status_code == 200
    assert client.get("/__admin/payments").json()["meta"]["total"] == 0
    assert client.get("/__admin/requests").json()["meta"]["total"] == 0
    assert client.get(f"/__admin/websites/{website['website_id']}").status_code == 404
    assert client.pay().status_code == 200


def test_a_part_of_one_website_can_be_reset(client: Client) -> None:
    website = client.post("/__admin/websites").json()
    client.pay()
    client.pay_for(website)
    client.post("/__admin/reset", json={"website_id": website["website_id"]})
    assert [payment["website_id"] for payment in client.get("/__admin/payments").json()["payments"]] == [
        "your_website_id"
    ]
    assert [entry["id"] for entry in client.get("/__admin/requests").json()["requests"]] == [1]
    assert client.pay_for(website).status_code == 200
    client.post("/__admin/reset", json={"parts": ["requests"]})
    assert client.get("/__admin/payments").json()["meta"]["total"] == 2


def test_payments_survive_a_reset_of_the_websites_alone(client: Client) -> None:
    client.pay()
    client.post("/__admin/reset", json={"parts": ["websites"]})
    assert client.get("/__admin/payments").json()["meta"]["total"] == 1


def test_a_part_that_does_not_exist_is_refused(client: Client) -> None:
    answer = client.post("/__admin/reset", json={"parts": ["everything"]})
    assert "came 'everything'; expected some of payments" in answer.json()["detail"]


def test_a_seed_makes_the_made_up_names_the_same() -> None:
    names = set()
    for _ in range(2):
        with Client(create_app(World(seed=7))) as client:
            names.add(client.post("/__admin/websites").text)
    assert len(names) == 1


def test_there_are_no_more_websites_than_the_mock_can_bear(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websites, "MOST_WEBSITES", client.get("/__admin/websites").json()["meta"]["total"] + 1)
    last = client.post("/__admin/websites").json()
    refused = client.post("/__admin/websites")
    assert (refused.status_code, refused.json()["type"]) == (409, "/__admin/problems/conflict")
    assert re.fullmatch(r"There are (\d) websites already, and \1 at most; delete some\.", refused.json()["detail"])
    client.delete(f"/__admin/websites/{last['website_id']}")
    assert client.post("/__admin/websites").status_code == 201


def test_a_website_has_no_more_sessions_than_the_mock_can_bear(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(websites, "MOST_SESSIONS", 2)
    website, other = client.post("/__admin/websites").json(), client.post("/__admin/websites").json()
    sessions = f"/__admin/websites/{website['website_id']}/sessions"
    assert client.post(sessions).status_code == 201
    refused = client.post(sessions)
    assert (refused.status_code, refused.json()["type"]) == (409, "/__admin/problems/conflict")
    assert refused.json()["detail"] == "There are 2 sessions of a website already, and 2 at most; delete some."
    assert client.get(sessions).json()["meta"]["total"] == 2
    assert client.post(f"/__admin/websites/{other['website_id']}/sessions").status_code == 201


@pytest.mark.parametrize("path", ["payments", "state", "requests", "requests/har", "requests/curl"])
def test_who_reads_everything_gives_way_to_others_again_and_again(
    client: Client, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    given: list[float] = []

    async def give_way(seconds: float) -> None:
        given.append(seconds)

    for number in range(30):
        client.pay(revenue=100 + number)
    monkeypatch.setattr(turns, "_TURN_SECONDS", -1.0)
    monkeypatch.setattr(turns, "asyncio", SimpleNamespace(**{**vars(asyncio), "sleep": give_way}))
    assert client.get(f"/__admin/{path}").status_code == 200
    assert len(given) >= 30
