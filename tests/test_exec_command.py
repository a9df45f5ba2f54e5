"""`trackfox-mock exec`: a command with a mock of its own, and what it is told afterwards."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import needs, run_command

PYTHON = """
import json, os, sys, urllib.error, urllib.request

def pay(**changes):
    payment = {
        "session_id": os.environ["TRACKFOX_SESSION_ID"],
        "visitor_id": os.environ["TRACKFOX_VISITOR_ID"],
        "website_id": os.environ["TRACKFOX_WEBSITE_ID"],
        "revenue": 9900,
        "email": "ada@example.com",
    }
    request = urllib.request.Request(
        os.environ["TRACKFOX_BASE_URL"] + "/api/v1/attribute-payment",
        json.dumps(payment | changes).encode(),
        {"Authorization": "Bearer " + os.environ["TRACKFOX_API_TOKEN"], "Content-Type": "application/json"},
    )
    try:
        return urllib.request.urlopen(request, timeout=10).status
    except urllib.error.HTTPError as refused:
        return refused.code
"""

NODE = """
const env = process.env;
const response = await fetch(`${env.TRACKFOX_BASE_URL}/api/v1/attribute-payment`, {
  method: "POST",
  headers: { Authorization: `Bearer ${env.TRACKFOX_API_TOKEN}`, "Content-Type": "application/json" },
  body: JSON.stringify({
    session_id: env.TRACKFOX_SESSION_ID,
    visitor_id: env.TRACKFOX_VISITOR_ID,
    website_id: env.TRACKFOX_WEBSITE_ID,
    revenue: Number(process.argv[2]), email: "ada@example.com",
  }),
});
console.log((await response.json()).message ?? response.status);
process.exit(response.ok ? 0 : 7);
"""


def run(script: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a Python script that pays, under `exec`."""
    return run_command("exec", *options, "--", sys.executable, "-c", PYTHON + script)


def test_a_python_script_pays_and_is_told_what_arrived() -> None:
    done = run("print(pay())")
    assert (done.returncode, done.stdout) == (0, "200\n")
    assert "1 request arrived: 1 attributed, 0 refused, 0 with advice" in done.stderr
    assert "attributed  9900 cents  web_lumen_lamps  ses_lumen_ada_1  a…@example.com" in done.stderr


@needs("node")
def test_a_node_script_pays_and_its_exit_code_is_passed_on(tmp_path: Path) -> None:
    script = tmp_path / "pay.mjs"
    script.write_text(NODE)
    paid = run_command("exec", "--", "node", str(script), "9900")
    assert (paid.returncode, paid.stdout) == (0, "Payment event attributed successfully.\n")
    refused = run_command("exec", "node", str(script), "29.99")
    assert refused.returncode == 7
    assert "send 2999" in refused.stderr


def test_a_refused_request_is_told_with_what_to_do_and_no_secret() -> None:
    done = run("import sys; sys.exit(pay(revenue=29.99) != 200)")
    assert done.returncode == 1
    assert "revenue is 29.99" in done.stderr
    assert "tf_live_lumen" not in done.stderr
    assert "ada@" not in done.stderr


def test_a_command_that_ignores_a_refusal_is_told_so() -> None:
    done = run("pay(revenue=29.99)")
    assert done.returncode == 0
    assert "the command ended with 0 although a request was refused: check that it looks at the status" in done.stderr


@pytest.mark.parametrize(
    "script",
    [
        "pay(revenue=29.99)",
        *(pytest.param(script, marks=pytest.mark.slow) for script in ("pay(revenue=29)", "pay(); pay()")),
        "pass",
    ],
)
def test_strict_turns_what_was_refused_or_looks_wrong_or_never_came_into_1(script: str) -> None:
    assert run(script).returncode == 0
    assert run(script, "--strict").returncode == 1


def test_strict_is_content_with_clean_payments_and_leaves_the_commands_own_code() -> None:
    assert run("pay()", "--strict").returncode == 0
    assert run("pay(revenue=29.99); sys.exit(9)", "--strict").returncode == 9


PREFERRING = """
import http.client

def pay_expecting(rule, **changes):
    body = {name: os.environ["TRACKFOX_" + name.upper()] for name in ("session_id", "visitor_id", "website_id")}
    body |= {"revenue": 9900, "email": "ada@example.com"} | changes
    address = os.environ["TRACKFOX_BASE_URL"].removeprefix("http://")
    connection = http.client.HTTPConnection(address, timeout=10)
    headers = {"Authorization": "Bearer " + os.environ["TRACKFOX_API_TOKEN"], "Prefer": "expect=" + rule}
    headers["Content-Type"] = "application/json"
    connection.request("POST", "/api/v1/attribute-payment", json.dumps(body), headers)
    return connection.getresponse()

def admin(path, body):
    url = os.environ["TRACKFOX_BASE_URL"] + path
    urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode()), timeout=10)
"""


@pytest.mark.parametrize("rule", ["match.session", "404"])
def test_strict_takes_a_refusal_that_its_request_expects(rule: str) -> None:
    pay = f"answer = pay_expecting({rule!r}, session_id='ses_nobody');"
    done = run(f"{PREFERRING}{pay} print(answer.status, answer.headers['preference-applied'])", "--strict")
    assert (done.returncode, done.stdout) == (0, f"404 expect={rule}\n"), done.stderr
    assert "1 request arrived: 0 attributed, 1 refused (1 as expected), 0 with advice" in done.stderr


def test_strict_tells_of_an_expected_refusal_that_never_came() -> None:
    done = run(PREFERRING + "pay_expecting('match.session')", "--strict")
    assert done.returncode == 1
    assert "request 1 expected match.session, and was not refused so" in done.stderr
    done = run(PREFERRING + "admin('/__admin/expectations', {'rule': 'match.session'}); pay()", "--strict")
    assert done.returncode == 1
    assert "match.session was expected, and never came" in done.stderr


def test_strict_takes_what_the_control_api_was_told_to_expect_of_a_website() -> None:
    expecting = (
        "admin('/__admin/expectations', {'rule': 'auth.invalid', 'website_id': os.environ['TRACKFOX_WEBSITE_ID']});"
    )
    refused = "os.environ['TRACKFOX_API_TOKEN'] = 'tf_nobodys'; print(pay())"
    done = run(PREFERRING + expecting + refused, "--strict")
    assert (done.returncode, done.stdout) == (0, "401\n"), done.stderr
    again = "pay(revenue=0)"
    assert run(PREFERRING + expecting + refused + ";" + again, "--strict").returncode == 1


def test_a_rule_that_does_not_exist_is_answered_with_the_nearest() -> None:
    done = run(PREFERRING + "answer = pay_expecting('match.sesion'); print(answer.status, answer.read().decode())")
    assert done.stdout.startswith("501 ")
    assert "there is no rule 'match.sesion'; did you mean match.session?" in done.stdout


def test_what_is_counted_outlives_a_reset_between_tests() -> None:
    done = run(PREFERRING + "pay(revenue=29.99); admin('/__admin/reset', {}); pay()", "--strict")
    assert done.returncode == 1
    assert "2 requests arrived: 1 attributed, 1 refused, 0 with advice" in done.stderr
    assert "send 2999" in done.stderr


def test_a_faulted_request_is_not_counted_as_attributed() -> None:
    script = "admin('/__admin/faults', {'status': 503, 'failRequestCount': 1}); print(pay(), pay())"
    assert "2 requests arrived: 1 attributed, 0 refused, 1 faulted, 0 with advice" in run(PREFERRING + script).stderr


def test_what_arrived_is_written_as_json_without_a_secret(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    run("pay(); pay(revenue=29.99)", "--json", str(report))
    text = report.read_text()
    written = json.loads(text)
    assert (written["exit_code"], written["total"]) == (0, 2)
    assert [row["outcome"] for row in written["requests"]] == ["attributed", "refused"]
    assert "send 2999" in written["requests"][1]["why"]
    assert written["findings"]
    assert "tf_live_lumen" not in text
    assert "ada@" not in text


def test_a_report_that_cannot_be_written_is_one_sentence(tmp_path: Path) -> None:
    done = run("pay()", "--json", str(tmp_path))
    assert done.returncode == 3
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_nothing_that_arrives_is_told() -> None:
    assert "no request arrived: check that the command posts to $TRACKFOX_BASE_URL" in run("pass").stderr


def test_the_first_website_of_the_fixtures_is_used(tmp_path: Path) -> None:
    fixtures = tmp_path / "mine.yaml"
    fixtures.write_text(
        "websites: [{website_id: empty, api_token: tf_empty_01234}, "
        "{website_id: mine, api_token: tf_mine_012345, sessions: [{session_id: s, visitor_id: v}]}]"
    )
    done = run(
        "print(*(os.environ[f'TRACKFOX_{name}'] for name in ('WEBSITE_ID', 'API_TOKEN', 'SESSION_ID', 'VISITOR_ID')))",
        "--fixtures",
        str(fixtures),
    )
    assert done.stdout == "mine tf_mine_012345 s v\n"


def test_fixtures_without_a_session_are_one_sentence(tmp_path: Path) -> None:
    fixtures = tmp_path / "mine.yaml"
    fixtures.write_text("websites: [{website_id: empty, api_token: tf_empty}]")
    done = run("pay()", "--fixtures", str(fixtures))
    assert done.returncode == 3
    assert "no website has a session" in done.stderr


def test_a_command_that_is_not_there_is_one_sentence() -> None:
    done = run_command("exec", "--", "no-such-command-at-all")
    assert done.returncode == 3
    assert done.stderr == "trackfox-mock: there is no command 'no-such-command-at-all'; check its name, and PATH.\n"


def test_a_file_that_cannot_be_run_is_one_sentence(tmp_path: Path) -> None:
    script = tmp_path / "script"
    script.write_text("")
    done = run_command("exec", "--", str(script))
    assert done.returncode == 3
    assert "cannot be run" in done.stderr


def test_a_command_that_a_signal_ended_gives_128_and_more() -> None:
    assert run(f"os.kill(os.getpid(), {int(signal.SIGKILL)})").returncode == 137


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_goes_to_the_command_and_the_rest_ends_cleanly(number: signal.Signals) -> None:
    script = """
import signal, time
def leave(number, _):
    print("ended by", number, flush=True)
    sys.exit(5)
signal.signal(signal.SIGINT, leave)
signal.signal(signal.SIGTERM, leave)
pay()
print("ready", flush=True)
time.sleep(30)
"""
    # A session of its own, so that no terminal is there to tell the command itself.
    process = subprocess.Popen(
        [sys.executable, "-m", "trackfox_mock", "exec", "--", sys.executable, "-c", PYTHON + script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with process:
        assert process.stdout is not None
        assert process.stderr is not None
        assert process.stdout.readline() == "ready\n"
        os.kill(process.pid, number)
        assert process.stdout.readline() == f"ended by {int(number)}\n"
        assert process.wait(10) == 5
        told = process.stderr.read()
    assert "1 request arrived: 1 attributed" in told
    assert "Traceback" not in told


def test_no_color_and_a_pipe_are_respected() -> None:
    assert "\x1b[" not in run("pay(revenue=1)").stderr
