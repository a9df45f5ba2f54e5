"""The oracle says what a request deserves: one status where the document is clear, a set where it is silent."""

from __future__ import annotations

from dataclasses import replace
from math import inf
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import strategies as st

from tests.services.examine import examine, websites
from tests.services.service import Service
from trackfox_contract.cases.builder import ABSENT, RequestBuilder
from trackfox_contract.cases.strategies import from_the_document, ids_changed
from trackfox_contract.cases.table.revenue import with_revenue
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.generation import explore, shrink
from trackfox_contract.engine.settings import BUDGETS, Budget, Settings
from trackfox_contract.judgement.evidence import CUT_SHORT
from trackfox_contract.oracle.document import Document
from trackfox_contract.oracle.email_addresses import judge_address
from trackfox_contract.oracle.known import KnownWebsites
from trackfox_contract.oracle.oracle import expect
from trackfox_contract.request.call import Call
from trackfox_contract.request.json_text import read_json
from trackfox_mock import Session, Website, load_spec
from trackfox_mock.assets import openapi_path


@pytest.fixture
def builder() -> RequestBuilder:
    facts = KnownWebsites(Document.of(load_spec()), websites())
    return RequestBuilder(facts, websites()[0], websites()[0].sessions[0], "salt")


def statuses(builder: RequestBuilder, call: Call) -> set[int]:
    return set(expect(builder.known, call).statuses)


@pytest.mark.parametrize(
    ("asked", "coding", "may_come"),
    [
        ((), "br", True),
        (("gzip, deflate",), "x-gzip", True),
        (("gzip",), "br", False),
        (("gzip;q=0, *",), "gzip", False),
        (("gzip;q=0, *",), "br", True),
        (("gzip", "br"), "br", True),
        (("",), "gzip", False),
        (("identity",), "gzip", False),
    ],
)
def test_a_coding_may_come_unless_it_was_ruled_out(
    builder: RequestBuilder, asked: tuple[str, ...], coding: str, *, may_come: bool
) -> None:
    assert builder.call().with_header("Accept-Encoding", *asked).accepts_coding(coding) is may_come


@pytest.mark.parametrize(
    ("name", "value", "legal"),
    [
        ("Accept", "text/html", {200, 406}),
        ("Accept", "application/json;q=0, */*", {200, 406}),
        ("Accept", "text/html, application/*;q=0.1", {200}),
        ("Accept", "*/*", {200}),
        ("Origin", "https://shop.example", {200, 403}),
        ("Sec-Fetch-Mode", "cors", {200, 403}),
        ("Cookie", "a=b", {200, 403}),
        ("X-Origin", "https://shop.example", {200}),
    ],
)
def test_what_a_head_leaves_open_adds_a_status(builder: RequestBuilder, name: str, value: str, legal: set[int]) -> None:
    assert statuses(builder, builder.call().with_header(name, value)) == legal


def test_a_chunked_or_a_large_body_may_be_refused_and_a_smaller_one_may_not(builder: RequestBuilder) -> None:
    body = builder.call().body
    assert statuses(builder, builder.call().on(chunked=True)) == {200, 400, 411, 501}
    assert statuses(builder, builder.raw(body + b" " * (65_536 - len(body)))) == {200}
    assert statuses(builder, builder.raw(body + b" " * (65_537 - len(body)))) == {200, 400, 413}


@pytest.mark.parametrize(("address", "legal"), [("a@xn--a.com", {200, 400}), ("a@x--n.com", {200})])
def test_a_label_that_no_registrar_gives_out_may_be_refused(
    builder: RequestBuilder, address: str, legal: set[int]
) -> None:
    assert statuses(builder, builder.call({"email": address})) == legal


def test_a_valid_call_deserves_200(builder: RequestBuilder) -> None:
    assert statuses(builder, builder.call()) == {200}


@pytest.mark.parametrize(
    ("changes", "legal"),
    [
        ({"email": ABSENT}, {400}),
        ({"email": None}, {400}),
        ({"email": "nobody"}, {400}),
        ({"email": "customer@localhost"}, {200, 400}),
        ({"email": "customer+tag@example.museum"}, {200}),
        ({"revenue": 0}, {400}),
        ({"revenue": "9900"}, {400}),
        ({"revenue": 10**8}, {200}),
        ({"revenue": 2**53 + 1}, {200, 400}),
        ({"session_id": 7}, {400, 404}),
        ({"website_id": 7}, {400, 401, 404}),
        ({"session_id": ""}, {400, 404}),
        ({"session_id": "none"}, {404}),
        ({"session_id": "none\x00"}, {400, 404}),
        ({"website_id": "none"}, {401, 404}),
        ({"further": 1}, {200, 400}),
        ({"email": "nobody", "session_id": "none"}, {400, 404}),
    ],
)
def test_a_changed_field_deserves(builder: RequestBuilder, changes: dict[str, Any], legal: set[int]) -> None:
    assert statuses(builder, builder.call(changes)) == legal


@pytest.mark.parametrize(
    ("text", "legal"),
    [
        ("1", {200}),
        ("1.0", {200, 400}),
        ("99e2", {200, 400}),
        ("99.5", {400}),
        ("-0", {400}),
        ("0.99999999999999999999", {200, 400}),
        ("1e-400", {400}),
        ("1e400", {200, 400}),
        ("NaN", {400}),
        ("01", {400}),
        ("9" * 5000, {200, 400}),
    ],
)
def test_an_amount_deserves(builder: RequestBuilder, text: str, legal: set[int]) -> None:
    assert statuses(builder, builder.raw(with_revenue(builder, text))) == legal


@pytest.mark.parametrize(
    ("header", "legal"),
    [("", {401}), ("Bearer", {401}), ("Basic abc", {401}), ("Bearer none", {401}), ("Bearer a b", {401})],
)
def test_a_header_deserves(builder: RequestBuilder, header: str, legal: set[int]) -> None:
    assert statuses(builder, builder.authorized(header)) == legal


def test_no_header_deserves_401(builder: RequestBuilder) -> None:
    assert statuses(builder, builder.authorized()) == {401}


def test_another_scheme_case_is_open(builder: RequestBuilder) -> None:
    assert statuses(builder, builder.authorized(f"bearer {builder.website.api_token}")) == {200, 401}


def test_another_websites_token_deserves_401(builder: RequestBuilder) -> None:
    assert statuses(builder, builder.authorized(f"Bearer {websites()[1].api_token}")) == {401}


def test_no_token_and_no_address_deserve_either(builder: RequestBuilder) -> None:
    assert statuses(builder, builder.call({"email": ABSENT}).with_header("Authorization")) == {400, 401}


def test_another_content_type_is_open(builder: RequestBuilder) -> None:
    assert statuses(builder, builder.call().with_header("Content-Type", "text/plain")) == {200, 400, 415}


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("customer@example.com", "plain"),
        ("a+b@EXAMPLE.co.uk", "plain"),
        ("a@@b.com", "wrong"),
        ("a b@c.com", "wrong"),
        ("a@", "wrong"),
        ("@b.com", "wrong"),
        ("", "wrong"),
        ("a.b.com", "wrong"),
        ("a@b", "odd"),
        ('"a b"@c.com', "odd"),
        (" a@b.com", "odd"),
        ("\u00e4@b.com", "odd"),
        (f"{'a' * 65}@b.com", "odd"),
    ],
)
def test_an_address_is(address: str, kind: str) -> None:
    assert judge_address(address) == kind


@pytest.mark.parametrize(
    ("body", "readings", "refusable"),
    [
        (b"{}", 1, False),
        (b"{} ", 1, False),
        (b"{}{}", 0, False),
        (b"{'a': 1}", 0, False),
        (b'{"a": 1,}', 0, False),
        (b"", 0, False),
        (b"\xef\xbb\xbf{}", 1, True),
        ("{}".encode("utf-16"), 1, True),
        (b'{"a": 1, "a": 2}', 2, True),
        (b'{"a": NaN}', 0, False),
    ],
)
def test_a_body_has_as_many_readings(body: bytes, readings: int, refusable: bool) -> None:  # noqa: FBT001 - a parameter
    reading = read_json(body)
    assert (len(reading.values), reading.refusable) == (readings, refusable)


def test_the_same_seed_sends_the_same_requests() -> None:
    def sent(seed: int) -> list[bytes]:
        bodies: list[bytes] = []

        class Listening(Service):
            async def receive_body(self, receive: Any) -> bytes:
                bodies.append(await super().receive_body(receive))
                return bodies[-1]

        settings = Settings(
            target=Listening(),
            document=Document.of(load_spec()),
            websites=websites(),
            allow_writes=True,
            budget=BUDGETS["quick"],
            seed=seed,
            timeout=1.0,
        )
        check = Check(settings)
        explore(check, ids_changed(check.builder), "ids", check.pace.until(10))
        check.client.close()
        return bodies

    assert sent(1) == sent(1)
    assert sent(1) != sent(2)


def made(builder: RequestBuilder, *, valid: bool) -> list[Call]:
    calls: list[Call] = []

    def keep(call: Call) -> bool:
        calls.append(call)
        return False

    shrink(from_the_document(builder.document, builder, valid=valid), keep, 1, 60, inf)
    return calls


def test_the_valid_bodies_that_schemathesis_makes_are_legal(builder: RequestBuilder) -> None:
    calls = made(builder, valid=True)
    assert len(calls) == 60
    assert [call.body for call in calls if 200 not in statuses(builder, call)] == []


def test_the_invalid_bodies_that_schemathesis_makes_have_to_be_refused(builder: RequestBuilder) -> None:
    calls = made(builder, valid=False)
    assert [call.body for call in calls if 200 in statuses(builder, call)] == []


def test_schemathesis_makes_bodies_from_a_path_that_stands_elsewhere(tmp_path: Path) -> None:
    document = yaml.safe_load(openapi_path().read_text(encoding="utf-8"))
    ((path, item),) = document["paths"].items()
    document["components"]["pathItems"] = {"payment": item}
    document["paths"] = {path: {"$ref": "#/components/pathItems/payment"}}
    (tmp_path / "openapi.yaml").write_text(yaml.safe_dump(document), encoding="utf-8")
    facts = KnownWebsites(Document.of(load_spec(tmp_path / "openapi.yaml")), websites())
    assert made(RequestBuilder(facts, websites()[0], websites()[0].sessions[0], "salt"), valid=False)


@pytest.mark.parametrize("seconds", [0.0, 600.0])
def test_a_run_says_when_its_time_cut_it_short(seconds: float) -> None:
    few = Budget(seconds=seconds, examples=3, burst=5, walks=1, repeats=1, depth=1, made=False)
    notes = [note for note in examine(Service(), budget=few).notes if CUT_SHORT in note]
    assert bool(notes) == (seconds == 0.0)
    assert "one field changed" in " ".join(notes) or seconds


def test_nothing_more_is_generated_when_the_time_is_over() -> None:
    drawn: list[Call] = []

    def draw(_: int) -> Call:
        drawn.append(Call("POST", "/", (), b""))
        return drawn[-1]

    shrink(st.integers().map(draw), lambda _: False, chance=1, examples=500, until=0)
    assert len(drawn) == 1


@pytest.mark.parametrize(
    ("amount", "may_be_paid"),
    [("1e" + "9" * 40, True), ("-1e" + "9" * 40, False), ("1e-" + "9" * 40, False), ("0e" + "9" * 40, False)],
)
def test_an_amount_with_an_endless_exponent_is_huge_or_nothing(
    builder: RequestBuilder, amount: str, *, may_be_paid: bool
) -> None:
    call = builder.call()
    body = call.body.replace(b'"revenue": 1', f'"revenue": {amount}'.encode())
    assert body != call.body
    found = statuses(builder, replace(call, body=body))
    assert 400 in found
    assert (200 in found) == may_be_paid


TWO = [("ses_1", "vis_1"), ("ses_2", "vis_2")]


@pytest.mark.parametrize(
    ("website_id", "given", "broken"),
    [
        ("shop", ("ses_1", "vis_1"), []),
        ("shop", ("ses_1", "vis_2"), ["match.together"]),
        ("shop", ("ses_3", "vis_1"), ["match.session"]),
        ("shop", ("ses_1", "vis_3"), ["match.visitor"]),
        ("shop", ("ses_3", "vis_3"), ["match.session", "match.visitor"]),
        ("shop", ("ses_2", None), []),
        ("shop", (None, "ses_2"), ["match.visitor"]),
        ("shop", (None, None), []),
        ("elsewhere", ("ses_1", "vis_1"), ["match.session", "match.visitor"]),
        (None, ("ses_2", "vis_2"), []),
    ],
)
def test_ids_match_one_event_or_break_a_clause(
    website_id: str | None, given: tuple[str | None, ...], broken: list[str]
) -> None:
    sessions = tuple(Session("shop", session, visitor, None, {}) for session, visitor in TWO)
    known = KnownWebsites(Document.of(load_spec()), [Website("shop", "tf_shop", sessions=sessions)])
    strings = {number: one for number, one in enumerate(given) if one is not None}
    assert known.events(website_id).unmatched(strings) == broken
