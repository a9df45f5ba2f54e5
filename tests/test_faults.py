"""Breaking answers on purpose: what one request asks for, what is scheduled, and what the client then sees."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from typing import Any

import httpx2
import pytest

from tests.conftest import ENDPOINT, TOKEN, VALID, request
from tests.control import Client, client
from trackfox_mock import Fault, FaultError, LostAnswerError, World, create_app, parse_fault, running

__all__ = ["client"]


@pytest.fixture
def url(world: World) -> Iterator[str]:
    with running(create_app(world)) as url:
        yield url


def send(url: str, prefer: str = "", **fields: object) -> httpx2.Response:
    headers = {"authorization": f"Bearer {TOKEN}", **({"prefer": prefer} if prefer else {})}
    with httpx2.Client(timeout=30) as client:
        return client.post(f"{url}{ENDPOINT}", json=VALID | fields, headers=headers)


def raw_answer(url: str, prefer: str) -> bytes:
    """Everything that comes over the wire, until the connection is closed."""
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=30) as connection:
        head = f"POST {ENDPOINT} HTTP/1.1\r\nHost: {host}\r\nPrefer: {prefer}\r\nContent-Length: 2\r\n\r\n"
        connection.sendall(head.encode() + b"{}")
        received = b""
        while part := connection.recv(65536):
            received += part
        return received


def last(world: World) -> Any:
    return list(world.journal)[-1]


# What one request asks for


@pytest.mark.parametrize("way", [{"headers": {"Prefer": "code=500"}}, {"query": "?__code=500"}])
def test_a_request_gets_the_status_that_it_prefers_and_no_payment(client: Client, world: World, way: Any) -> None:
    answer = client.pay(**way)
    assert (answer.status_code, answer.json()) == (500, {"error": "An unexpected server error occurred."})
    assert answer.headers["preference-applied"] == "code=500"
    assert not world.store.payments_total("your_website_id")
    assert client.get("/__admin/requests").json()["requests"][0]["fault"]["name"] == "STATUS"


def test_an_invalid_request_gets_it_too(client: Client) -> None:
    assert client.pay(token="wrong", revenue=0, headers={"Prefer": "code=503"}).status_code == 503
    assert client.get("/nowhere", headers={"Prefer": "code=502"}).status_code == 502


def test_the_payment_can_be_recorded_before_the_answer_is_replaced(client: Client, world: World) -> None:
    answer = client.pay(headers={"Prefer": "code=500, phase=after-commit"})
    assert answer.status_code == 500
    assert answer.headers["preference-applied"] == "code=500, phase=after-commit"
    assert world.store.payments_total("your_website_id") == 1
    assert answer.headers["x-mock-outcome"] == "attributed"


def test_a_preference_is_read_with_its_parameters(client: Client, world: World) -> None:
    answer = client.pay(headers={"Prefer": 'wait=10; foo=1, code=500; phase="after-commit"'})
    assert answer.status_code == 500
    assert answer.headers["preference-applied"] == "code=500, phase=after-commit"
    assert world.store.payments_total("your_website_id") == 1
    refused = client.pay(headers={"Prefer": "code=500; phase=sometimes"})
    assert (refused.status_code, refused.headers["x-mock-outcome"]) == (501, "refused; rule=preference")


def test_an_answer_that_a_fault_took_tells_no_violations(client: Client) -> None:
    assert "sl-violations" not in client.pay(headers={"Prefer": "code=500"}).headers


def test_a_delay_leaves_the_services_own_answer(client: Client, world: World) -> None:
    answer = client.pay(headers={"Prefer": "delay=20"})
    assert (answer.status_code, answer.headers["preference-applied"]) == (200, "delay=20")
    assert last(world).fault.delay == 20
    assert client.pay(query="?__delay=5-10").status_code == 200
    assert 5 <= last(world).fault.delay <= 10


@pytest.mark.parametrize(
    ("preference", "sentence"),
    [
        ("colour=red", "'colour' is not known; expected one of code, fault, delay, dribble, phase, expect, explain."),
        ("code=abc", "code=abc is not a whole number; expected one, as code=503."),
        ("code=99", "code=99: expected a number of at least 200."),
        ("delay=soon", "delay=soon is not a delay; expected milliseconds as 250"),
        ("fault=NONE", "came the fault 'NONE'; expected one of CONNECTION_RESET_BY_PEER"),
        ("phase=after-commit", "came after-commit without a code or a fault"),
        ("code=500, code=503", "code came as 500 and as 503; expected it once."),
        ("return=minimal; code=500", "code came as a parameter of return; expected a comma between the two."),
        ('code="500', "code is '\"500'; expected letters, digits"),
        ("code", "code came without a value; expected one, as code=503."),
        ("expect=200", "200 is the status of no refusal; expected one from 400 to 599, or a rule"),
        ("expect", "no rule came; expected one, as match.session"),
        ("code=500, fault=HANG", "came a code and a fault; expected one of them"),
        ('code="500\x0bx"', "expected letters, digits"),
    ],
)
def test_a_preference_that_cannot_be_met_is_501_and_records_nothing(
    client: Client, world: World, preference: str, sentence: str
) -> None:
    answer = client.pay(headers={"Prefer": preference})
    assert (answer.status_code, answer.headers["content-type"]) == (501, "application/problem+json")
    assert sentence in answer.json()["detail"]
    assert client.get(answer.json()["type"]).status_code == 200
    assert not world.store.payments_total("your_website_id")


def test_a_query_cannot_smuggle_a_header_field_into_the_answer(client: Client) -> None:
    answer = client.pay(query="?__code=500%0d%0aset-cookie:%20a=b")
    assert answer.status_code == 501
    assert "set-cookie" not in answer.headers


def test_preferences_that_are_for_the_service_are_left_to_it(client: Client) -> None:
    answer = client.pay(headers={"Prefer": "return=minimal, respond-async, wait=10"})
    assert answer.status_code == 200
    assert "preference-applied" not in answer.headers


@pytest.mark.parametrize("handling", ["strict, code=500", "strict; code=500", r"\", code=500"])
def test_what_stands_in_quotation_marks_is_one_word(client: Client, handling: str) -> None:
    assert client.pay(headers={"Prefer": f'handling="{handling}"'}).status_code == 200
    assert client.pay(headers={"Prefer": f'handling="{handling}", code=503'}).status_code == 503


def test_a_word_in_the_query_needs_its_value_too(client: Client) -> None:
    assert client.pay(query="?__code").json()["detail"] == "code came without a value; expected one, as code=503."
    assert "x-mock-why" in client.pay(query="?__explain", revenue=0).headers


def test_a_query_that_is_no_preference_changes_nothing(client: Client) -> None:
    assert client.pay(query="?code=500&utm=x").status_code == 200


# What the client sees


def test_a_connection_is_reset(url: str) -> None:
    with pytest.raises(ConnectionResetError):
        raw_answer(url, "fault=CONNECTION_RESET_BY_PEER")


def test_a_connection_is_closed_without_a_byte(url: str) -> None:
    assert raw_answer(url, "fault=EMPTY_RESPONSE") == b""


def test_a_chunk_is_malformed(url: str) -> None:
    head, _, rest = raw_answer(url, "fault=MALFORMED_RESPONSE_CHUNK").partition(b"\r\n\r\n")
    assert head == b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked"
    assert rest
    with pytest.raises(httpx2.RemoteProtocolError):
        send(url, "fault=MALFORMED_RESPONSE_CHUNK")


def test_an_answer_is_not_http(url: str) -> None:
    assert not raw_answer(url, "fault=RANDOM_DATA_THEN_CLOSE").startswith(b"HTTP")


def test_a_body_is_truncated(url: str) -> None:
    with pytest.raises(httpx2.RemoteProtocolError, match="without sending complete"):
        send(url, "fault=TRUNCATED_BODY")


def test_json_breaks_off(url: str) -> None:
    answer = send(url, "fault=MALFORMED_BODY")
    assert answer.status_code == 200
    with pytest.raises(ValueError, match="Unterminated string"):
        answer.json()


def test_an_answer_that_hangs_is_in_the_journal_while_it_hangs(url: str) -> None:
    with httpx2.Client() as client, pytest.raises(httpx2.ReadTimeout):
        client.post(f"{url}{ENDPOINT}", json=VALID, headers={"prefer": "fault=HANG"}, timeout=0.2)
    with httpx2.Client() as client:
        (entry,) = client.get(f"{url}/__admin/requests").json()["requests"]
    assert entry["fault"]["name"] == "HANG"
    assert entry["response"] is None
    assert entry["outcome"] == "faulted"


def test_a_hanging_answer_does_not_keep_the_server_from_ending(world: World) -> None:
    with (
        running(create_app(world)) as url,
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2]))) as hung,
    ):
        hung.sendall(f"GET {ENDPOINT}?__fault=HANG HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        while not list(world.journal):
            time.sleep(0.001)
    assert last(world).elapsed is not None


@pytest.mark.parametrize(
    "prefer", ["fault=HANG", "fault=RANDOM_DATA_THEN_CLOSE, delay=300", "delay=300", "dribble=2/600"]
)
def test_a_client_that_has_gone_before_a_late_answer_is_no_error(
    url: str, world: World, caplog: pytest.LogCaptureFixture, prefer: str
) -> None:
    with httpx2.Client() as client, pytest.raises(httpx2.ReadTimeout):
        client.post(f"{url}{ENDPOINT}", json=VALID, headers={"prefer": prefer}, timeout=0.1)
    while last(world).elapsed is None:
        time.sleep(0.01)
    # Whatever the application raises, uvicorn logs once the entry is finished.
    send(url)
    assert [record.getMessage() for record in caplog.records if record.name == "uvicorn.error"] == []


def test_a_body_comes_in_pieces(url: str, world: World) -> None:
    answer = send(url, "dribble=4/20")
    assert answer.json() == {"message": "Payment event attributed successfully."}
    assert last(world).fault.effect.name == "DRIBBLE"


def test_a_lost_answer_in_process_is_raised(client: Client, world: World) -> None:
    with pytest.raises(LostAnswerError, match="CONNECTION_RESET_BY_PEER: the connection is reset"):
        client.pay(headers={"Prefer": "fault=CONNECTION_RESET_BY_PEER, phase=after-commit"})
    assert world.store.payments_total("your_website_id") == 1


@pytest.mark.parametrize("code", [201, 204, 304, 402, 418, 599])
def test_any_status_can_be_asked_for(url: str, code: int) -> None:
    assert send(url, f"code={code}").status_code == code


# What is scheduled


def statuses(client: Client, count: int, **fields: Any) -> list[int]:
    return [client.pay(**fields).status_code for _ in range(count)]


def schedule(client: Client, **fault: Any) -> Any:
    answer = client.post("/__admin/faults", json=fault)
    assert answer.status_code == 201, answer.text
    return answer.json()


def test_the_first_requests_fail(client: Client) -> None:
    schedule(client, status=503, failRequestCount=2)
    assert statuses(client, 4) == [503, 503, 200, 200]


def test_the_nth_request_fails(client: Client) -> None:
    schedule(client, status=503, succeedFirst=2, failRequestCount=1)
    assert statuses(client, 4) == [200, 200, 503, 200]


def test_a_fault_can_hit_with_a_probability_and_a_seed_repeats_it(client: Client) -> None:
    runs = []
    for _ in range(2):
        schedule(client, status=503, errorProbability=0.5, seed=7)
        runs.append(statuses(client, 20))
        client.delete("/__admin/faults")
    assert runs[0] == runs[1]
    assert set(runs[0]) == {200, 503}


def test_a_fault_of_one_website_leaves_the_others_alone(client: Client) -> None:
    website = client.post("/__admin/websites").json()
    schedule(client, status=500, website_id=website["website_id"])
    assert client.pay_for(website).status_code == 500
    assert client.pay().status_code == 200
    client.delete(f"/__admin/websites/{website['website_id']}")
    assert client.get("/__admin/faults").json()["meta"]["total"] == 0


@pytest.mark.parametrize(
    "delay",
    [
        {"type": "fixed", "milliseconds": 2},
        {"type": "uniform", "lower": 1, "upper": 3},
        {"type": "lognormal", "median": 2, "sigma": 0.1},
    ],
)
def test_delays_are_distributed_as_wiremock_names_it(client: Client, world: World, delay: Any) -> None:
    shown = schedule(client, delayDistribution=delay, seed=1)
    assert shown["delayDistribution"] == delay
    assert client.pay().status_code == 200
    assert 1 <= last(world).fault.delay <= 3


def test_a_fault_ends_by_itself() -> None:
    now = 1000.0
    world = World(clock=lambda: now)
    with Client(create_app(world)) as client:
        shown = schedule(client, status=503)
        assert shown["timeToLive"] == 60
        assert statuses(client, 1) == [503]
        now += 61
        assert statuses(client, 1) == [200]
        assert client.get(f"/__admin/faults/{shown['id']}").status_code == 404


def test_a_fault_may_live_for_thirty_years_and_not_beyond_all_calendars(client: Client) -> None:
    refused = client.post("/__admin/faults", json={"status": 503, "timeToLive": 1e30})
    assert refused.status_code == 400
    assert refused.json()["detail"].startswith("timeToLive: expected a number of at most 1000000000")
    assert schedule(client, status=503, timeToLive=1e9)["expires_at"] > "2055"
    assert client.get("/__admin/faults").status_code == 200


def test_the_journal_names_the_fault_that_hit(client: Client) -> None:
    shown = schedule(client, fault="MALFORMED_BODY", phase="after-commit")
    client.pay()
    (entry,) = client.post("/__admin/requests/find", json={"fault": "MALFORMED_BODY"}).json()["requests"]
    assert entry["fault"] == {"name": "MALFORMED_BODY", "phase": "after-commit", "delay": 0.0, "id": shown["id"]}
    assert client.get(f"/__admin/faults/{shown['id']}").json()["hits"] == 1


def test_a_fault_is_called_off_or_reset(client: Client) -> None:
    first = schedule(client, status=500)
    assert client.delete(f"/__admin/faults/{first['id']}").status_code == 200
    assert statuses(client, 1) == [200]
    schedule(client, status=500)
    client.post("/__admin/reset", json={"parts": ["faults"]})
    assert statuses(client, 1) == [200]


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ({}, "came a fault that does nothing"),
        ({"status": 99}, "status: "),
        ({"fault": "RESET"}, "came the fault 'RESET'"),
        ({"delayDistribution": {"type": "normal"}}, "delayDistribution.type"),
        ({"delayDistribution": {"type": "uniform", "lower": 2, "upper": 1}}, "the smaller one first"),
        ({"status": 500, "errorProbability": 2}, "errorProbability: "),
    ],
)
def test_a_wrong_fault_is_refused_with_a_sentence(client: Client, fault: Any, sentence: str) -> None:
    answer = client.post("/__admin/faults", json=fault)
    assert answer.status_code == 400
    assert sentence in answer.json()["detail"]
    assert client.post("/__admin/faults", json={"status": 500, "website_id": "none"}).status_code == 404


def test_a_fault_from_the_start_hits_for_as_long_as_it_lives() -> None:
    now = 1_000_000.0
    world = World(faults=[Fault(status=503, seconds_to_live=60)], clock=lambda: now)
    assert world.answer(request()).fault
    now += 61
    assert not world.answer(request()).fault


def test_a_fault_of_the_command_line_stays_and_comes_back_with_a_reset() -> None:
    world = World(faults=[parse_fault("code=503,first=1")])
    with Client(create_app(world)) as client:
        assert statuses(client, 2) == [503, 200]
        client.post("/__admin/reset")
        assert statuses(client, 2) == [503, 200]
    (scheduled,) = world.faults
    assert scheduled.expires_at is None


def test_a_fault_is_read_from_words() -> None:
    fault = parse_fault("fault=hang, phase=after-commit, website=shop, skip=2, first=1, probability=0.5, seed=3, ttl=9")
    assert (fault.fault, fault.phase, fault.website_id, fault.spare, fault.times) == (
        "HANG",
        "after-commit",
        "shop",
        2,
        1,
    )
    assert (fault.probability, fault.seed, fault.seconds_to_live) == (0.5, 3, 9)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("503", "'503' is not of the form NAME=VALUE"),
        ("status=503", "'status' is not known; expected one of code, fault"),
        ("code=503,first=0", "first=0: expected a number of at least 1"),
        ("code=9999", "code=9999: expected a number of at most 599"),
        ("code=503,ttl=1e30", "ttl=1e30: expected a number of at most 1000000000"),
        ("code=503,ttl=-1", "ttl=-1: expected a number above 0."),
        ("code=503,skip=1.5", "skip=1.5 is not a whole number; expected one, as skip=2."),
        ("fault=HUNG", "came the fault 'HUNG'; did you mean HANG?"),
        ("cod=503", "'cod' is not known; did you mean code?"),
        ("code=503,phase=later", "phase=later is not a phase; expected one of before, after-commit."),
        ("first=1", "came a fault that does nothing; expected code, fault, delay or dribble."),
    ],
)
def test_wrong_words_are_refused_with_a_sentence(words: str, sentence: str) -> None:
    with pytest.raises(FaultError, match=re.escape(sentence)):
        parse_fault(words)
