"""What a report may hold: no secret, nothing that a terminal obeys, and commands that show the same again."""

from __future__ import annotations

import json
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.services.examine import websites
from tests.services.wrong import WRONG
from trackfox_contract.engine.recorder import Recorder
from trackfox_contract.engine.settings import BUDGETS, Settings
from trackfox_contract.judgement.evidence import Evidence
from trackfox_contract.judgement.judge import Breach, Judgement
from trackfox_contract.oracle.document import Document
from trackfox_contract.oracle.expectation import Expectation
from trackfox_contract.report import terminal
from trackfox_contract.report.ledger import Ledger, settle
from trackfox_contract.request.call import Call, encode
from trackfox_contract.request.secret_forms import SHORTEST_PART
from trackfox_contract.suite.run import Outputs
from trackfox_contract.wire.answers import told
from trackfox_contract.wire.client import RoundTrip
from trackfox_contract.wire.transport import Response
from trackfox_mock import load_spec, running

TOKENS = [website.api_token for website in websites()]
PARTS = {token[at : at + SHORTEST_PART] for token in TOKENS for at in range(len(token) - SHORTEST_PART + 1)}


def written(ledger: Ledger) -> Iterator[str]:
    """The ledger in every form that leaves the process."""
    yield "\n".join(terminal.lines(ledger))
    with TemporaryDirectory() as folder:
        paths = [Path(folder) / name for name in ("a.json", "a.xml", "a.html", "a.md")]
        Outputs(*paths).write(ledger)
        yield from (path.read_text(encoding="utf-8") for path in paths)


def reported(call: Call, answer: bytes, name: str = "a case") -> Ledger:
    """The ledger of a run in which one call was answered wrongly."""
    run = Settings(
        "http://user:geheim-geheim@127.0.0.1:1", Document.of(load_spec()), websites(), allow_writes=True,
        budget=BUDGETS["quick"], seed=1, timeout=1.0,
    )  # fmt: skip
    recorder = Recorder(run)
    outcome = Response(418, (), answer)
    breach = Breach("auth.invalid", told(outcome), "401")
    recorder.report(Judgement(RoundTrip(call, outcome), Expectation(), [breach]), name, before=[call])
    return settle(run, recorder.take(), seconds=0)


def call(headers: tuple[tuple[str, str], ...] = (), body: bytes = b"", target: str = "/") -> Call:
    return Call("POST", target, headers, body)


@settings(max_examples=80, deadline=None)
@given(
    st.integers(0, 3200),
    st.integers(0, 40),
    st.sampled_from(TOKENS),
    st.sampled_from("a é{\0\x1b"),
)
def test_no_report_holds_a_part_of_a_token_wherever_it_stands(before: int, after: int, token: str, filler: str) -> None:
    text = filler * before + token + filler * after
    in_header = re.sub(r"[\0\x1b]", "x", text)
    sent = call((("X-Odd", in_header),), text.encode(), f"/?{in_header}")
    for report in written(reported(sent, text.encode(), name=text)):
        assert [part for part in PARTS if part in report] == []
        assert "geheim" not in report


@settings(max_examples=100, deadline=None)
@given(st.text() | st.sampled_from(["\x1b]0;owned\x07", "\x9b31m", "a\rb\nc", "\u202e\u2066"]))
def test_nothing_that_a_service_answers_reaches_the_terminal_as_a_command(answer: str) -> None:
    shown = next(
        written(reported(call(body=answer.encode("utf-8", "replace")), answer.encode("utf-8", "replace"), answer))
    )
    plain = re.sub(r"\x1b\[[\d;]*m", "", shown)  # our own colours
    assert [letter for letter in plain if not (letter.isprintable() or letter == "\n")] == []


def test_every_form_of_a_report_has_the_remarks_of_the_run() -> None:
    seen = Evidence(unstable=3, waits=1, warning="1 payment may have been recorded")
    run = Settings(
        "http://127.0.0.1:1",
        Document.of(load_spec()),
        websites(),
        allow_writes=True,
        budget=BUDGETS["quick"],
        seed=1,
        timeout=1.0,
    )
    for report in written(settle(run, seen, seconds=0)):
        assert "3 requests had to be sent again: the answer got lost on the way" in report
        assert "the service answered 429 to 1 request and was waited for" in report
        assert "1 payment may have been recorded" in report


BROKEN = ["APrefixOfTheToken", "TheVisitorDoesNotCount"]


@pytest.mark.slow
@pytest.mark.parametrize("name", BROKEN)
def test_every_command_of_a_report_is_answered_as_it_says(name: str, tmp_path: Path) -> None:
    from tests.test_verify_command import run  # noqa: PLC0415 - the command as a process

    report = tmp_path / "ledger.json"
    fixtures = tmp_path / "shops.json"
    fixtures.write_text(encode(_fixtures()).decode())
    with running(WRONG[name][1]()) as url:
        run(url, "--fixtures", str(fixtures), "--allow-writes", "--json", str(report))
        findings = [one for row in json.loads(report.read_text())["clauses"] for one in row["findings"]]
        assert findings
        for finding in findings:
            answers = [_paste(command) for command in (*finding["before"], finding["curl"])]
            assert answers[-1] == finding["came"].split()[0], finding


def _fixtures() -> dict[str, object]:
    rows = [
        {
            "website_id": website.website_id,
            "api_token": website.api_token,
            "sessions": [{"session_id": one.session_id, "visitor_id": one.visitor_id} for one in website.sessions],
        }
        for website in websites()
    ]
    return {"websites": rows}


def _paste(command: str) -> str:
    """Pastes a command into bash; the status that came."""
    variables = {"TRACKFOX_API_TOKEN": TOKENS[0], "TRACKFOX_API_TOKEN_2": TOKENS[1]}
    done = subprocess.run(
        ["bash", "-s"], input=command.encode(), env={**os.environ, **variables}, capture_output=True, check=False
    )
    return done.stdout.split(b" ")[1].decode()
