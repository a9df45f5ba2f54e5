"""Who may use the control API."""

from __future__ import annotations

import time

import pytest

from tests.conftest import Serve, run_command
from tests.control import Client, client
from trackfox_mock import Access, World, create_app

__all__ = ["client"]

ANYWHERE = "0.0.0.0"  # noqa: S104 - what --expose is for


def test_health_version_and_problems_are_there(client: Client) -> None:
    assert client.get("/livez").json() == client.get("/readyz").json() == {"status": "ok"}
    assert client.get("/__admin/health").json()["status"] == "healthy"
    assert client.get("/__admin/version").json()["version"]
    nowhere = client.get("/__admin/nowhere")
    assert (nowhere.status_code, nowhere.headers["content-type"]) == (404, "application/problem+json")
    assert client.get(nowhere.json()["type"]).json()["title"] == "Not there"
    assert client.get("/__admin/problems/nothing").status_code == 404


def test_the_type_of_an_unknown_path_resolves(client: Client) -> None:
    unknown = client.post("/api/v2/attribute-payment").json()
    assert client.get(unknown["type"]).json()["title"] == unknown["title"]


def test_another_method_is_a_problem_with_an_allow_header(client: Client) -> None:
    answer = client.put("/__admin/websites")
    assert (answer.status_code, answer.json()["type"]) == (405, "/__admin/problems/method")
    assert "GET" in answer.headers["allow"]


def test_a_name_that_was_made_to_resolve_to_this_machine_is_refused(client: Client) -> None:
    answer = client.get("/__admin/payments", headers={"host": "evil.example:4012"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/__admin/problems/host")


@pytest.mark.parametrize("host", ["localhost:4012", "127.0.0.1", "[::1]:4012", "mock.localhost"])
def test_loopback_names_are_welcome(client: Client, host: str) -> None:
    assert client.get("/__admin/payments", headers={"host": host}).status_code == 200


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://localhost:3000"])
def test_a_page_of_another_origin_is_refused(client: Client, origin: str) -> None:
    answer = client.post("/__admin/reset", headers={"host": "localhost:4012", "origin": origin})
    assert (answer.status_code, answer.json()["type"]) == (403, "/__admin/problems/origin")


def test_a_page_of_the_mocks_own_origin_is_welcome(client: Client) -> None:
    headers = {"host": "localhost:4012", "origin": "http://localhost:4012"}
    assert client.post("/__admin/reset", headers=headers).status_code == 200


def test_origins_that_may_call_the_endpoint_may_not_control_the_mock(world: World) -> None:
    with Client(create_app(world, cors=["*"])) as client:
        assert client.pay(headers={"origin": "https://shop.example"}).headers["access-control-allow-origin"] == "*"
        answer = client.get("/__admin/payments", headers={"origin": "https://shop.example"})
        assert answer.status_code == 403
        assert "access-control-allow-origin" not in answer.headers


def test_a_token_is_needed_where_one_was_set(world: World) -> None:
    with Client(create_app(world, access=Access(token="letmein", exposed=True))) as client:
        client.pay()
        refused = client.get("/__admin/payments", headers={"host": "mock.internal"})
        assert (refused.status_code, refused.json()["type"]) == (401, "/__admin/problems/admin-token")
        assert client.get("/__admin/payments", headers={"x-admin-token": "letme"}).status_code == 401
        for header in ({"x-admin-token": "letmein"}, {"authorization": "Bearer letmein"}):
            shown = client.get("/__admin/payments", headers={"host": "mock.internal", **header})
            assert shown.json()["payments"][0]["email"] == "c…@example.com"
        assert client.get("/readyz").status_code == 200


def test_secrets_are_shown_to_who_asked_for_it(world: World) -> None:
    with Client(create_app(world, access=Access(show_secrets=True))) as client:
        client.pay()
        assert "Bearer tf_your_api_token_here" in client.get("/__admin/requests").text
        assert "tf_your_api_token_here" in client.get("/__admin/websites").text


def test_an_exposed_server_prints_the_token_it_asks_for(serve: Serve) -> None:
    with serve("--host", ANYWHERE, "--expose") as served:
        line = next(line for line in served.first_lines if "X-Admin-Token" in line)
        token = line.rpartition(": ")[2]
        url = served.url.replace(ANYWHERE, "127.0.0.1")
        assert served.client.get(f"{url}/__admin/health").status_code == 401
        assert served.client.get(f"{url}/__admin/health", headers={"X-Admin-Token": token}).status_code == 200
        assert served.client.get(f"{url}/readyz").status_code == 200


def test_a_served_mock_refuses_foreign_names_and_takes_faults_and_its_own_token(serve: Serve) -> None:
    with serve("--admin-token", "letmein", "--fault", "code=503,first=1") as served:
        assert [served.post().status_code for _ in range(2)] == [503, 200]
        assert served.client.get(f"{served.url}/__admin/health").status_code == 401
        assert not any("letmein" in line for line in served.first_lines)
    with serve() as served:
        foreign = served.client.get(f"{served.url}/__admin/health", headers={"Host": "evil.example"})
        assert foreign.status_code == 403


def test_a_fault_that_is_not_understood_ends_the_command_with_a_sentence() -> None:
    ended = run_command("serve", "--fault", "status=503")
    assert ended.returncode == 2
    assert "'status' is not known; expected one of code" in ended.stderr
    assert "Traceback" not in ended.stderr


def test_the_uptime_counts_from_the_start_and_not_from_the_first_look(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World()
    later = time.monotonic() + 90
    monkeypatch.setattr("trackfox_mock.http.control.server.time.monotonic", lambda: later)
    with Client(create_app(world)) as client:
        assert client.get("/__admin/health").json()["uptimeInSeconds"] >= 90
