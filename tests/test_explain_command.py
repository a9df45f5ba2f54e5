"""`trackfox-mock explain`: a request that somebody has, explained without a server."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.conftest import ENDPOINT, LAMPS, LAMPS_TOKEN, run_command
from trackfox_mock import Redactor, Request, World
from trackfox_mock.commands.explain import command
from trackfox_mock.files.request_import import import_requests
from trackfox_mock.journal.exports import curl_command

CURL = f"""\
curl "https://trackfox.app{ENDPOINT}" \\
  -X POST \\
  -H "Authorization: Bearer {LAMPS_TOKEN}" \\
  -H "Content-Type: application/json" \\
  -d '{json.dumps(LAMPS)}'
"""


def explain(text: str, *options: str, **environment: str) -> tuple[int, str]:
    """Explain a text from standard input; the exit code, and what was printed."""
    done = CliRunner(env=environment).invoke(command, ["-", *options], input=text)
    return done.exit_code, done.output


def sent(**changes: Any) -> str:
    """A valid request to Lumen Lamps as JSON, but for what is given."""
    headers = {"Authorization": f"Bearer {LAMPS_TOKEN}", "Content-Type": "application/json"}
    return json.dumps({"method": "POST", "path": ENDPOINT, "headers": headers, "body": LAMPS} | changes)


def test_a_request_that_would_be_accepted_ends_with_0() -> None:
    code, printed = explain(sent())
    assert code == 0
    assert printed.startswith("200  attributed  POST /api/v1/attribute-payment")


def test_a_request_that_would_be_refused_ends_with_1_and_says_why() -> None:
    code, printed = explain(sent(body=LAMPS | {"revenue": 29.99}))
    assert code == 1
    assert "send 2999" in printed


def test_a_request_that_is_accepted_and_looks_wrong_ends_with_1() -> None:
    code, printed = explain(sent(body=LAMPS | {"revenue": 29}))
    assert code == 1
    assert "advice (small-amount)" in printed


@pytest.mark.parametrize(
    "curl",
    [
        CURL,
        CURL.replace("-X POST", "-XPOST"),
        CURL.replace("-X POST", "").replace("-d ", "--data-raw "),
        CURL.replace("-X POST", "-s -S --max-time 3 -o /dev/null"),
        CURL.replace('-H "Content-Type: application/json"', "").replace("-d ", "--json "),
        CURL.replace("curl ", "curl --url "),
        CURL.replace(f'-H "Authorization: Bearer {LAMPS_TOKEN}"', f"--oauth2-bearer {LAMPS_TOKEN}"),
        CURL.replace(LAMPS_TOKEN, "$SHOP_TOKEN"),
        CURL.replace(LAMPS_TOKEN, "${SHOP_TOKEN}"),
        CURL.replace("'{", "$'{").replace("@", "\\u0040").replace("9900", "\\x39\\071\\60\\u0030"),
        CURL.replace("'{", '"{').replace("}'", '}"').replace(json.dumps(LAMPS), json.dumps(LAMPS).replace('"', '\\"')),
    ],
)
def test_a_curl_command_is_read_as_curl_reads_it(curl: str) -> None:
    code, printed = explain(curl, SHOP_TOKEN=LAMPS_TOKEN)
    assert code == 0, printed


def test_a_variable_in_single_quotes_is_none_as_in_a_shell() -> None:
    command = CURL.replace('"Authorization', "'Authorization").replace(f'{LAMPS_TOKEN}"', "$SHOP_TOKEN'")
    assert "$SHOP_TOKEN" in explain(command, SHOP_TOKEN=LAMPS_TOKEN)[1]
    assert explain(CURL.replace(LAMPS_TOKEN, "\\$SHOP_TOKEN"), SHOP_TOKEN=LAMPS_TOKEN)[0] == 1


def test_what_the_mock_exports_as_curl_is_read_again() -> None:
    world = World()
    odd = Request("POST", "/\x07", [(b"x-odd", b"it's \x1b[31m")], b"\x00 \\ ' \n $HOME", b"", 13)
    world.finish(world.answer(odd), 0.0)
    command = curl_command(next(iter(world.journal)), Redactor(world, tokens=True, emails=True))
    (again,) = import_requests(Path("journal"), command.partition("\n")[2])
    assert (again.method, again.path, again.body) == (odd.method, odd.path, odd.body)


def test_half_a_character_which_no_client_can_send_is_replaced_wherever_it_stands_in_json() -> None:
    text = r'{"method": "P\ud800", "url": "/\ud800x?\ud800", "headers": {"X-\ud800": "\ud800"}, "body": "\ud800"}'
    (request,) = import_requests(Path("given"), text)
    half = "\N{REPLACEMENT CHARACTER}"
    assert (request.method, request.path, request.query.decode()) == (f"P{half}", f"/{half}x", half)
    assert [(name.decode(), value.decode()) for name, value in request.headers] == [(f"x-{half}", half)]


def test_a_body_without_a_content_type_is_a_form_to_curl() -> None:
    _, printed = explain(CURL.replace('-H "Content-Type: application/json"', ""))
    assert "advice (content-type): the content type is application/x-www-form-urlencoded" in printed


def test_a_curl_command_with_a_user_sends_basic_authentication() -> None:
    _, printed = explain(CURL.replace(f'-H "Authorization: Bearer {LAMPS_TOKEN}"', f"-u {LAMPS_TOKEN}:"))
    assert "the scheme is basic" in printed


def test_a_curl_command_reads_its_body_from_a_file(tmp_path: Path) -> None:
    body = tmp_path / "payment.json"
    body.write_text(json.dumps(LAMPS, indent=2))
    code, printed = explain(CURL.partition("-d ")[0] + f"-d @{body}")
    assert code == 0, printed


def test_the_corrected_command_can_be_explained_again() -> None:
    _, printed = explain(sent(body=LAMPS | {"revenue": 29.99}))
    command = printed[printed.index("curl -X") :]
    assert explain(command, TRACKFOX_API_TOKEN=LAMPS_TOKEN)[0] == 0


def test_a_har_file_is_explained_entry_by_entry() -> None:
    def entry(body: dict[str, Any]) -> dict[str, Any]:
        headers = [
            {"name": ":authority", "value": "trackfox.app"},
            {"name": "Authorization", "value": f"Bearer {LAMPS_TOKEN}"},
            {"name": "Content-Type", "value": "application/json"},
        ]
        posted = {"mimeType": "application/json", "text": json.dumps(body)}
        url = f"https://trackfox.app{ENDPOINT}?from=har"
        return {"request": {"method": "POST", "url": url, "headers": headers, "postData": posted}, "response": {}}

    har = {"log": {"version": "1.2", "entries": [entry(LAMPS), entry(LAMPS | {"visitor_id": "cus_Nff"})]}}
    code, printed = explain(json.dumps(har), "--json")
    assert code == 1
    outcomes = [json.loads(line) for line in printed.splitlines()]
    assert [outcome["outcome"] for outcome in outcomes] == ["attributed", "refused"]
    assert outcomes[1]["slip"]["slip"] == "id.provider"
    assert explain(json.dumps(har["log"]["entries"][0]))[0] == 0


def test_headers_may_be_lists_and_the_body_a_text() -> None:
    headers = {"Authorization": [f"Bearer {LAMPS_TOKEN}"], "Content-Type": "application/json"}
    assert explain(sent(headers=headers, body=json.dumps(LAMPS)))[0] == 0


def test_an_address_keeps_its_doubled_slash() -> None:
    text = sent()
    for place in ("/" + ENDPOINT, f"https://trackfox.app/{ENDPOINT}"):
        _, printed = explain(json.dumps(json.loads(text) | {"path": place}))
        assert "with a slash too many" in printed


def test_readings_and_fixtures_are_those_of_the_mock(tmp_path: Path) -> None:
    fixtures = tmp_path / "mine.yaml"
    fixtures.write_text(
        "websites: [{website_id: mine, api_token: tf_mine_0123456789, sessions: [{session_id: s, visitor_id: v}]}]"
    )
    body = {
        "session_id": "s",
        "visitor_id": "v",
        "website_id": "mine",
        "revenue": 500,
        "email": "ada@example.com",
        "x": 1,
    }
    headers = {"Authorization": "Bearer tf_mine_0123456789", "Content-Type": "application/json"}
    text = sent(body=body, headers=headers)
    assert "advice (extra-property)" in explain(text, "--fixtures", str(fixtures))[1]
    code, printed = explain(text, "--fixtures", str(fixtures), "--reading", "extra-property=refused")
    assert code == 1
    assert 'the document does not list "x"' in printed


def test_secrets_are_hidden_unless_asked_for() -> None:
    assert LAMPS_TOKEN not in explain(sent())[1]
    assert LAMPS_TOKEN in explain(sent(), "--show-secrets")[1]


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "is empty"),
        ("hello", "is neither JSON"),
        ("[]", "holds no object"),
        ("17", "holds no object"),
        ('{"a": 1}', "came an object with a"),
        ('{"log": {"entries": []}}', "HAR file without entries"),
        ('{"method": "POST", "headers": "x"}', "neither an object nor a list"),
        ("curl -X POST", "without an address"),
        ("curl 'http://x", "quotes do not close"),
        ("curl http://x -H", "nothing follows -H"),
        ("curl http://x -d @/nowhere/at/all", "cannot be read from here"),
        ('{"url": "http://[::1"}', "-: "),
        ("[" * 100_000, "-: "),
    ],
)
def test_what_is_no_request_is_complained_about_in_a_sentence(text: str, complaint: str) -> None:
    done = run_command_with(text)
    assert done[0] == 2
    assert complaint in done[1]
    assert "Traceback" not in done[1]
    assert done[1].count("\n") == 1


def run_command_with(text: str) -> tuple[int, str]:
    """The exit code and the complaint of `trackfox-mock explain -`."""
    done = subprocess.run(
        [sys.executable, "-m", "trackfox_mock", "explain", "-"], input=text, capture_output=True, text=True, check=False
    )
    return done.returncode, done.stderr


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    binary = tmp_path / "binary"
    binary.write_bytes(b"\xff\xfe")
    for path, complaint in ((tmp_path / "none", "no such file"), (tmp_path, "is a folder"), (binary, "is not UTF-8")):
        done = run_command("explain", str(path))
        assert done.returncode == 2
        assert complaint in done.stderr
        assert str(path) in done.stderr
