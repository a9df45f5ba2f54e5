"""The control API under clients that ask for too much, ask badly, or leave."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest

from tests.conftest import ENDPOINT, TOKEN, VALID, request, until
from tests.hostile.wire import BODY, PARSERS, Server, hear, post, serving
from trackfox_mock import World, create_app, parse_fault, running
from trackfox_mock.faults.schedule import MOST_OF_A_WEBSITE
from trackfox_mock.http.control.traffic import requests


@pytest.fixture(scope="module", params=PARSERS)
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("control"), request.param) as server:
        yield server


def asked(server: Server, method: str, path: str, **arguments: Any) -> httpx2.Response:
    return server.client.request(method, f"{server.url}{path}", **arguments)


NESTED = b"[" * 100_000
MANY = "9" * 5000


@pytest.mark.parametrize(
    ("method", "path", "arguments", "status"),
    [
        ("POST", "/__admin/requests/find", {"content": NESTED}, 413),
        ("POST", "/__admin/websites", {"content": b'{"a":' * 100_000}, 400),
        ("PUT", "/__admin/state", {"content": b'{"websites":' + NESTED}, 400),
        ("GET", f"/__admin/requests/{MANY}", {}, 404),
        ("GET", f"/__admin/requests/{MANY}/explain", {}, 404),
        ("GET", f"/__admin/payments?limit={'9' * 30}", {}, 400),
        ("GET", f"/__admin/requests?limit={'9' * 30}", {}, 400),
        ("GET", f"/__admin/websites?limit={'9' * 30}", {}, 400),
        ("GET", f"/__admin/payments?revenue={'9' * 30}", {}, 200),
        ("GET", "/__admin/payments?since=9999-12-31T23:59:59-14:00", {}, 200),
        ("GET", "/__admin/requests?since=0001-01-01T00:00:00%2B14:00", {}, 200),
        ("GET", "/__admin/health", {"headers": {"origin": "http://["}}, 403),
        ("GET", "/__admin/health", {"headers": {"host": "["}}, 400),
        ("POST", "/__admin/requests/find", {"content": b'{"url": "\\ud800"}'}, 400),
        ("POST", "/__admin/requests/find", {"content": b'{"body": {"a": "' + b"x" * 70_000 + b'"}}'}, 413),
        ("POST", "/__admin/requests/find", {"json": {"bodyPatterns": [{"contains": "x"}] * 21}}, 400),
        ("POST", "/__admin/requests/find", {"json": {"bodyPatterns": [{"matches": "(?=x)"}]}}, 400),
        ("POST", "/__admin/requests/find", {"json": {"bodyPatterns": [{"matches": "((x{1,900}){1,900}){9}"}]}}, 400),
        ("POST", "/__admin/requests/find", {"json": {"bodyPatterns": [{"matches": ".*(x+x+)+y"}]}}, 200),
        ("POST", "/__admin/explain", {"json": {"url": "//["}}, 200),
    ],
    ids=lambda value: f"{str(value)[:30]}…{str(value)[-20:]}",
)
def test_nothing_that_is_asked_of_the_control_api_is_answered_with_500(
    server: Server, method: str, path: str, arguments: dict[str, Any], status: int
) -> None:
    assert asked(server, method, path, **arguments).status_code == status


ODD = [
    b"GET //[ HTTP/1.1\r\nHost: localhost\r\n\r\n",
    b"GET /%ff%fe?%ff=%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
    post(body=b'{"\\ud800": "\\udfff", "session_id": "\\ud800"}'),
    post(body=BODY.replace(b"9900", b"1" * 300)),
    post(b"X-Odd: \xff\x80", body=b"\xff\x00"),
    post(b"Prefer: code=\xff", authorization=b"Bearer \xff"),
]


def test_whatever_came_can_be_looked_at(server: Server) -> None:
    for sent in ODD:
        hear(server.address, sent)
    for path in ("requests", "requests/har", "requests/curl", "requests/unmatched", "payments", "state", "rows"):
        assert asked(server, "GET", f"/__admin/{path}").status_code == 200, path
    for entry in asked(server, "GET", "/__admin/requests").json()["requests"]:
        for form in ("", "/explain", "/har", "/curl"):
            assert asked(server, "GET", f"/__admin/requests/{entry['id']}{form}").status_code == 200, entry


def test_all_methods_of_a_path_are_allowed_in_their_order(server: Server) -> None:
    assert asked(server, "PATCH", "/__admin/requests/1").headers["allow"] == "DELETE, GET, HEAD"
    assert asked(server, "GET", "/__admin/requests/find").headers["allow"] == "POST"


def test_a_payment_is_answered_while_a_search_or_an_export_of_a_full_journal_is_under_way(server: Server) -> None:
    asked(server, "POST", "/__admin/reset", json={})
    large = post(body=b'{"note": "' + b"x" * 16_000 + b'"}')
    for _ in range(10):
        hear(server.address, large * 100, expected=100, patience=0)
    with socket.create_connection(server.address, timeout=60) as connection:
        connection.sendall(b"GET /__admin/requests/har HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert connection.recv(1) == b"H"
        assert server.pays()  # long before the export is read
        size = 0
        while part := connection.recv(1 << 20):
            size += len(part)
    assert size > 16_000_000


def test_waits_that_clients_left_are_over(server: Server) -> None:
    wait = post(target=b"/__admin/requests/wait", body=b'{"n": 1, "timeout": 600, "outcome": "never"}')
    for _ in range(3):  # were they not over, the control API would soon refuse more of them
        with ExitStack() as stack:
            for _ in range(100):
                stack.enter_context(socket.create_connection(server.address, timeout=10)).sendall(wait)
        assert server.pays()
    assert hear(server.address, wait.replace(b"600", b"0.0")).statuses == (406,)


def test_for_a_client_that_left_nothing_is_looked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    looked = []

    def closest(*given: Any) -> list[Any]:
        looked.append(given)
        return []

    monkeypatch.setattr(requests, "closest", closest)
    world = World()
    wait = post(target=b"/__admin/requests/wait", body=b'{"n": 1, "timeout": 600, "outcome": "never"}')
    with running(create_app(world)) as url:
        with socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), timeout=10) as connection:
            connection.sendall(wait)
            until(lambda: bool(world.listeners))
        until(lambda: not world.listeners)
        assert httpx2.get(f"{url}/__admin/health").status_code == 200
    assert looked == []


def test_a_client_that_watched_and_left_is_forgotten_whatever_it_asked_behind_that(server: Server) -> None:
    stream = b"GET /__admin/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
    for _ in range(3):
        with ExitStack() as stack:
            for _ in range(100):
                connection = stack.enter_context(socket.create_connection(server.address, timeout=10))
                connection.sendall(stream + post())
                assert connection.recv(12)[9:] == b"200"
    assert server.pays()


def test_no_more_clients_may_watch_than_a_payment_can_bear(server: Server) -> None:
    stream = b"GET /__admin/events HTTP/1.1\r\nHost: localhost\r\n\r\n"
    with ExitStack() as stack:
        heard = []
        for _ in range(300):
            connection = stack.enter_context(socket.create_connection(server.address, timeout=10))
            connection.sendall(stream)
            heard.append(connection.recv(12)[9:])
        assert set(heard) == {b"200", b"409"}
        assert 240 < heard.count(b"200") <= 257
        for _ in range(5):
            assert server.pays()


def test_a_request_looks_at_the_faults_of_its_own_website_and_no_other() -> None:
    world = World()
    for _ in range(MOST_OF_A_WEBSITE):
        world.faults.add(parse_fault("code=503,website=web_lumen_lamps"), 0.0)
    with pytest.raises(OverflowError, match="1,000 faults of a website"):
        world.faults.add(parse_fault("code=503,website=web_lumen_lamps"), 0.0)
    assert world.answer(request()).decision.reply.status == 200
    assert sum(scheduled.seen for scheduled in world.faults) == 0


def test_faults_that_are_over_do_not_count_against_the_bound(server: Server) -> None:
    fault = {"status": 503, "website_id": "your_website_id", "timeToLive": 0.001}
    for _ in range(20):
        assert asked(server, "POST", "/__admin/faults", json=fault).status_code == 201
    time.sleep(0.05)  # so that the last one's millisecond is over, too
    assert server.pays()
    assert asked(server, "GET", "/__admin/faults").json()["faults"] == []


def test_a_wait_counts_what_comes_while_it_lasts(server: Server) -> None:
    asked(server, "POST", "/__admin/reset", json={})
    found: list[httpx2.Response] = []

    def wait() -> None:
        expected = {"n": 3, "timeout": 20, "outcome": "attributed", "bodyPatterns": [{"matches": ".*9900.*"}]}
        found.append(httpx2.post(f"{server.url}/__admin/requests/wait", json=expected, timeout=30))

    waiting = threading.Thread(target=wait)
    waiting.start()
    headers = {"authorization": f"Bearer {TOKEN}"}
    for revenue in (9900, 100, 9900, 9900):
        httpx2.post(server.url + ENDPOINT, content=orjson.dumps(VALID | {"revenue": revenue}), headers=headers)
    waiting.join()
    assert (found[0].status_code, found[0].json()["meta"]["total"]) == (200, 3)


@pytest.mark.slow
def test_what_may_be_added_is_bounded(tmp_path: Path) -> None:
    with serving(tmp_path) as server:
        large = {"attribution": {"note": "x" * 70_000}}
        assert asked(server, "POST", "/__admin/websites/your_website_id/sessions", json=large).status_code == 413
