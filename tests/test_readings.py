"""Every silence is a setting: each legal reading does what docs/contract.md says, and no other exists."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import orjson
import pytest

from tests.conftest import TOKEN, VALID, decide, request, status, without
from trackfox_mock import (
    SILENCES,
    Readings,
    ReadingsError,
    ReadingValueError,
    Request,
    World,
    load_fixtures,
    load_readings,
)
from trackfox_mock.document.readings import parse_assignments

JSON_TOO = "Application/JSON;charset=UTF-8"


def reading(**values: str) -> World:
    """A world with some silences read otherwise; `_` stands for `-`."""
    return World(readings=Readings().with_values({name.replace("_", "-"): value for name, value in values.items()}))


def answers(silence: str, *args: Any, **fields: Any) -> dict[str, int]:
    """The status of one request under every reading of a silence."""
    return {
        value: status(World(readings=Readings().with_values({silence: value})), *args, **fields)
        for value in SILENCES[silence].values
    }


# Of several mistakes in one request, the order decides which is told: one status an order, in the order of the table.
@pytest.mark.parametrize(
    ("broken", "told"),
    [
        ("header+body", [401, 400, 401, 401, 401]),
        ("token+field", [400, 400, 401, 401, 400]),
        ("other-token+field", [400, 400, 401, 400, 400]),
        ("token+match", [401, 401, 401, 401, 404]),
        ("token+no-website", [400, 400, 400, 401, 400]),
        ("token+malformed", [400, 400, 400, 401, 400]),
        ("field+match", [400, 400, 400, 400, 400]),
    ],
)
def test_order_says_which_of_several_mistakes_is_told(broken: str, told: list[int]) -> None:
    lumen = "tf_live_lumen_7Qm2xV8dR4kT1cYp"
    requests: dict[str, dict[str, Any]] = {
        "header+body": {"token": None, "revenue": 0},
        "token+field": {"token": "tf_wrong", "revenue": 0},
        "other-token+field": {"token": lumen, "revenue": 0},
        "token+match": {"token": "tf_wrong", "session_id": "unknown"},
        "field+match": {"revenue": 0, "session_id": "unknown"},
    }
    bodies = {"token+no-website": without("website_id"), "token+malformed": b"{"}
    if broken in bodies:
        answered = answers("order", bodies[broken], token="tf_wrong")
    else:
        answered = answers("order", **requests[broken])
    orders = ["stepwise", "body-first", "token-first", "known-token-first", "match-first"]
    assert answered == dict(zip(orders, told, strict=True))


@pytest.mark.parametrize(
    ("silence", "sent", "told"),
    [
        ("unknown-website", {"website_id": "nobody"}, {"401": 401, "404": 404}),
        ("extra-property", {"currency": "USD"}, {"ignored": 200, "refused": 400}),
        ("wrong-type-id", {"session_id": 1}, {"refused": 400, "no-match": 404}),
        ("wrong-type-id", {"visitor_id": ["x"]}, {"refused": 400, "no-match": 404}),
        ("wrong-type-id", {"website_id": 1}, {"refused": 400, "no-match": 401}),
        ("wrong-type-id", {"website_id": None}, {"refused": 400, "no-match": 400}),
        ("odd-id", {"session_id": "a" * 256}, {"looked-up": 404, "refused": 400}),
        ("odd-id", {"visitor_id": "a\x00"}, {"looked-up": 404, "refused": 400}),
        ("odd-id", {"session_id": "a" * 255}, {"looked-up": 404, "refused": 404}),
        ("empty-id", {"session_id": ""}, {"refused": 400, "no-match": 404}),
        ("empty-id", {"website_id": ""}, {"refused": 400, "no-match": 401}),
        ("email-edge", {"email": '"a b"@example.com'}, {"accepted": 200, "refused": 400}),
        ("email-edge", {"email": "a@localhost"}, {"accepted": 200, "refused": 400}),
        ("email-edge", {"email": "å@example.com"}, {"accepted": 200, "refused": 400}),
        ("email-edge", {"email": " a@example.com "}, {"accepted": 200, "refused": 400}),
        ("content-type", {"content_type": "text/plain"}, {"read": 200, "refused-400": 400, "refused-415": 415}),
        ("content-type", {"content_type": None}, {"read": 200, "refused-400": 400, "refused-415": 415}),
        ("content-type", {"content_type": JSON_TOO}, {"read": 200, "refused-400": 200, "refused-415": 200}),
        ("scheme-case", {"authorization": f"bearer {TOKEN}"}, {"any-case": 200, "exact": 401}),
        ("token-space", {"authorization": f"Bearer  {TOKEN} "}, {"trimmed": 200, "refused": 401}),
        ("other-method", {"method": "GET"}, {"405": 405, "404": 404, "401": 401}),
    ],
)
def test_each_reading_decides_what_the_document_leaves_open(
    silence: str, sent: dict[str, Any], told: dict[str, int]
) -> None:
    assert answers(silence, **sent) == told


@pytest.mark.parametrize(
    ("revenue", "told"),
    [
        (2**31 - 1, [200, 200, 200, 200]),
        (2**31, [200, 400, 200, 200]),
        (2**53, [200, 400, 400, 200]),
        (2**63, [200, 400, 400, 400]),
    ],
)
def test_a_huge_revenue_is_accepted_or_not(revenue: int, told: list[int]) -> None:
    limits = ["accepted", "refused-beyond-2^31", "refused-beyond-2^53", "refused-beyond-2^63"]
    assert answers("huge-revenue", revenue=revenue) == dict(zip(limits, told, strict=True))


def raw(**literals: str) -> bytes:
    """The document's example with JSON written out by hand."""
    fields = {name: orjson.dumps(value).decode() for name, value in VALID.items()} | literals
    return ("{" + ",".join(f'"{name}":{literal}' for name, literal in fields.items()) + "}").encode()


@pytest.mark.parametrize("literal", ["9900.0", "99e2", "9.9E+3"])
def test_an_integral_float_is_an_integer_or_not(literal: str) -> None:
    assert answers("integral-float", raw(revenue=literal)) == {"accepted": 200, "refused": 400}


def test_an_accepted_integral_float_is_recorded_as_an_integer(world: World) -> None:
    payment = world.answer(request(raw(revenue="99e2"))).payment
    assert payment is not None
    assert (payment.revenue, type(payment.revenue)) == (9900, int)


def test_a_huge_integer_keeps_every_digit(world: World) -> None:
    payment = world.answer(request(raw(revenue="123456789012345678901234567890"))).payment
    assert payment is not None
    assert payment.revenue == 123456789012345678901234567890


def test_a_repeated_key_counts_last_or_first_or_not_at_all() -> None:
    body = raw()[:-1] + b',"revenue":1}'
    assert answers("duplicate-key", body) == {"last-wins": 200, "first-wins": 200, "refused": 400}
    last = World().answer(request(body)).payment
    first = reading(duplicate_key="first-wins").answer(request(body)).payment
    assert last is not None
    assert first is not None
    assert (last.revenue, first.revenue) == (1, 9900)


def test_a_large_body_is_read_or_refused() -> None:
    body = raw(note='"' + "x" * 1024 * 1024 + '"')
    assert answers("too-large", body) == {
        "refused-413": 413,
        "refused-413-beyond-100kB": 413,
        "refused-413-beyond-64KiB": 413,
        "refused-400": 400,
        "read": 200,
    }
    told = [answers("too-large", raw() + b" " * size) for size in (65_000, 80_000, 110_000)]
    limits = {"refused-413-beyond-64KiB": [200, 413, 413], "refused-413-beyond-100kB": [200, 200, 413]}
    assert {value: [row[value] for row in told] for value in limits} == limits
    assert {row["refused-413"] for row in told} == {200}


@pytest.mark.parametrize(
    ("silence", "name", "value", "status_refused"),
    [
        ("accept", b"accept", b"text/html, image/*", 406),
        ("browser-fields", b"origin", b"https://shop.example", 403),
        ("browser-fields", b"referer", b"https://shop.example/", 403),
        ("browser-fields", b"cookie", b"a=b", 403),
        ("browser-fields", b"sec-fetch-mode", b"cors", 403),
        ("chunked-request", b"transfer-encoding", b"chunked", 411),
    ],
)
def test_what_is_in_a_head_is_let_pass_or_refused_before_all_else(
    silence: str, name: bytes, value: bytes, status_refused: int
) -> None:
    sent = request(raw(), token=None)
    odd = Request(sent.method, sent.path, [*sent.headers, (name, value)], sent.body)
    usual = SILENCES[silence].default
    refused = next(value for value in SILENCES[silence].values if str(status_refused) in value)
    for reading_of_it, told in {usual: 401, refused: status_refused}.items():
        world = World(readings=Readings().with_values({silence: reading_of_it}))
        assert world.answer(odd).decision.reply.status == told
        assert world.answer(sent).decision.reply.status == 401
        assert world.explain(world.answer(odd)).sentence


@pytest.mark.parametrize("accept", [b"application/json", b"application/*;q=0.5", b"text/html, */*"])
def test_an_accept_that_lets_json_pass_is_answered(accept: bytes) -> None:
    sent = request(raw())
    odd = Request(sent.method, sent.path, [*sent.headers, (b"accept", accept)], sent.body)
    assert reading(accept="refused-406").answer(odd).decision.reply.status == 200


@pytest.mark.parametrize(("address", "told"), [("a@xn--a.com", 400), ("a@ab--c.com", 400), ("a@abc--d.com", 200)])
def test_a_label_with_hyphens_in_its_third_and_fourth_place_is_an_edge(address: str, told: int) -> None:
    assert answers("email-edge", email=address) == {"accepted": 200, "refused": told}


ADDRESSES = {
    "spaced": " a@example.com",
    "quoted": '"a b"@example.com',
    "not-ascii": "å@example.com",
    "over-long": f"{'a' * 65}@example.com",
    "reserved": "a@xn--a.com",
    "dotless": "a@localhost",
}


@pytest.mark.parametrize("part", ADDRESSES)
def test_a_kind_of_address_may_be_read_otherwise_than_the_others(part: str) -> None:
    for general, other, told in (("accepted", "refused", 400), ("refused", "accepted", 200)):
        world = World(readings=Readings().with_values({"email-edge": general, f"email-edge.{part}": other}))
        answered = {name: status(world, email=address) for name, address in ADDRESSES.items()}
        assert answered == dict.fromkeys(ADDRESSES, 600 - told) | {part: told}


def test_every_part_of_the_disputed_addresses_is_known() -> None:
    assert set(ADDRESSES) == set(SILENCES["email-edge"].parts)


@pytest.mark.parametrize(
    ("part", "sent", "usual", "told"),
    [
        ("wrong-type-id.number", {"session_id": 1}, 400, 404),
        ("wrong-type-id.boolean", {"session_id": True}, 400, 404),
        ("wrong-type-id.array", {"visitor_id": []}, 400, 404),
        ("wrong-type-id.object", {"visitor_id": {}}, 400, 404),
        ("content-type.none", {"content_type": None}, 200, 415),
        ("content-type.form", {"content_type": "application/x-www-form-urlencoded"}, 200, 415),
        ("content-type.other", {"content_type": "text/plain"}, 200, 415),
    ],
)
def test_a_part_of_a_silence_may_be_read_otherwise_than_the_rest(
    part: str, sent: dict[str, Any], usual: int, told: int
) -> None:
    silence = part.partition(".")[0]
    value = {404: "no-match", 415: "refused-415"}[told]
    for other in SILENCES[silence].parts:
        world = World(readings=Readings().with_values({f"{silence}.{other}": value}))
        assert status(world, **sent) == (told if part == f"{silence}.{other}" else usual)


def test_an_explanation_names_the_part_that_decided() -> None:
    readings = Readings().with_values({"email-edge.dotless": "refused"}, "observed")
    explanation = (world := World(readings=readings)).explain(world.answer(request(email="a@localhost")))
    (taken,) = explanation.readings
    assert (taken.silence, taken.value, taken.provenance) == ("email-edge.dotless", "refused", "observed")
    assert taken.question.endswith("For one without a dot in its domain")
    assert explanation.provenance == "observed"


ERRORS: dict[str, tuple[dict[str, Any], bytes | None]] = {
    "malformed": ({}, b"{"),
    "array": ({}, b"[]"),
    "scalar": ({}, b"1"),
    "400": ({"revenue": 0}, None),
    "401": ({"token": "tf_nobody"}, None),
    "404": ({"session_id": "nobody"}, None),
    "413": ({}, b" " * 1024 * 1024),
    "415": ({"content_type": "text/plain"}, None),
    "method": ({"method": "GET"}, None),
}


@pytest.mark.parametrize("part", SILENCES["error-body"].parts)
def test_an_error_of_one_kind_may_look_otherwise_than_the_others(part: str) -> None:
    otherwise = {f"error-body.{part}": "html", f"transport.{part}": "close", "content-type": "refused-415"}
    world = World(readings=Readings().with_values(otherwise))
    for kind, (sent, body) in ERRORS.items():
        fields = dict(world.answer(request(body, **sent)).decision.reply.headers)
        assert fields[b"content-type"].startswith(b"text/html") == (kind == part), kind
        assert (fields.get(b"connection") == b"close") == (kind == part), kind


def test_an_errors_body_may_be_any_json() -> None:
    shape = '{"statusCode": 0, "code": "E_MATCH", "errors": [{"detail": "…", "fatal": true, "field": null}]}'
    reply = decide(reading(error_body=shape), session_id="unknown").reply
    assert orjson.loads(reply.body) == {
        "statusCode": 404,
        "code": "E_MATCH",
        "errors": [
            {
                "detail": "No matching event was found for the supplied session_id, visitor_id, and website_id.",
                "fatal": True,
                "field": None,
            }
        ],
    }


@pytest.mark.parametrize(
    ("key", "value", "sentence"),
    [
        ("email-edge.quotd", "refused", "email-edge has no part 'quotd'; did you mean quoted"),
        ("order.first", "body-first", "order has no part 'first'; it is read as a whole"),
        (
            "email-edge.quoted",
            "maybe",
            "email-edge.quoted cannot be read as 'maybe'; expected one of accepted, refused",
        ),
        ("error-body", '{"detail": ', "; or this JSON, with the message for each"),
        ("error-body", '"text"', "error-body cannot be read as"),
        ("email-edge", "{}", "email-edge cannot be read as"),
    ],
)
def test_a_part_or_a_body_that_does_not_exist_is_refused(key: str, value: str, sentence: str) -> None:
    with pytest.raises(ReadingValueError) as problem:
        Readings().with_values({key: value})
    assert sentence in str(problem.value)


def test_the_same_payment_twice_is_two_events_or_one() -> None:
    for value, events in {"two-events": 2, "one-event": 1}.items():
        world = reading(duplicate=value)
        assert [status(world), status(world)] == [200, 200]
        assert world.store.payments_total("your_website_id") == events


def test_of_several_visitor_events_the_latest_or_the_earliest_is_copied(tmp_path: Path) -> None:
    event = {"session_id": "s", "visitor_id": "v"}
    events = [
        event | {"occurred_at": "2026-11-02T00:00:00Z", "attribution": {"source": "late"}},
        event | {"occurred_at": "2026-11-01T00:00:00Z", "attribution": {"source": "early"}},
    ]
    file = tmp_path / "shop.json"
    file.write_bytes(orjson.dumps({"websites": [{"website_id": "w", "api_token": "t", "sessions": events}]}))
    for value, source in {"latest": "late", "earliest": "early"}.items():
        world = World(websites=load_fixtures([file]), readings=Readings().with_values({"which-event": value}))
        payment = world.answer(request(session_id="s", visitor_id="v", website_id="w", token="t")).payment
        assert payment is not None
        assert payment.session.attribution["source"] == source


@pytest.mark.parametrize(
    ("value", "content_type", "body"),
    [
        ("error", "application/json", '{"error":"§"}'),
        ("message", "application/json", '{"message":"§"}'),
        ("nested", "application/json", '{"error":{"code":404,"message":"§"}}'),
        ("list", "application/json", '{"errors":[{"message":"§"}]}'),
        (
            "problem",
            "application/problem+json",
            '{"type":"about:blank","title":"Not Found","status":404,"detail":"§"}',
        ),
        ("text", "text/plain; charset=utf-8", "§"),
        ("html", "text/html; charset=utf-8", "<!doctype html><title>404</title><h1>Not Found</h1><p>§</p>"),
    ],
)
def test_an_errors_body_takes_any_shape(value: str, content_type: str, body: str) -> None:
    reply = decide(reading(error_body=value), session_id="unknown").reply
    sentence = "No matching event was found for the supplied session_id, visitor_id, and website_id."
    assert (reply.status, reply.body.decode()) == (404, body.replace("§", sentence))
    assert dict(reply.headers)[b"content-type"].decode() == content_type


def test_an_errors_body_may_be_empty() -> None:
    reply = decide(reading(error_body="empty"), session_id="unknown").reply
    assert (reply.body, dict(reply.headers)) == (b"", {b"content-length": b"0"})


def test_a_success_may_hold_more_than_the_message() -> None:
    bodies = {value: decide(reading(success_extra=value)).reply for value in SILENCES["success-extra"].values}
    assert {orjson.loads(reply.body)["message"] for reply in bodies.values()} == {
        "Payment event attributed successfully."
    }
    assert len(orjson.loads(bodies["extra-fields"].body)) > 1
    assert b"\n" in bodies["indented"].body
    assert dict(bodies["charset"].headers)[b"content-type"] == b"application/json; charset=utf-8"


def test_an_answer_is_compressed_for_who_asks_for_it() -> None:
    world = reading(transport="gzip")
    asked = request()
    asked = type(asked)(asked.method, asked.path, [*asked.headers, (b"accept-encoding", b"gzip")], asked.body)
    reply = world.answer(asked).decision.reply
    assert gzip.decompress(reply.body) == decide(world).reply.body
    assert dict(reply.headers)[b"content-encoding"] == b"gzip"


def test_too_many_requests_are_429_with_or_without_retry_after() -> None:
    for value, told in {"retry-after": b"1", "bare": None}.items():
        world = World(readings=Readings().with_values({"rate-limit": value}), clock=lambda: 1000.0)
        replies = [decide(world).reply for _ in range(21)]
        assert [reply.status for reply in replies] == [200] * 20 + [429]
        assert dict(replies[-1].headers).get(b"retry-after") == told


def test_one_website_may_be_read_otherwise_than_the_others() -> None:
    world = World(website_readings={"your_website_id": {"order": "body-first"}})
    assert status(world, token=None, revenue=0) == 400
    assert status(world, token=None, revenue=0, website_id="web_lumen_lamps") == 401


def test_a_silence_or_a_value_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ReadingValueError, match="'ordre' is not a silence; did you mean order\\?"):
        Readings().with_values({"ordre": "body-first"})
    with pytest.raises(
        ReadingValueError, match=r"order cannot be read as 'random'; expected one of stepwise, body-first"
    ):
        Readings().with_values({"order": "random"})
    with pytest.raises(ReadingValueError, match="'order' is not of the form SILENCE=VALUE"):
        parse_assignments(["order"])


def test_a_readings_file_says_where_a_reading_comes_from(tmp_path: Path) -> None:
    file = tmp_path / "readings.yaml"
    file.write_text(
        "readings:\n  order: body-first\n  other-method: {value: 404, provenance: observed}\n"
        "websites:\n  web_paper_kites: {order: token-first}\n"
    )
    found = load_readings(file)
    assert found.readings.reading("other-method") == ("404", "observed")
    assert found.readings.reading("order") == ("body-first", "assumed")
    assert found.websites == {"web_paper_kites": {"order": "token-first"}}


def test_a_wrong_readings_file_names_file_line_and_field(tmp_path: Path) -> None:
    file = tmp_path / "readings.yaml"
    file.write_text("readings:\n  order: body-first\n  empty-id: maybe\n")
    with pytest.raises(
        ReadingsError, match=r"readings\.yaml:3: readings\.empty-id: empty-id cannot be read as 'maybe'"
    ):
        load_readings(file)


def test_the_silences_are_those_of_the_contract() -> None:
    assert list(SILENCES) == [
        "order", "unknown-website", "error-body", "extra-property", "wrong-type-id", "odd-id", "integral-float",
        "huge-revenue", "empty-id", "email-edge", "content-type", "scheme-case", "token-space", "other-method",
        "too-large", "accept", "browser-fields", "chunked-request", "duplicate",
        "duplicate-key", "success-extra", "transport", "rate-limit", "which-event", "currency",
    ]  # fmt: skip
