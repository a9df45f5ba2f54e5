"""What is accepted and looks wrong all the same: answered 200, and told beside the answer."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.conftest import LAMPS, LAMPS_TOKEN, request
from trackfox_mock import Readings, World


def advice(body: object = None, *, origin: str = "", authorization: str | None = None, **fields: Any) -> list[str]:
    """The ids of what a fresh world advises on an accepted request to Lumen Lamps."""
    sent = request(
        LAMPS | fields if body is None else body,
        authorization=authorization or f"Bearer {LAMPS_TOKEN}",
        content_type=fields.pop("content_type", "application/json"),
    )
    if origin:
        sent.headers.append((b"origin", origin.encode()))  # type: ignore[attr-defined]
    entry = World().answer(sent)
    assert entry.decision.accepted
    return [advisory.id for advisory in entry.advice]


def test_nothing_is_said_of_a_clean_request() -> None:
    assert advice() == []


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"revenue": 29}, "small-amount"),
        ({"revenue": 9900.0}, "integral-float"),
        ({"revenue": 2**40}, "huge-revenue"),
        ({"email": "ada@localhost"}, "email-edge"),
        ({"currency": "USD"}, "extra-property"),
    ],
)
def test_a_value_that_looks_wrong_is_told(fields: dict[str, Any], expected: str) -> None:
    assert advice(**fields) == [expected]


def test_a_token_sent_from_a_browser_is_told() -> None:
    assert advice(origin="https://shop.example") == ["browser"]


def test_another_content_type_is_told_and_a_charset_is_not() -> None:
    body = LAMPS
    for content_type, expected in (("text/plain", ["content-type"]), ("application/json; charset=utf-8", [])):
        entry = World().answer(request(body, token=LAMPS_TOKEN, content_type=content_type))
        assert [advisory.id for advisory in entry.advice] == expected


def test_a_token_that_was_read_generously_is_told() -> None:
    assert advice(authorization=f"bearer  {LAMPS_TOKEN}") == ["scheme-case", "token-space"]


def test_a_key_that_comes_twice_is_told() -> None:
    body = json.dumps(LAMPS).replace("{", '{"revenue": 5000, ', 1).encode()
    assert advice(body) == ["duplicate-key"]


def test_a_colon_in_a_text_is_no_second_key() -> None:
    world = World()
    website = world.store.website("web_lumen_lamps")
    assert advice(LAMPS | {"note": "a:b"}) == ["extra-property"]
    assert website is not None
    assert website.api_token == LAMPS_TOKEN


def test_the_documentations_placeholders_are_accepted_and_told_in_one_sentence() -> None:
    [advisory] = World().answer(request()).advice
    assert advisory.id == "placeholder"
    assert advisory.sentence.startswith("session_id, visitor_id and website_id stand for real ones")


def test_a_misspelled_extra_field_is_led_to_the_documented_one() -> None:
    [advisory] = World().answer(request(LAMPS | {"visitorId": "x"}, token=LAMPS_TOKEN)).advice
    assert "visitor_id" in advisory.sentence


def test_the_same_payment_again_is_told_with_the_first_one() -> None:
    world = World()
    sent = request(LAMPS, token=LAMPS_TOKEN)
    first, second = world.answer(sent), world.answer(sent)
    assert first.advice == ()
    assert first.payment is not None
    [advisory] = second.advice
    assert advisory.id == "duplicate"
    assert first.payment.payment_id in advisory.sentence
    assert "counted twice" in advisory.sentence


def test_a_duplicate_that_the_service_merges_is_told_as_counted_once() -> None:
    world = World(readings=Readings().with_values({"duplicate": "one-event"}))
    sent = request(LAMPS, token=LAMPS_TOKEN)
    world.answer(sent)
    assert "counted once" in world.answer(sent).advice[0].sentence


def test_a_dry_run_knows_of_a_duplicate_too() -> None:
    world = World()
    world.answer(request(LAMPS, token=LAMPS_TOKEN))
    explanation = world.explain_request(request(LAMPS, token=LAMPS_TOKEN))
    assert [advisory.id for advisory in explanation.advice] == ["duplicate"]


def test_a_retry_of_a_refused_request_is_told_with_the_first_one() -> None:
    world = World()
    wrong = request(revenue=29.99)
    assert world.answer(wrong).advice == ()
    assert world.answer(request(revenue=39.99)).advice == ()
    [advisory] = world.answer(wrong).advice
    assert advisory.id == "retried"
    assert "as request 1" in advisory.sentence
    assert world.explain(list(world.journal)[-1]).advice == (advisory,)


def test_what_belongs_to_no_website_is_never_called_a_retry_as_it_may_be_another_tests() -> None:
    world = World()
    nobodys = request({}, token="tf_nobodys")
    assert [world.answer(nobodys).advice for _ in range(3)] == [(), (), ()]


def test_a_website_that_was_reset_has_no_retries() -> None:
    world = World()
    wrong = request(revenue=0)
    world.answer(wrong)
    world.administration.reset(website_id="your_website_id")
    assert world.answer(wrong).advice == ()
    assert [one.id for one in world.answer(wrong).advice] == ["retried"]


def test_waiting_out_a_rate_limit_is_no_retry() -> None:
    world = World(readings=Readings().with_values({"rate-limit": "bare"}), clock=lambda: 0.0)
    entries = [world.answer(request()) for _ in range(25)]
    assert entries[-1].decision.reply.status == 429
    assert entries[-1].advice == ()


@settings(deadline=None)
@given(
    fields=st.dictionaries(
        st.sampled_from(["revenue", "email", "note", "sessionId"]),
        st.sampled_from([29, 100, 9900, 9900.0, 2**31, "a@b.example", "ada@localhost", "x:y", "user@example.com"]),
    ),
    content_type=st.sampled_from(["application/json", "application/json; charset=utf-8", "text/plain"]),
)
def test_the_quick_look_misses_nothing_that_the_second_look_finds(fields: dict[str, Any], content_type: str) -> None:
    sent = request(LAMPS | fields, token=LAMPS_TOKEN, content_type=content_type)
    quick = SHARED.explain_request(sent).advice
    # An Origin header, which is always told, makes the second look certain.
    sent.headers.append((b"origin", b"https://shop.example"))  # type: ignore[attr-defined]
    assert [one for one in SHARED.explain_request(sent).advice if one.id != "browser"] == list(quick)


SHARED = World()  # nothing that is explained changes it
