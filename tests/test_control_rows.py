"""What the page lives on: rows, their stream, sending again, the environment of a website, clauses and reports."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from threading import Thread
from typing import Any

import httpx2
import pytest

from docs.generate.mistakes import MISTAKES
from tests.conftest import ENDPOINT, TOKEN, VALID, request
from tests.control import Client, client
from trackfox_mock import Access, World, create_app, running
from trackfox_mock.explain import mistakes
from trackfox_mock.http.control.traffic.batches import FEW, MOST

__all__ = ["client"]


def events(response: httpx2.Response) -> Iterator[tuple[str, dict[str, Any]]]:
    """The events of a stream, each with its name."""
    name = ""
    for line in response.iter_lines():
        if line.startswith("event: "):
            name = line.removeprefix("event: ")
        elif line.startswith("data: "):
            yield name, json.loads(line.removeprefix("data: "))


def first(response: httpx2.Response, wanted: str) -> dict[str, Any]:
    """The first event of that name."""
    return next(data for name, data in events(response) if name == wanted)


def test_a_row_says_in_one_sentence_why_a_request_was_refused(client: Client) -> None:
    client.pay(revenue=29.99)
    client.pay()
    client.post(ENDPOINT, content=b"{'session_id': 1}")
    broken, paid, refused = client.get("/__admin/rows").json()["rows"]
    assert (refused["status"], refused["slip"], refused["mistake"]) == (400, "revenue.dollars", 1)
    assert refused["why"].endswith("send 2999.")
    assert (refused["revenue"], refused["visitor_id"]) == (29.99, "tf_visitor_id")
    assert (paid["status"], paid["payment_id"], paid["why"]) == (200, "pay_000001", "")
    assert (broken["website_id"], broken["revenue"]) == (None, None)


def test_rows_come_in_pages_the_newest_first(client: Client) -> None:
    for revenue in range(1, 6):
        client.pay(revenue=revenue)
    first = client.get("/__admin/rows?limit=2").json()
    assert [row["id"] for row in first["rows"]] == [5, 4]
    assert first["meta"]["total"] == 5
    assert [row["id"] for row in client.get("/__admin/rows?limit=2&before=4").json()["rows"]] == [3, 2]
    assert client.get("/__admin/rows?outcome=refused").json()["rows"] == []


def test_no_row_holds_a_token_and_none_is_endless(client: Client) -> None:
    client.pay(session_id=f"{TOKEN}", visitor_id="v" * 10_000)
    answer = client.get("/__admin/rows")
    assert TOKEN not in answer.text
    assert len(answer.text) < 3000


def test_every_way_to_make_one_of_the_ten_mistakes_counts_as_that_one() -> None:
    assert [mistake.title for mistake in MISTAKES] == list(mistakes.MISTAKES)
    for number, mistake in enumerate(MISTAKES, 1):
        for way in mistake.ways:
            world = World()
            entry = [world.answer(way.request()) for _ in range(way.times)][-1]
            slip = world.slip(entry)
            found = mistakes.mistake_of(slip.slip if slip else None, [advice.id for advice in entry.advice])
            # That a status is ignored is seen by who runs the command; the request alone makes another mistake.
            assert found == (1 if way.under else number), way


def test_the_stream_sends_rows_and_what_is_broken_on_purpose() -> None:
    with running(create_app(World())) as url, httpx2.Client(base_url=url, timeout=10) as mock:
        with mock.stream("GET", "/__admin/rows/events") as stream:
            (_, hello), (_, state) = islice(events(stream), 2)
        assert hello["path"] == ENDPOINT
        assert state == {"faults": [], "requests": 0, "kept": 0, "reports": []}
        with mock.stream("GET", "/__admin/rows/events") as stream:
            httpx2.post(url + ENDPOINT, json=VALID, headers={"authorization": f"Bearer {TOKEN}"})
            rows = first(stream, "rows")
        assert [row["outcome"] for row in rows["rows"]] == ["attributed"]
        mock.post("/__admin/faults", json={"status": 503})
        with mock.stream("GET", "/__admin/rows/events") as stream:
            assert [fault["name"] for fault in first(stream, "state")["faults"]] == ["STATUS"]


def test_of_a_flood_the_newest_few_are_told_and_the_number_of_the_others() -> None:
    world = World()
    with running(create_app(world)) as url, httpx2.Client(base_url=url, timeout=10) as mock:
        told: list[int] = []
        dropped = 0
        with mock.stream("GET", "/__admin/rows/events") as stream:
            flood = [world.answer(request(revenue=number)) for number in range(1, 301)]
            for entry in flood:
                world.finish(entry, 0.001)
            for name, batch in events(stream):
                if name == "rows":
                    assert len(batch["rows"]) <= (FEW if batch["dropped"] else MOST)
                    told += [row["id"] for row in batch["rows"]]
                    dropped += batch["dropped"]
                if told and told[-1] == 300:
                    break
    assert len(told) + dropped == 300
    assert dropped > 200
    assert told == sorted(told)
    assert not world.listeners


def test_a_request_whose_answer_is_held_back_is_told_of_and_again_when_it_is_through() -> None:
    seen: list[bool] = []
    with running(create_app(World())) as url, httpx2.stream("GET", f"{url}/__admin/rows/events", timeout=10) as stream:
        late = Thread(target=httpx2.post, args=(f"{url}{ENDPOINT}?__delay=2500",), kwargs={"json": {}})
        late.start()
        for name, batch in events(stream):
            seen += [row["completed"] for row in batch["rows"]] if name == "rows" else []
            if True in seen:
                break
        late.join()
    assert seen == [False, True]


def test_a_request_is_sent_again_as_it_was_or_edited(client: Client) -> None:
    client.pay(revenue=29.99)
    same = client.post("/__admin/requests/1/again")
    assert (same.status_code, same.json()["request"]["outcome"]) == (201, "refused")
    body = json.dumps(VALID | {"revenue": 2999})
    mended = client.post("/__admin/requests/1/again", json={"body": body}).json()
    assert (mended["request"]["outcome"], mended["request"]["payment_id"]) == ("attributed", "pay_000001")
    assert mended["request"]["id"] == 3
    assert client.post("/__admin/requests/99/again").status_code == 404


def test_a_payment_is_sent_without_anybody_seeing_the_token(client: Client) -> None:
    sent = client.post("/__admin/send", json={"website_id": "your_website_id", "body": json.dumps(VALID)})
    assert (sent.status_code, sent.json()["request"]["outcome"]) == (201, "attributed")
    assert TOKEN not in sent.text
    assert client.post("/__admin/send", json={"body": "{}"}).json()["request"]["rule"] == "auth.missing"
    odd = client.post("/__admin/send", json={"method": "GET", "url": "/api/v2?x=1", "headers": {"accept": "b"}}).json()
    assert (odd["request"]["request"]["url"], odd["request"]["request"]["headers"]["accept"]) == ("/api/v2?x=1", "b")
    assert client.post("/__admin/send", json={"website_id": "nobody"}).status_code == 404


def test_a_fingerprint_stands_for_the_token_that_it_hides(client: Client) -> None:
    client.pay()
    shown = client.get("/__admin/requests/1").json()["request"]["headers"]["authorization"]
    assert TOKEN not in shown
    again = client.post("/__admin/requests/1/again", json={"headers": {"Authorization": shown, "accept": "2"}}).json()
    assert (again["request"]["outcome"], again["request"]["request"]["headers"]["accept"]) == ("attributed", "2")
    without = client.post("/__admin/requests/1/again", json={"headers": {"authorization": None}}).json()
    assert without["request"]["rule"] == "auth.missing"
    other = client.post("/__admin/requests/1/again", json={"headers": {"authorization": "Bearer wrong"}}).json()
    assert other["request"]["rule"] == "auth.invalid"


def test_what_is_shown_of_any_secret_stands_for_it(client: Client, world: World) -> None:
    body = json.dumps(VALID | {"note": "whsec_0123456789abcdef", "tf_live_nobody_1234": 1})
    client.post(ENDPOINT, content=body, headers={"x-api-key": "opensesame", "authorization": "Bearer wrong-token"})
    shown = client.get("/__admin/requests/1").json()["request"]
    assert "whsec_0" not in shown["body"]
    kept = {name: shown["headers"][name] for name in ("x-api-key", "authorization")}
    client.post("/__admin/requests/1/again", json={"headers": kept, "body": shown["body"]})
    first, second = (entry.request for entry in world.journal)
    assert second.body == first.body
    assert {(b"x-api-key", b"opensesame"), (b"authorization", b"Bearer wrong-token")} <= set(second.headers)


def test_what_is_sent_again_cannot_reach_the_control_api(client: Client) -> None:
    client.pay()
    sent = client.post("/__admin/requests/1/again", json={"url": "/__admin/reset"}).json()
    assert sent["request"]["response"]["status"] == 404
    assert client.get("/__admin/payments").json()["meta"]["total"] == 1


def test_a_fault_hits_what_is_sent_again(client: Client) -> None:
    client.pay()
    client.post("/__admin/faults", json={"fault": "EMPTY_RESPONSE"})
    again = client.post("/__admin/requests/1/again").json()
    assert again["lost"].startswith("EMPTY_RESPONSE: the connection is closed without a byte")
    assert again["request"]["outcome"] == "faulted"


def test_a_request_that_was_too_large_to_keep_needs_its_body(client: Client) -> None:
    client.pay(name="x" * 20_000)
    again = client.post("/__admin/requests/1/again")
    assert again.status_code == 400
    assert "give the body that is to be sent" in again.json()["detail"]
    assert client.post("/__admin/requests/1/again", json={"body": json.dumps(VALID)}).status_code == 201


def test_the_environment_of_a_website_is_what_an_application_needs(client: Client) -> None:
    found = client.get("/__admin/websites/your_website_id/environment")
    assert found.headers["cache-control"] == "no-store"
    variables = found.json()
    assert (variables["TRACKFOX_API_TOKEN"], variables["TRACKFOX_SESSION_ID"]) == (TOKEN, "tf_session_id")
    lamps = client.get("/__admin/websites/web_lumen_lamps/environment?session_id=ses_lumen_grace").json()
    assert lamps["TRACKFOX_VISITOR_ID"] == "vis_grace_0d15"
    assert client.get("/__admin/websites/web_lumen_lamps/environment?session_id=none").status_code == 404


def test_a_token_that_came_from_the_environment_is_shown_to_nobody(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from trackfox_mock import load_fixtures  # noqa: PLC0415

    monkeypatch.setenv("STAGING_TOKEN", "tf_live_of_staging")
    shop = tmp_path / "shop.yaml"
    shop.write_text(
        "websites: [{website_id: shop, api_token: '${STAGING_TOKEN}', sessions: [{session_id: s, visitor_id: v}]}]"
    )
    with Client(create_app(World(websites=load_fixtures([shop])))) as client:
        found = client.get("/__admin/websites/shop/environment")
    assert found.json()["TRACKFOX_API_TOKEN"] == "$STAGING_TOKEN"


def test_clauses_have_the_served_documents_words(client: Client) -> None:
    client.pay(token="nobody's")
    clauses = {row["id"]: row for row in client.get("/__admin/clauses").json()["clauses"]}
    assert clauses["auth.website"]["words"] == "The API token for the website_id in the JSON body."
    assert clauses["auth.invalid"]["requests"] == 1
    assert "/api/v1/attribute-payment" in client.get("/__admin/document").json()["paths"]


def test_a_report_is_shown_as_verify_wrote_it(tmp_path: Path, world: World) -> None:
    file = tmp_path / "report.json"
    with Client(create_app(world, reports=[file])) as client:
        assert "cannot be read" in client.get("/__admin/report").json()["detail"]
        file.write_text("[")
        assert "is no report" in client.get("/__admin/report").json()["detail"]
        file.write_text('{"target": "https://staging.example", "clauses": []}')
        assert client.get("/__admin/report").json()["target"] == "https://staging.example"
    with Client(create_app(world)) as client:
        assert "--report" in client.get("/__admin/report").json()["detail"]


def test_of_several_reports_the_newest_of_its_kind_is_shown(tmp_path: Path, world: World) -> None:
    check, older, newer = (tmp_path / name for name in ("check.json", "exec.json", "pytest.json"))
    check.write_text('{"target": "https://staging.example", "clauses": []}')
    older.write_text('{"command": ["npm", "test"], "requests": []}')
    newer.write_text('{"exit_code": 0, "tests": []}')
    for second, file in enumerate((older, newer, check)):
        os.utime(file, (second, second))
    with Client(create_app(world, reports=[older, check, newer])) as client:
        assert client.get("/__admin/report").json()["target"] == "https://staging.example"
        assert client.get("/__admin/tests").json()["exit_code"] == 0
        os.utime(older, (9, 9))
        assert client.get("/__admin/tests").json()["command"] == ["npm", "test"]
    with Client(create_app(world, reports=[check])) as client:
        assert "pytest --trackfox-report" in client.get("/__admin/tests").json()["detail"]


def test_a_payment_that_is_counted_twice_names_the_first_one_whatever_is_masked(world: World) -> None:
    with Client(create_app(world, access=Access(token="letmein", exposed=True))) as client:
        for email in ("ada@example.com", "alan@example.com", "ada@example.com"):
            client.pay(email=email)
        payments = client.get("/__admin/payments", headers={"x-admin-token": "letmein"}).json()["payments"]
    assert [payment["email"] for payment in payments] == ["a…@example.com"] * 3
    assert [payment["repeats"] for payment in payments] == ["pay_000001", None, None]


def test_a_person_who_follows_the_link_of_an_answer_sees_the_page(client: Client) -> None:
    client.pay(revenue=0)
    link = client.get("/__admin/requests/1/explain", headers={"accept": "text/html,*/*"}, follow_redirects=False)
    assert (link.status_code, link.headers["location"]) == (303, "/#/requests/1")


def test_an_exposed_mock_gives_rows_to_who_has_the_token(world: World) -> None:
    with Client(create_app(world, access=Access(token="letmein", exposed=True))) as client:
        client.pay()
        assert client.get("/__admin/rows").status_code == 401
        (row,) = client.get("/__admin/rows", headers={"x-admin-token": "letmein"}).json()["rows"]
    assert row["email"] == "c…@example.com"


def test_a_row_has_the_host_that_an_intercepted_call_was_meant_for(world: World, client: Client) -> None:
    client.pay()
    world.intercepted = ("trackfox.app",)
    client.pay(headers={"host": "trackfox.app:443"})
    client.pay()
    assert [row["host"] for row in client.get("/__admin/rows").json()["rows"]] == [None, "trackfox.app", None]
