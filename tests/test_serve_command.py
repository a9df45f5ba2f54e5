"""`trackfox-mock serve` and `ready` as a person meets them: in a terminal."""

from __future__ import annotations

import json
import signal
import socket
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import orjson
import pytest
import yaml

from tests.conftest import Serve, Served, run_command
from trackfox_mock.assets import fixtures_path, openapi_path


def test_the_ready_line_never_changes(serve: Serve) -> None:
    with serve() as served:
        assert served.first_lines[-1] == f"trackfox-mock ready on http://127.0.0.1:{served.url.rpartition(':')[2]}"
        assert served.post().status_code == 200


def test_every_request_is_one_line_without_a_full_token_or_email(serve: Serve) -> None:
    with serve() as served:
        served.post()
        served.post(session_id="unknown\x1b[2J")
        lines = served.lines_until("404")
    assert "attributed  9900 cents  your_website_id  tf_session_id  c…@example.com" in lines[0]
    assert "advice  session_id, visitor_id and website_id stand for real ones" in lines[1]
    assert "match.session" in lines[2]
    assert "\x1b[2J" not in "".join(lines)
    assert "customer@" not in "".join(lines)


def test_json_lines_are_for_programs(serve: Serve) -> None:
    with serve("--log-format", "json") as served:
        served.post()
        (line,) = served.lines_until("attributed")
    entry = orjson.loads(line)
    assert (entry["status"], entry["outcome"], entry["revenue"]) == (200, "attributed", 9900)


def test_every_flag_has_an_environment_twin(serve: Serve) -> None:
    with serve(env={"TRACKFOX_MOCK_READING": "order=body-first", "TRACKFOX_MOCK_LOG_FORMAT": "json"}) as served:
        assert served.post({}, token="tf_wrong").status_code == 400
        assert orjson.loads(served.lines_until("refused")[0])["rule"] == "field.required"


def test_the_port_file_holds_the_port_while_it_runs(serve: Serve, tmp_path: Path) -> None:
    with serve("--port-file", "port") as served:
        assert (tmp_path / "port").read_text() == f"{served.url.rpartition(':')[2]}\n"
        assert run_command("ready", "--url", served.url).returncode == 0
    assert not (tmp_path / "port").exists()


def test_ready_says_when_nothing_is() -> None:
    done = run_command("ready", "--url", "http://127.0.0.1:1", "--wait", "--timeout", "0.1")
    assert done.returncode == 1
    assert "Nothing is ready at http://127.0.0.1:1. Start it with: trackfox-mock serve" in done.stderr


def test_a_port_in_use_is_one_sentence_naming_who_has_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run_command("serve", "--port", port)
    assert done.returncode == 3
    assert done.stderr.startswith(f"trackfox-mock: 127.0.0.1:{port} is in use by ")
    assert done.stderr.endswith("Stop it, or choose another port; --port 0 takes a free one.\n")
    assert "(pid " in done.stderr


def test_an_address_that_stands_for_all_is_told_as_one_that_can_be_called(serve: Serve) -> None:
    with serve("--host", "0.0.0.0", "--expose") as served:  # noqa: S104 - what is tested
        port = served.url.rpartition(":")[2]
        assert served.first_lines[-1] == f"trackfox-mock ready on http://127.0.0.1:{port}"
        told = f"Other machines reach it under this one's name or address, at port {port}."
        assert told in served.first_lines
        assert served.post().status_code == 200


def test_what_came_is_summed_up_at_the_end(serve: Serve) -> None:
    with serve() as served:
        served.post()
        served.post(revenue=0)
        served.process.send_signal(signal.SIGINT)
        assert served.process.wait(10) == 0
        assert served.process.stdout.read().endswith("2 requests came: 1 attributed, 1 refused\n")


def test_an_address_that_others_reach_needs_a_word() -> None:
    done = run_command("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - it is refused
    assert done.returncode == 2
    assert "say so with --expose" in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["--fixtures", "absent.yaml"], 3, "absent.yaml: there is no such file"),
        (["--spec", "absent.yaml"], 3, "absent.yaml: there is no such file"),
        (["--readings", "absent.yaml"], 3, "absent.yaml: there is no such file"),
        (["--reading", "order=random"], 2, "order cannot be read as 'random'; expected one of stepwise"),
        (["--reading", "order"], 2, "is not of the form SILENCE=VALUE"),
        (["--state", "no/such/folder/state.json"], 3, "cannot be written: No such file or directory"),
        (["--port", "70000"], 2, "70000"),
        (["--colour"], 2, "No such option"),
    ],
)
def test_a_wrong_word_is_one_sentence_and_an_exit_code(
    tmp_path: Path, arguments: list[str], code: int, told: str
) -> None:
    done = run_command("serve", *arguments, cwd=tmp_path)
    assert done.returncode == code
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def saved(file: Path) -> list[dict[str, Any]]:
    """The payments of the document's own website in a state file."""
    payments: list[dict[str, Any]] = orjson.loads(run_command("state", "export", str(file)).stdout)["payments"][
        "your_website_id"
    ]
    return payments


UNDER_NOHUP = pytest.mark.skipif(
    signal.getsignal(signal.SIGHUP) is signal.SIG_IGN, reason="the tests run under nohup, which has hang-ups ignored"
)


@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM, pytest.param(signal.SIGHUP, marks=UNDER_NOHUP)])
def test_state_outlives_ctrl_c_sigterm_and_sighup(serve: Serve, tmp_path: Path, end: signal.Signals) -> None:
    with serve("--state", "state.json", "--port-file", "port") as served:
        for revenue in (100, 200, 300):
            assert served.post(revenue=revenue).status_code == 200
        served.process.send_signal(end)
        assert served.process.wait(10) == 0
        assert "Traceback" not in served.process.stdout.read()
    assert not (tmp_path / "port").exists()
    assert (tmp_path / "state.json").stat().st_mode & 0o777 == 0o600
    assert [payment["revenue"] for payment in saved(tmp_path / "state.json")] == [100, 200, 300]
    with serve("--state", "state.json") as served:
        served.post(revenue=400)
        served.process.send_signal(end)
        served.process.wait(10)
    payments = saved(tmp_path / "state.json")
    assert [(payment["number"], payment["revenue"]) for payment in payments] == [(1, 100), (2, 200), (3, 300), (4, 400)]
    assert payments[0]["session"]["attribution"]["campaign"] == "launch"


@pytest.mark.parametrize("text", ["{", "[]", '{"format": 99}', '{"format": 1, "payments": {"your_website_id": [{}]}}'])
def test_a_wrong_state_file_is_refused_and_left_alone(tmp_path: Path, text: str) -> None:
    file = tmp_path / "state.json"
    file.write_text(text)
    done = run_command("serve", "--port", "0", "--state", str(file))
    assert done.returncode == 3
    assert "elete it to start afresh" in done.stderr
    assert file.read_text() == text


def test_an_edit_is_read_again_and_a_broken_one_is_reported_while_the_old_one_stays(
    serve: Serve, tmp_path: Path
) -> None:
    spec, fixtures = tmp_path / "openapi.yaml", tmp_path / "shops.yaml"
    spec.write_text(openapi_path().read_text())
    fixtures.write_text((fixtures_path() / "documentation.yaml").read_text())
    with serve("--watch", "--spec", str(spec), "--fixtures", str(fixtures), "--state", "state.json") as served:
        assert served.post().status_code == 200
        spec.write_text(openapi_path().read_text().replace("minimum: 1", "minimum: 10000"))
        served.lines_until("read again")
        assert served.post().status_code == 400
        fixtures.write_text(fixtures.read_text().replace("tf_session_id", "another_session"))
        served.lines_until("read again")
        assert served.post(revenue=20000).status_code == 404
        assert served.post(revenue=20000, session_id="another_session").status_code == 200
        fixtures.write_text("websites: [{}]")
        assert "website_id: came nothing" in served.lines_until(r"shops\.yaml:1")[-1]
        served.lines_until("Nothing was changed")
        assert served.post(revenue=20000, session_id="another_session").status_code == 200
    assert len(saved(tmp_path / "state.json")) == 3


def test_edits_while_many_clients_pay_lose_no_answer_and_a_broken_one_changes_nothing(
    serve: Serve, tmp_path: Path
) -> None:
    shops, sound = tmp_path / "shops.yaml", (fixtures_path() / "documentation.yaml").read_text()
    shops.write_text(sound)
    entry = "\n  - {{website_id: shop_{0}, api_token: tf_shop_{0}_token, sessions: [{1}]}}"
    is_over = threading.Event()

    def pay(served: Served) -> list[int]:
        statuses = []
        with httpx2.Client(timeout=30) as client:
            while not is_over.is_set():
                statuses.append(replace(served, client=client).post().status_code)
        return statuses

    def pay_at(served: Served, shop: int) -> int:
        return served.post(website_id=f"shop_{shop}", token=f"tf_shop_{shop}_token").status_code

    with serve("--watch", "--fixtures", str(shops), "--log-format", "none") as served, ThreadPoolExecutor(4) as clients:
        paying = [clients.submit(pay, served) for _ in range(4)]
        try:
            for shop in range(5):
                assert pay_at(served, shop) == 401
                sound += entry.format(shop, "{session_id: tf_session_id, visitor_id: tf_visitor_id}")
                shops.write_text(sound)
                served.lines_until("read again")
                assert pay_at(served, shop) == 200
                shops.write_text(sound + entry.format("broken", "{session_id: 5}"))
                served.lines_until("Nothing was changed")
                assert [pay_at(served, known) for known in range(shop + 1)] == [200] * (shop + 1)
        finally:
            is_over.set()
        statuses = [client.result() for client in paying]
        recorded = served.client.get(f"{served.url}/__admin/payments?website_id=your_website_id&limit=0").json()
    assert all(statuses)
    assert {status for one in statuses for status in one} == {200}
    assert recorded["meta"]["total"] == sum(map(len, statuses))


def test_the_start_tells_what_an_edited_document_has(serve: Serve, tmp_path: Path) -> None:
    document = yaml.safe_load(openapi_path().read_text())
    answer = {"description": "All is well.", "content": {"application/json": {"example": {"well": True}}}}
    document["paths"] |= {
        "/api/v1/status": {"get": {"responses": {"200": answer}}},
        "/api/v1/sites": {"get": {"responses": {"204": {"description": "None."}}}},
    }
    document["components"]["schemas"]["PaymentAttribution"]["minProperties"] = 5
    (tmp_path / "mine.yaml").write_text(yaml.safe_dump(document))
    with serve("--spec", "mine.yaml") as served:
        assert served.client.get(f"{served.url}/api/v1/status").json() == {"well": True}
        assert served.lines_until("answered")[-1].endswith("200  answered  GET /api/v1/status")
    told = "\n".join(served.first_lines)
    assert "also GET /api/v1/status, answered by its example" in told
    assert "not served: GET /api/v1/sites: expected content of type application/json." in told
    assert "each takes some microseconds longer" in told


def test_a_browser_is_let_in_only_where_cors_says_so(serve: Serve) -> None:
    asks = {"origin": "https://shop.example", "access-control-request-method": "POST"}
    with serve("--cors", "https://shop.example") as served:
        answer = served.client.options(f"{served.url}/api/v1/attribute-payment", headers=asks)
        assert answer.headers["access-control-allow-origin"] == "https://shop.example"
    with serve() as served:
        answer = served.client.options(f"{served.url}/api/v1/attribute-payment", headers=asks)
        assert (answer.status_code, "access-control-allow-origin" in answer.headers) == (405, False)


def test_a_reader_that_goes_away_does_not_stop_it(serve: Serve) -> None:
    with serve() as served:
        served.process.stdout.close()
        assert [served.post().status_code for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize(
    ("arguments", "code", "told"),
    [
        (["serv"], 2, "there is no command 'serv'; did you mean serve?"),
        (["colour"], 2, "there is no command 'colour'; expected one of serve, ready, exec"),
        (["help", "serv"], 2, "did you mean serve?"),
        (["-V"], 0, "trackfox-mock "),
        (["help"], 0, "Start with:  trackfox-mock serve"),
        (["help", "ready"], 0, "Usage: trackfox-mock ready"),
    ],
)
def test_the_command_line_answers_as_people_expect(arguments: list[str], code: int, told: str) -> None:
    done = run_command(*arguments)
    assert (done.returncode, told in done.stdout + done.stderr) == (code, True), done.stderr


def test_help_is_worth_reading() -> None:
    done = run_command("--help")
    assert done.returncode == 0
    assert "Start with:  trackfox-mock serve" in done.stdout
    for option in ("--port", "--fixtures", "--readings", "--state", "TRACKFOX_MOCK_PORT"):
        assert option in run_command("serve", "--help").stdout


def test_the_banner_shows_a_token_of_the_built_in_fixtures_alone(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "websites.json"
    sessions = [{"session_id": "ses_1", "visitor_id": "vis_1"}]
    file.write_text(json.dumps({"websites": [{"website_id": "w", "api_token": "tf_secret_1", "sessions": sessions}]}))
    with serve("--fixtures", f"{file}") as served:
        assert "tf_secret_1" not in "".join(served.first_lines)
        assert any("Bearer $TRACKFOX_API_TOKEN" in line for line in served.first_lines)
