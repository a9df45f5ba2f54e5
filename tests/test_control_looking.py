"""Looking at a running mock: explanations, exports, snapshots, live events."""

from __future__ import annotations

import json
import subprocess
import threading
import time

import httpx2
import pytest

from tests.conftest import ENDPOINT, LAMPS_TOKEN, TOKEN, VALID, needs
from tests.control import Client, client
from trackfox_mock import Access, Request, World, create_app, running

__all__ = ["client"]


def test_the_link_of_an_answer_leads_to_its_explanation(client: Client) -> None:
    answer = client.pay(token="tf_live_lumen_7Qm2xV8dR4kT1cYp")
    explanation = client.get(answer.links["describedby"]["url"]).json()
    assert (explanation["status"], explanation["rule"], explanation["fault"]) == (401, "auth.website", None)
    assert "web_lumen_lamps" in explanation["sentence"]
    assert "tf_live_lumen" not in json.dumps(explanation)
    assert client.get("/__admin/requests/99/explain").status_code == 404


def test_a_payment_providers_key_that_was_sent_by_mistake_is_shown_nowhere(client: Client) -> None:
    client.pay(session_id="sk_test_51NotYourSession")
    for path in ("requests/1", "requests", "requests/1/explain", "requests/har", "requests/curl"):
        shown = client.get(f"/__admin/{path}")
        assert (shown.status_code, "NotYourSession" in shown.text) == (200, False)


def test_an_explanation_is_text_for_a_terminal(client: Client) -> None:
    client.pay(revenue=0)
    text = client.get("/__admin/requests/1/explain", headers={"accept": "text/plain"})
    assert text.headers["content-type"].startswith("text/plain")
    assert "revenue.positive-integer" in text.text


def test_a_fault_is_explained_with_what_would_have_been_without_it(client: Client) -> None:
    client.pay(revenue=0, headers={"prefer": "code=500"})
    explanation = client.get("/__admin/requests/1/explain").json()
    assert explanation["fault"] == "fault STATUS: answered 500, before the service looked"
    assert explanation["rule"] == "revenue.positive-integer"
    text = client.get("/__admin/requests/1/explain", headers={"accept": "text/plain"}).text
    assert text.startswith("fault STATUS: answered 500, before the service looked\nWithout it:\n")


def test_any_request_is_explained_without_being_executed(client: Client) -> None:
    headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
    explained = client.post("/__admin/explain", json={"headers": headers, "body": VALID}).json()
    assert explained["outcome"] == "attributed"
    explained = client.post("/__admin/explain", json={"method": "GET", "url": "/api/v1/atribute-payment?x=1"}).json()
    assert (explained["status"], explained["rule"]) == (404, "endpoint")
    assert client.get("/__admin/requests").json()["meta"]["total"] == 0
    assert client.get("/__admin/payments").json()["meta"]["total"] == 0


def test_the_journal_is_exported_as_har_without_tokens_and_emails(client: Client) -> None:
    client.pay()
    client.pay(revenue=0, query="?ref=1")
    export = client.get("/__admin/requests/har")
    first, second = export.json()["log"]["entries"]
    assert first["request"]["url"] == f"http://testserver{ENDPOINT}"
    assert (first["response"]["status"], second["response"]["status"]) == (200, 400)
    assert second["request"]["queryString"] == [{"name": "ref", "value": "1"}]
    assert TOKEN not in export.text
    assert "customer@" not in export.text
    assert "c…@example.com" in export.text


@needs("bash")
@needs("curl")
def test_exported_curl_commands_can_be_run_again(world: World) -> None:
    app = create_app(world, access=Access(show_secrets=True))
    with running(app) as url, httpx2.Client() as client:
        client.post(f"{url}{ENDPOINT}", json=VALID, headers={"authorization": f"Bearer {TOKEN}"})
        script = client.get(f"{url}/__admin/requests/curl").text
        ended = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert ended.stdout == '{"message":"Payment event attributed successfully."}'
    assert world.store.payments_total("your_website_id") == 2


def test_exported_curl_commands_name_a_variable_instead_of_the_token(client: Client) -> None:
    client.pay()
    script = client.get("/__admin/requests/curl", params={"limit": 1}).text
    assert '-H "authorization: Bearer $TRACKFOX_API_TOKEN"' in script
    assert script.startswith("# 1: attributed, success.status\ncurl -X POST http://testserver")


def test_a_snapshot_is_put_back(client: Client) -> None:
    website = client.post("/__admin/websites").json()
    client.pay_for(website, revenue=7)
    snapshot = client.get("/__admin/state").json()
    assert website["api_token"] not in json.dumps(snapshot)
    client.pay_for(website, revenue=8)
    client.pay(revenue=9)
    assert client.put("/__admin/state", json=snapshot).status_code == 200
    assert [payment["revenue"] for payment in client.get("/__admin/payments").json()["payments"]] == [7]
    assert client.pay_for(website).status_code == 200


def test_a_snapshot_with_a_hidden_token_says_what_it_lacks(client: Client) -> None:
    client.post("/__admin/websites")
    snapshot = client.get("/__admin/state").json()
    client.post("/__admin/reset")
    answer = client.put("/__admin/state", json=snapshot)
    assert answer.status_code == 400
    assert "--show-secrets" in answer.json()["detail"]


def test_what_is_no_snapshot_changes_nothing(client: Client) -> None:
    client.pay()
    assert client.put("/__admin/state", json={"format": 9}).status_code == 400
    assert client.put("/__admin/state", json={}).status_code == 400
    assert client.get("/__admin/payments").json()["meta"]["total"] == 1


def test_requests_are_told_of_as_they_come_and_as_they_are_answered(world: World) -> None:
    with (
        running(create_app(world)) as url,
        httpx2.stream("GET", f"{url}/__admin/events?website_id=your_website_id", timeout=30) as stream,
    ):
        lines = stream.iter_lines()
        assert next(lines) == ": trackfox-mock"
        httpx2.post(f"{url}{ENDPOINT}", json={"website_id": "another"})
        httpx2.post(f"{url}{ENDPOINT}", json=VALID, headers={"authorization": f"Bearer {TOKEN}"})
        told = []
        for line in lines:
            told.append(line)
            if line == "event: completed":
                break
        data = json.loads(next(line for line in lines if line.startswith("data: ")).removeprefix("data: "))
    assert [line for line in told if line.startswith("event")] == ["event: received", "event: completed"]
    assert (data["outcome"], data["response"]["status"]) == ("attributed", 200)
    assert not world.listeners


@pytest.mark.parametrize("path", ["/__admin/events", "/__admin/requests/wait"])
def test_whoever_watches_does_not_keep_the_server_from_ending(world: World, path: str) -> None:
    watching = threading.Event()
    ended = threading.Event()

    def watch(url: str) -> None:
        method = "GET" if path.endswith("events") else "POST"
        with httpx2.Client(timeout=60) as client, client.stream(method, url + path, json={"timeout": 600}) as stream:
            for _ in stream.iter_bytes():
                watching.set()
        ended.set()

    with running(create_app(world)) as url:
        threading.Thread(target=watch, args=(url,), daemon=True).start()
        if path.endswith("events"):
            assert watching.wait(30)
        else:
            while not world.listeners:
                time.sleep(0.001)
    assert ended.wait(30)


def test_every_answer_is_to_be_taken_for_what_it_says_it_is(client: Client) -> None:
    client.pay()
    paths = ("health", "requests", "requests/1/explain", "requests/curl", "requests/99", "nowhere", "payments?limit=x")
    asked = [client.get(f"/__admin/{path}") for path in paths]
    asked += [client.get("/livez"), client.get("/__admin/health", headers={"host": "evil.example"}), client.put("/x")]
    assert {answer.headers["x-content-type-options"] for answer in asked} == {"nosniff"}


@pytest.mark.parametrize("path", ["requests/1/explain", "requests/2/explain", "requests/curl"])
def test_no_control_character_of_a_client_reaches_a_text_answer(world: World, client: Client, path: str) -> None:
    body = json.dumps(VALID | {"session_id": "s\x1b[31m", "visitor_id": "v\x9b", "n\x07": "\u202e"}).encode()
    headers = [(b"accept", b"\x1b[2J"), (b"x-\x1b", b"\x7f"), (b"authorization", f"Bearer {TOKEN}".encode())]
    for method, address in (("POST", ENDPOINT), ("G\x1b", "/\x1b]0;t\x07")):
        world.finish(world.answer(Request(method, address, headers, body, b"\x1b", len(body))), 0)
    text = client.get(f"/__admin/{path}", headers={"accept": "text/plain"}).text
    assert len(text) > 300
    assert text.replace("\n", "").isprintable()


def test_a_body_that_begins_with_an_at_sign_does_not_have_curl_read_a_file(client: Client) -> None:
    client.post(ENDPOINT, content="@/etc/passwd")
    assert "--data-raw @/etc/passwd" in client.get("/__admin/requests/curl").text


def test_a_problem_quotes_no_secret(client: Client) -> None:
    refused = client.get(f"/__admin/websites/{LAMPS_TOKEN}")
    assert (refused.status_code, LAMPS_TOKEN in refused.text) == (404, False)
    for body in ({"website_id": LAMPS_TOKEN}, {LAMPS_TOKEN: 1}, {"rule": LAMPS_TOKEN}):
        refused = client.post("/__admin/faults", json=body)
        assert (refused.status_code >= 400, LAMPS_TOKEN in refused.text) == (True, False)


def test_a_snapshot_of_an_exposed_mock_masks_e_mails_and_can_be_put_back(world: World) -> None:
    with Client(create_app(world, access=Access(token="letmein", exposed=True))) as client:
        client.headers["x-admin-token"] = "letmein"
        client.pay(email="ada@example.com")
        snapshot = client.get("/__admin/state").json()
        assert "ada@example.com" not in json.dumps(snapshot)
        assert client.put("/__admin/state", json=snapshot).status_code == 200
        assert [payment.email for payment in world.store.payments()] == ["ada@example.com"]
        client.delete("/__admin/payments")
        refused = client.put("/__admin/state", json=snapshot)
        assert (refused.status_code, "is masked" in refused.json()["detail"]) == (400, True)
