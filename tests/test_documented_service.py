"""The clauses of docs/contract.md, kept by the mock with its default readings."""

from __future__ import annotations

import pytest

from tests.conftest import KITES_TOKEN, LAMPS, LAMPS_TOKEN, TOKEN, VALID, decide, request, status, without
from trackfox_mock import World


def test_the_documents_example_is_attributed(world: World) -> None:
    reply = decide(world).reply
    assert (reply.status, reply.body) == (200, b'{"message":"Payment event attributed successfully."}')
    assert dict(reply.headers)[b"content-type"] == b"application/json"


def test_a_success_creates_one_event_with_the_attribution_of_the_visitor_event(world: World) -> None:
    payment = world.answer(request(LAMPS, token=LAMPS_TOKEN)).payment
    assert payment is not None
    assert (payment.revenue, payment.email) == (9900, "ada@example.com")
    assert payment.session.attribution["campaign"] == "autumn-desk-lamps"
    assert list(world.store.payments("web_lumen_lamps")) == [payment]


def test_an_error_creates_nothing_and_the_next_valid_call_succeeds(world: World) -> None:
    assert status(world, revenue=0) == 400
    assert status(world, token="tf_wrong") == 401
    assert status(world, session_id="unknown") == 404
    assert not world.store.payments_total("your_website_id")
    assert status(world) == 200


@pytest.mark.parametrize("field", VALID)
def test_a_field_that_is_absent_or_null_is_refused(world: World, field: str) -> None:
    for decision in (decide(world, without(field)), decide(world, **{field: None})):
        assert (decision.reply.status, decision.rule) == (400, "field.required")


@pytest.mark.parametrize("field", ["session_id", "visitor_id", "website_id", "email"])
@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["tf_session_id"]])
def test_a_string_field_of_another_type_is_refused(world: World, field: str, value: object) -> None:
    decision = decide(world, **{field: value})
    assert (decision.reply.status, decision.rule) == (400, "field.string")


@pytest.mark.parametrize("revenue", [0, -1, -9900, 99.5, 0.5, "9900", "", True, False, [], {}, [9900]])
def test_revenue_that_is_not_a_positive_integer_is_refused(world: World, revenue: object) -> None:
    decision = decide(world, revenue=revenue)
    assert (decision.reply.status, decision.rule) == (400, "revenue.positive-integer")


@pytest.mark.parametrize("revenue", [1, 2, 99, 100, 9900, 2147483647, 100_000_000])
def test_a_positive_integer_is_accepted(world: World, revenue: int) -> None:
    assert status(world, revenue=revenue) == 200


@pytest.mark.parametrize(
    "email", ["", "customer", "customer.example.com", "@example.com", "customer@", "a@b@example.com", "a b@example.com"]
)
def test_an_email_that_is_none_is_refused(world: World, email: str) -> None:
    decision = decide(world, email=email)
    assert (decision.reply.status, decision.rule) == (400, "email.valid")


@pytest.mark.parametrize(
    "email", ["a+b@example.com", "A.B@EXAMPLE.COM", "a@mail.shop.example.co.uk", "a_b-c@example.photography", "1@2.io"]
)
def test_an_email_that_is_one_is_accepted(world: World, email: str) -> None:
    assert status(world, email=email) == 200


@pytest.mark.parametrize(
    "body", [b"", b"{", b"nonsense", b"[]", b"null", b'"text"', b"1", b"true", b"[" * 100_000, b"\xff\xfe"]
)
def test_a_body_that_is_no_json_object_is_refused(world: World, body: bytes) -> None:
    decision = decide(world, body)
    assert (decision.reply.status, decision.rule) == (400, "body.object")


def test_a_missing_header_is_401(world: World) -> None:
    decision = decide(world, token=None)
    assert (decision.reply.status, decision.rule) == (401, "auth.missing")


@pytest.mark.parametrize(
    "authorization", ["", TOKEN, "Bearer", "Bearer ", f"Basic {TOKEN}", f"Token {TOKEN}", f"Bearer Bearer {TOKEN}"]
)
def test_a_header_that_is_not_a_bearer_token_is_401(world: World, authorization: str) -> None:
    decision = decide(world, authorization=authorization)
    assert (decision.reply.status, decision.rule) == (401, "auth.malformed")


@pytest.mark.parametrize("token", ["nothing", TOKEN[:-1], f"{TOKEN}x", TOKEN.upper()])
def test_a_token_that_does_not_exist_is_401(world: World, token: str) -> None:
    decision = decide(world, token=token)
    assert (decision.reply.status, decision.rule) == (401, "auth.invalid")


def test_the_token_of_another_website_is_401(world: World) -> None:
    decision = decide(world, token=LAMPS_TOKEN)
    assert (decision.reply.status, decision.rule) == (401, "auth.website")


@pytest.mark.parametrize(
    ("fields", "rule"),
    [
        ({"session_id": "unknown"}, "match.session"),
        ({"visitor_id": "unknown"}, "match.visitor"),
        ({"visitor_id": "vis_grace_0d15"}, "match.together"),
        ({"session_id": "ses_kites_linus", "visitor_id": "vis_linus_3c8e"}, "match.session"),
        ({"session_id": "SES_LAMPS_ADA_1"}, "match.session"),
        ({"session_id": "ses_lumen_ada_"}, "match.session"),
        ({"session_id": "ses_lumen_ada_1 "}, "match.session"),
        ({"visitor_id": "vis_ada_77b00"}, "match.visitor"),
    ],
)
def test_ids_that_do_not_belong_together_are_404(world: World, fields: dict[str, object], rule: str) -> None:
    decision = decide(world, LAMPS | fields, token=LAMPS_TOKEN)
    assert (decision.reply.status, decision.rule) == (404, rule)


def test_one_visitor_id_in_two_shops_means_something_only_within_its_shop(world: World) -> None:
    shared = {"visitor_id": "vis_9f2c41", "session_id": "ses_kites_shared", "website_id": "web_paper_kites"}
    assert status(world, LAMPS | shared, token=KITES_TOKEN) == 200
    assert status(world, LAMPS | shared | {"session_id": "ses_lumen_shared"}, token=KITES_TOKEN) == 404
    assert world.store.payments_total("web_paper_kites") == 1


@pytest.mark.parametrize(
    "body",
    [
        b' \r\n\t{"email":"customer@example.com","revenue":9900,"website_id":"your_website_id",'
        b'"visitor_id":"tf_visitor_id","session_id":"tf_session_id"}\n',
        b'{"session_id":"\\u0074f_session_id","visitor_id":"tf_visitor_id","website\\u005fid":"your_website_id",'
        b'"revenue":9900,"email":"customer\\u0040example.com"}',
    ],
)
def test_what_is_valid_is_accepted_however_it_is_written(world: World, body: bytes) -> None:
    assert status(world, body) == 200
    assert status(world, content_type="application/json; charset=utf-8") == 200


def test_another_path_is_outside_the_contract_and_says_where_the_endpoint_is(world: World) -> None:
    reply = decide(world, path="/api/v1/attribute-payment/").reply
    assert reply.status == 404
    assert dict(reply.headers)[b"content-type"] == b"application/problem+json"
    assert b"POST /api/v1/attribute-payment" in reply.body
