"""`trackfox-mock compare`: two mocks that read a silence otherwise are told apart by it; two that do not are not."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import run_command
from tests.services.examine import websites
from tests.services.service import Service
from trackfox_contract.cases.probes import PROBES
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.settings import App, Budget, Settings
from trackfox_contract.learning.compare import Difference, compare
from trackfox_contract.learning.mock import Mock
from trackfox_contract.oracle.document import Document
from trackfox_mock import SILENCES, Readings, World, create_app, running

FIXTURES = str(Path(__file__).parent.parent / "fixtures")
NOTHING_GENERATED = Budget(seconds=0, examples=1, burst=0, walks=0, repeats=0, depth=0)
SOME_GENERATED = Budget(seconds=20, examples=25, burst=0, walks=0, repeats=0, depth=0)
OTHERWISE = [
    (silence, value)
    for silence in PROBES
    for value in SILENCES[silence].values
    if value != SILENCES[silence].default
]  # fmt: skip


def differences(
    one: App, other: App, known: World, *, writes: bool = True, budget: Budget = NOTHING_GENERATED
) -> list[Difference]:
    """What is found between two services in this process that know the websites of a world."""
    document = Document.of(known.api)
    first, second = (
        Check(Settings(app, document, known.fixtures, writes, budget, seed=1, timeout=5.0)) for app in (one, other)
    )
    try:
        return list(compare(first, second, Mock(known.api, known.fixtures)))
    finally:
        first.client.close()
        second.client.close()


def under(readings: dict[str, str]) -> World:
    return World(readings=Readings().with_values(readings))


MANY = {
    "order": "body-first",
    "unknown-website": "404",
    "error-body": "html",
    "extra-property": "refused",
    "integral-float": "refused",
    "success-extra": "charset",
    "transport": "chunked",
}


def test_silences_that_are_read_otherwise_are_named_each_once() -> None:
    found = differences(create_app(World()), create_app(under(MANY)), World(), budget=SOME_GENERATED)
    assert sorted(difference.about for difference in found) == sorted((silence,) for silence in MANY)
    for (silence,), readings in ((difference.about, difference.readings) for difference in found):
        assert [one[silence] for one in readings] == [SILENCES[silence].default, MANY[silence]]


@pytest.mark.slow
@pytest.mark.parametrize(("silence", "value"), OTHERWISE)
def test_every_reading_that_can_be_seen_is_a_difference(silence: str, value: str) -> None:
    other = under({silence: value})
    found = differences(create_app(World()), create_app(other), World())
    assert [difference.about for difference in found] == [(silence,)]
    assert differences(create_app(under({silence: value})), create_app(other), World()) == []


@pytest.mark.parametrize("readings", [pytest.param({}, marks=pytest.mark.slow), MANY])
def test_two_that_read_alike_do_not_differ(readings: dict[str, str]) -> None:
    one, other = under(readings), under(readings)
    assert differences(create_app(one), create_app(other), World(), budget=SOME_GENERATED) == []


def test_safe_mode_creates_nothing_and_finds_what_no_success_is_needed_for() -> None:
    one, other = World(), under(MANY)
    found = differences(create_app(one), create_app(other), World(), writes=False)
    assert {name for difference in found for name in difference.about} == set(MANY) - {"success-extra"}
    assert not any(world.store.payments_total() for world in (one, other))


class AnySessionOfTheVisitor(Service):
    """Takes a known visitor with any known session."""

    def same_session(self, given: object, known: str) -> bool:  # noqa: ARG002 - what is wrong with it
        return any(given == session for shop in self.shops.values() for session, _ in shop["events"])


def test_a_clause_that_one_of_them_breaks_is_named_and_who_breaks_it() -> None:
    (difference,) = differences(Service(), AnySessionOfTheVisitor(), World(websites=websites()))
    assert difference.about == ("match.together",)
    assert [bool(judgement.breaches) for judgement in difference.judgements] == [False, True]


class AtMostFiftyDollars(Service):
    """Refuses what costs more, which nothing but a generated request shows here."""

    def is_amount(self, value: Any) -> bool:
        return super().is_amount(value) and value <= 5000


@pytest.mark.slow
def test_what_only_generated_requests_show_is_shrunk_to_the_smallest() -> None:
    known = World(websites=websites())
    found = differences(Service(), AtMostFiftyDollars(), known, budget=SOME_GENERATED)
    assert [difference.about for difference in found] == [("huge-revenue",), ("endpoint",)]
    assert json.loads(found[-1].call.body)["revenue"] == 5001


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return run_command("compare", *arguments, "--fixtures", FIXTURES, "--budget", "quick", NO_COLOR="1")


def test_the_command_shows_both_answers_and_the_request_without_a_token() -> None:
    with running(create_app(World())) as one, running(create_app(under({"extra-property": "refused"}))) as other:
        done = run(one, other)
    assert done.returncode == 1, done.stderr
    assert "Safe mode: no request names an existing session" in done.stdout
    assert "extra-property: What of a field that the document does not list?\n" in done.stdout
    assert f'  {one}  404 {{"error":' in done.stdout
    assert "reads extra-property as refused: refused with 400\n" in done.stdout
    assert '-H "Authorization: Bearer ${TRACKFOX_API_TOKEN}"' in done.stdout
    assert "\n1 difference in " in done.stdout
    assert not [site.api_token for site in World().fixtures if site.api_token in done.stdout]


@pytest.mark.slow
def test_the_command_ends_with_0_where_nothing_differs() -> None:
    with running(create_app(World())) as url:
        done = run(url, url)
    assert done.returncode == 0, done.stderr
    assert "No differences in " in done.stdout
    assert "none was answered with success" in done.stdout


@pytest.mark.parametrize(
    ("urls", "code", "sentence"),
    [
        (["http://127.0.0.1:9", "http://127.0.0.1:9"], 4, "cannot be reached"),
        (["http://127.0.0.1:9", "nowhere"], 2, "came 'nowhere'"),
    ],
)
def test_the_command_says_why_it_cannot_compare(urls: list[str], code: int, sentence: str) -> None:
    done = run(*urls)
    assert done.returncode == code
    assert sentence in done.stderr
