"""What `trackfox-mock observe` learns of a service: a mock under a reading is seen to take it, and nothing else."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import chain, count, repeat
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import run_command
from tests.services import legal
from tests.services.examine import websites
from tests.services.service import Service
from trackfox_contract.cases.probes import PROBES, UNSEEN
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.settings import BUDGETS, App, Settings
from trackfox_contract.learning.mock import Mock
from trackfox_contract.learning.observe import Observed, observe
from trackfox_contract.oracle.document import Document
from trackfox_mock import SILENCES, Inputs, Readings, Session, Website, World, create_app, load_readings, running

VISIBLE = [
    pytest.param(silence, value, marks=() if value == [*SILENCES[silence].values][-1] else pytest.mark.slow)
    for silence in PROBES
    for value in SILENCES[silence].values
]
"""Every reading; by default one of each silence."""
PARTS = SILENCES["error-body"].parts
FIXTURES = str(Path(__file__).parent.parent / "fixtures")


@contextmanager
def looking(target: App | str, world: World, *, writes: bool = True) -> Iterator[tuple[Observed, Check]]:
    """What is seen of a target that knows the websites of a world, and the run that saw it."""
    document = Document.of(world.api)
    check = Check(Settings(target, document, world.fixtures, writes, BUDGETS["quick"], seed=1, timeout=5.0))
    try:
        yield observe(check, Mock(world.api, world.fixtures)), check
    finally:
        check.client.close()


def under(**readings: str) -> World:
    return World(readings=Readings().with_values({name.replace("_", "-"): value for name, value in readings.items()}))


def why_not(seen: Observed, silence: str) -> str:
    return next(one.why for one in seen.observations if one.silence == silence)


def test_every_silence_is_looked_at_or_said_to_be_unseen() -> None:
    assert {*PROBES, *UNSEEN, "rate-limit"} == set(SILENCES)


@pytest.mark.parametrize(("silence", "value"), VISIBLE)
def test_a_mock_under_a_reading_is_seen_to_take_it_and_no_other(silence: str, value: str) -> None:
    world = World(readings=Readings().with_values({silence: value}))
    with looking(create_app(world), world) as (seen, check):
        assert seen.readings.reading(silence) == (value, "observed")
        assert seen.readings.as_dict() == Readings().with_values({silence: value}).as_dict()
        assert check.evidence.findings == []


PARTLY = {
    "email-edge": "refused",
    "email-edge.over-long": "accepted",
    "content-type": "refused-415",
    "content-type.other": "refused-400",
    "wrong-type-id.number": "no-match",
    "too-large": "refused-413-beyond-100kB",
    "error-body": '{"statusCode": 0, "message": "…"}',
    "error-body.401": "error",
    "error-body.malformed": "html",
    "error-body.method": "text",
    "transport": "title-case",
    "transport.malformed": "close",
}


def test_what_a_part_of_a_silence_is_read_as_is_seen_too() -> None:
    world = World(readings=Readings().with_values(PARTLY))
    with looking(create_app(world), world) as (seen, check):
        assert seen.readings.as_dict() == Readings().with_values(PARTLY).as_dict()
        assert check.evidence.findings == []
        assert seen.unlike == []


class NoTwoRefusedBodiesLookAlike(Service):
    """Lists what is wrong under a name, so that the body of one 400 is not like that of the next."""

    def refusal(self, status: int) -> tuple[int, bytes, dict[str, str]]:
        body = json.dumps({f"field_{self.count}": "is wrong"} if status == 400 else {"detail": "no"})
        return status, body.encode(), {"content-type": "application/json"}


def test_what_no_reading_can_do_is_said_beforehand_and_the_rest_is_learnt() -> None:
    with looking(NoTwoRefusedBodiesLookAlike(), World(websites=websites())) as (seen, _):
        assert (
            {"error-body.400", "error-body.malformed"} <= set(seen.unlike) <= {f"error-body.{part}" for part in PARTS}
        )
        assert seen.readings["error-body"] == '{"detail": "…"}'
        assert "no reading answers as it does: {" in why_not(seen, "error-body.400")


@pytest.mark.parametrize("value", SILENCES["transport"].values)
def test_how_answers_are_carried_is_seen_over_sockets(value: str) -> None:
    world = under(transport=value)
    with running(create_app(world)) as url, looking(url, world, writes=False) as (seen, _):
        assert seen.readings.reading("transport") == (value, "observed")


def test_the_file_makes_a_mock_that_is_seen_as_the_service_was(tmp_path: Path) -> None:
    world = under(order="token-first", error_body="nested", empty_id="refused", transport="chunked")
    path = tmp_path / "readings.yaml"
    with looking(create_app(world), world) as (seen, _):
        path.write_text(seen.yaml("What was seen."))
    loaded = Inputs(readings=path).world()
    assert loaded.service.readings.reading("order") == ("token-first", "observed")
    assert loaded.service.readings.reading("duplicate") == ("two-events", "assumed")
    with looking(create_app(loaded), loaded) as (again, _):
        assert again == seen


def test_safe_mode_learns_all_but_what_a_success_alone_shows_and_creates_nothing() -> None:
    world = under(success_extra="indented", huge_revenue="refused-beyond-2^53", email_edge="refused")
    with looking(create_app(world), world, writes=False) as (seen, check):
        untold = [one.silence for one in seen.observations if not one.value]
        assert untold == ["duplicate", "success-extra", "rate-limit", "which-event", "currency"]
        assert why_not(seen, "success-extra") == "only a success shows it; needs --allow-writes"
        assert check.client.payments == world.store.payments_total() == 0


@pytest.mark.parametrize("value", ["retry-after", "bare"])
def test_a_service_that_asks_for_patience_is_seen_to_limit(value: str) -> None:
    # Twenty-one requests come in one second, each later one in a second of its own: the limit is met once.
    seconds = chain(repeat(0, 21), count(1))
    world = World(readings=Readings().with_values({"rate-limit": value}), clock=lambda: next(seconds))
    with looking(create_app(world), world) as (seen, _):
        assert seen.readings["rate-limit"] == value


@pytest.mark.parametrize("name", ["\u72d0\u72f8", "1", "json"])
def test_unusual_ids_and_tokens_are_no_hindrance(name: str) -> None:
    site = Website(name, f"tf_{name}_token", sessions=(Session(name, f"ses {name}", f"vis {name}", None, {}),))
    world = World(websites=[site], readings=Readings().with_values({"scheme-case": "exact", "empty-id": "refused"}))
    for writes in (True, False):
        with looking(create_app(world), world, writes=writes) as (seen, check):
            assert check.evidence.findings == []
            assert (seen.readings["scheme-case"], seen.readings["empty-id"]) == ("exact", "refused")


def test_a_limit_that_was_not_met_is_not_denied() -> None:
    world = World()
    with looking(create_app(world), world) as (seen, check):
        assert why_not(seen, "rate-limit") == f"no 429 came in {check.client.sent} requests"


def test_what_a_reading_hides_stays_assumed() -> None:
    world = under(order="match-first", unknown_website="404")
    with looking(create_app(world), world) as (seen, _):
        assert why_not(seen, "unknown-website") == "401 and 404 answer alike here"


def test_a_service_that_looks_for_a_match_first_is_asked_with_sessions_only_where_allowed() -> None:
    known = World(websites=websites())
    with looking(legal.MatchBeforeTheRestOfTheBody(), known, writes=False) as (seen, _):
        assert why_not(seen, "integral-float").startswith("the service looks for a match before")
    with looking(legal.MatchBeforeTheRestOfTheBody(), known) as (seen, _):
        assert seen.readings["integral-float"] == "refused"


def test_what_no_reading_does_is_told_and_not_learnt() -> None:
    with looking(legal.MatchBeforeEverything(), World(websites=websites())) as (seen, _):
        assert seen.readings.reading("order").provenance == "assumed"
        assert "400 to no header, and a field is absent" in why_not(seen, "order")


@pytest.mark.slow
@pytest.mark.parametrize("name", sorted(legal.LEGAL))
def test_no_legal_service_is_accused_and_none_is_written_to_in_safe_mode(name: str) -> None:
    service = legal.LEGAL[name]()
    with looking(service, World(websites=websites()), writes=False) as (_, check):
        assert check.evidence.findings == []
        assert service.payments == []


class AnEmptyIdIsACrash(Service):
    def is_id(self, value: Any) -> bool:
        return bool(value[0]) and super().is_id(value)


def test_a_broken_contract_is_told_with_the_request_and_not_learnt() -> None:
    with looking(AnEmptyIdIsACrash(), World(websites=websites())) as (seen, check):
        assert why_not(seen, "empty-id") == "the service breaks the contract here"
        assert seen.readings.reading("empty-id").provenance == "assumed"
        assert {finding.case for finding in check.evidence.findings} >= {"session_id is empty"}
        assert {finding.clause_id for finding in check.evidence.findings} >= {"error.status"}
        assert "${TRACKFOX_API_TOKEN}" in check.evidence.findings[0].curl


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command("observe", *arguments, NO_COLOR="1")


def test_the_command_writes_a_file_that_serve_takes(tmp_path: Path) -> None:
    path = tmp_path / "readings.yaml"
    world = under(order="body-first", content_type="refused-415")
    with running(create_app(world)) as url:
        done = run(url, "--fixtures", FIXTURES, "-o", str(path))
    assert done.returncode == 0, done.stderr
    assert "observed  content-type     refused-415: refused with 415\n" in done.stdout
    assert (
        "assumed   success-extra    message-only: nothing (only a success shows it; needs --allow-writes)"
        in done.stdout
    )
    assert "Safe mode: no request names an existing session" in done.stdout
    assert "none was answered with success" in done.stdout
    assert f"trackfox-mock serve --fixtures {FIXTURES} --readings {path}" in done.stdout
    assert load_readings(path).readings.reading("content-type") == ("refused-415", "observed")


def test_the_command_ends_with_1_where_the_contract_is_broken(tmp_path: Path) -> None:
    path = tmp_path / "shops.json"
    sites = [
        {
            "website_id": site.website_id,
            "api_token": site.api_token,
            "sessions": [
                {"session_id": session.session_id, "visitor_id": session.visitor_id} for session in site.sessions
            ],
        }
        for site in websites()
    ]
    path.write_text(json.dumps({"websites": sites}))
    with running(AnEmptyIdIsACrash()) as url:
        done = run(url, "--fixtures", str(path))
    assert done.returncode == 1
    assert (
        "The service answers 500 where the document says 400: catch what fails there, which breaks error.status:"
        in (done.stdout)
    )
    assert not [site.api_token for site in websites() if site.api_token in done.stdout + done.stderr]


@pytest.mark.parametrize(
    ("arguments", "code", "sentence"),
    [
        (["http://127.0.0.1:9", "--fixtures", FIXTURES], 4, "cannot be reached"),
        (["http://127.0.0.1:9"], 2, "--fixtures is missing"),
        (["127.0.0.1:9", "--fixtures", FIXTURES], 2, "expected the service's base URL"),
        (["http://127.0.0.1:9", "--fixtures", "nowhere.yaml"], 3, "nowhere.yaml"),
    ],
)
def test_the_command_says_why_it_cannot_look(arguments: list[str], code: int, sentence: str) -> None:
    done = run(*arguments)
    assert done.returncode == code
    assert sentence in done.stderr
