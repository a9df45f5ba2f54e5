"""Why a request was refused, and how to mend it: the mock knows more of the state than the status says."""

from __future__ import annotations

import json
import shlex
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import KITES_TOKEN, LAMPS, LAMPS_TOKEN, request
from trackfox_mock import Explanation, Readings, Request, World, fingerprint, load_spec
from trackfox_mock.assets import openapi_path
from trackfox_mock.document.lookalikes import template_in
from trackfox_mock.document.spec import Operation
from trackfox_mock.explain.body import amount
from trackfox_mock.explain.body.amount import diagnose as diagnose_amount
from trackfox_mock.explain.inquiry import Diagnosis

SHARED = World()  # nothing that is explained changes it


def explain(body: object = None, *, token: str | None = LAMPS_TOKEN, **fields: Any) -> Explanation:
    """What a fresh world says of a request to Lumen Lamps, right but for what is given."""
    ours = {name: fields.pop(name) for name in LAMPS if name in fields}
    return SHARED.explain_request(request(LAMPS | ours if body is None else body, token=token, **fields))


def slip(*args: Any, **fields: Any) -> str:
    """The name of what is wrong."""
    found = explain(*args, **fields).slip
    assert found is not None
    return found.slip


def corrected(explanation: Explanation, token: str = LAMPS_TOKEN) -> Request:
    """The request that the corrected curl command sends."""
    words = shlex.split(explanation.curl.replace("\\\n", " ").replace("$TRACKFOX_API_TOKEN", token))
    headers = [words[place + 1].split(": ", 1) for place, word in enumerate(words) if word == "-H"]
    path = "/" + words[3].split("/", 3)[3]
    body = words[words.index("-d") + 1].encode()
    return Request(words[2], path, [(name.lower().encode(), value.encode()) for name, value in headers], body)


@pytest.mark.parametrize(
    ("revenue", "name", "send"),
    [
        (29.99, "revenue.dollars", 2999),
        (99.5, "revenue.dollars", 9950),
        (0.30000000000000004, "revenue.dollars", 30),
        (7998.999999999999, "revenue.residue", 7999),
        ("9900", "revenue.string", 9900),
        ("99.00", "revenue.string", 9900),
        ("$1,299.00", "revenue.string", 129900),
        ("1.299,00 €", "revenue.string", 129900),
    ],
)
def test_an_amount_is_turned_into_the_cents_that_were_meant(revenue: object, name: str, send: int) -> None:
    explanation = explain(revenue=revenue)
    assert explanation.slip is not None
    assert explanation.slip.slip == name
    assert f"send {send}" in explanation.sentence
    assert f'"revenue": {send}' in explanation.curl


@pytest.mark.parametrize(
    ("revenue", "name"),
    [
        (True, "revenue.boolean"),
        (None, "revenue.null"),
        (0, "revenue.zero"),
        (-500, "revenue.negative"),
        ("NaN", "revenue.lost"),
        ("", "revenue.lost"),
        ("a lot", "revenue.string"),
        ([9900], "revenue.type"),
        (5e-324, "revenue.type"),
    ],
)
def test_what_is_no_amount_at_all_is_told_apart(revenue: object, name: str) -> None:
    assert slip(revenue=revenue) == name


@pytest.mark.parametrize(
    ("session_id", "name"),
    [
        ("", "id.empty"),
        ("undefined", "id.lost"),
        ("null", "id.lost"),
        ("[object Object]", "id.lost"),
        ("{{session_id}}", "id.template"),
        ("${SESSION}", "id.template"),
        ("{CHECKOUT_SESSION_ID}", "id.template"),
        ("tf_session_id", "id.placeholder"),
        ("your-session-id", "id.placeholder"),
        ("cs_test_a1B2", "id.provider"),
        ("pi_3Qx", "id.provider"),
        ("txn_01h", "id.provider"),
        ("vis_ada_77b0", "match.visitor-for-session"),
        ("ses_kites_linus", "match.other-website"),
        ("SES_LUMEN_ADA_1", "match.nearly"),
        (" ses_lumen_ada_1", "match.nearly"),
        ("ses_lumen_ada_1\n", "match.nearly"),
        ("ses_lumen_ada_", "match.nearly"),
        ("ses_lumen_ada_11", "match.nearly"),
        ("xses_lumen_ada_1", "match.nearly"),
        ("ses_nobody", "match.unknown-session"),
        (None, "field.null"),
        (17, "field.type"),
    ],
)
def test_a_wrong_session_is_named_for_what_it_is(session_id: object, name: str) -> None:
    assert slip(session_id=session_id) == name


@pytest.mark.parametrize(
    ("visitor_id", "name"),
    [
        ("cus_Nff", "id.provider"),
        ("vis_linus_3c8e", "match.other-website"),
        ("vis_grace_0d15", "match.apart"),
        ("ses_lumen_ada_1", "match.session-for-visitor"),
        ("vis_nobody", "match.unknown-visitor"),
    ],
)
def test_a_wrong_visitor_is_named_for_what_it_is(visitor_id: str, name: str) -> None:
    assert slip(visitor_id=visitor_id) == name


def test_swapped_ids_are_seen_and_swapped_back() -> None:
    explanation = explain(session_id="vis_ada_77b0", visitor_id="ses_lumen_ada_1")
    assert explanation.slip is not None
    assert explanation.slip.slip == "match.swapped"
    assert explanation.curl.count('"session_id": "ses_lumen_ada_1", "visitor_id": "vis_ada_77b0"') == 1


def test_a_session_of_another_website_is_explained_with_that_website() -> None:
    assert '"web_paper_kites"' in explain(session_id="ses_kites_linus").sentence


@pytest.mark.parametrize(
    ("authorization", "name"),
    [
        ("", "authorization.empty"),
        (LAMPS_TOKEN, "authorization.no-bearer"),
        ("Bearer", "authorization.no-token"),
        (f"Bearer Bearer {LAMPS_TOKEN}", "authorization.bearer-twice"),
        (f'"Bearer {LAMPS_TOKEN}"', "authorization.quoted"),
        (f"Bearer:{LAMPS_TOKEN}", "authorization.glued"),
        (f"Token {LAMPS_TOKEN}", "authorization.scheme"),
        ("Basic dXNlcjpwYXNz", "authorization.scheme"),
        (f"Bearer {LAMPS_TOKEN} {LAMPS_TOKEN}", "authorization.space-inside"),
        (f'Bearer "{LAMPS_TOKEN}"', "token.quoted"),
        (f"Bearer {LAMPS_TOKEN}\\n", "token.quoted"),
        (f"Bearer {KITES_TOKEN}", "token.other-website"),
        (f"Bearer {LAMPS_TOKEN.upper()}", "token.nearly"),
        (f"Bearer {LAMPS_TOKEN[:-1]}", "token.nearly"),
        (f"Bearer {LAMPS_TOKEN}x", "token.nearly"),
        ("Bearer sk_live_51Habcdef", "token.provider"),
        ("Bearer pdl_live_apikey_01", "token.provider"),
        ("Bearer your_api_token", "token.placeholder"),
        ("Bearer undefined", "token.lost"),
        ("Bearer ${TRACKFOX_API_TOKEN}", "token.template"),
        ("Bearer web_lumen_lamps", "token.website-id"),
        ("Bearer nobody", "token.unknown"),
    ],
)
def test_a_slip_of_authentication_is_named_for_what_it_is(authorization: str, name: str) -> None:
    explanation = explain(authorization=authorization)
    assert explanation.status == 401
    assert explanation.slip is not None
    assert explanation.slip.slip == name


def test_a_missing_header_is_looked_for_elsewhere() -> None:
    assert slip(token=None) == "authorization.missing"
    assert slip(LAMPS | {"api_token": LAMPS_TOKEN}, token=None) == "authorization.body"


def test_the_token_of_another_website_is_shown_with_its_owner_and_never_in_full() -> None:
    sentence = explain(token=KITES_TOKEN).sentence
    assert '"web_paper_kites"' in sentence
    assert fingerprint(KITES_TOKEN) in sentence
    assert KITES_TOKEN not in sentence


@pytest.mark.parametrize(
    ("body", "name"),
    [
        (b"", "body.empty"),
        (b"session_id=ses_a&revenue=9900", "body.form"),
        (json.dumps(json.dumps(LAMPS)).encode(), "body.json-in-string"),
        (str(LAMPS).encode(), "body.single-quotes"),
        (b"{session_id: 1}", "body.unquoted"),
        (b'{"revenue": 1,}', "body.trailing-comma"),
        (b"[object Object]", "body.object-text"),
        (json.dumps(LAMPS).encode("utf-16"), "body.utf-16"),
        ([LAMPS], "body.array"),
        ([], "body.not-object"),
        ({"data": LAMPS}, "field.wrapped"),
        (b'{"revenue": ', "body.malformed"),
    ],
)
def test_a_body_that_is_no_json_object_is_told_what_it_is(body: object, name: str) -> None:
    assert slip(body) == name


def test_single_quotes_are_called_so_whatever_language_wrote_them() -> None:
    sentence = explain(b"{'session_id': 'a'}").sentence
    assert sentence.startswith(
        "the body has single quotes around its names, where JSON has double ones; expected one JSON"
    )
    assert "json_encode (PHP), JSON.stringify (JavaScript), json.dumps (Python)" in sentence


def test_names_in_another_spelling_are_recognised_from_the_document() -> None:
    explanation = explain(
        {
            "websiteId": "web_lumen_lamps",
            "visitorId": "vis_ada_77b0",
            "session": "ses_lumen_ada_1",
            "amount": 29.99,
            "customer_email": "ada@example.com",
        }
    )
    sentences = " ".join([explanation.sentence, *(other.sentence for other in explanation.also)])
    for came, documented in {
        "websiteId": "website_id",
        "visitorId": "visitor_id",
        "session": "session_id",
        "amount": "revenue",
        "customer_email": "email",
    }.items():
        assert f'{documented} is missing, and "{came}" came' in sentences
    assert '"revenue": 2999' in explanation.curl


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/api/v1/attribute-payment/", "path.trailing-slash"),
        ("//api/v1/attribute-payment", "path.doubled-slash"),
        ("/v1/attribute-payment", "path.cut"),
        ("/attribute-payment", "path.cut"),
        ("/api/v2/attribute-payment", "path.version"),
        ("/API/v1/attribute-payment", "path.case"),
        ("/app/api/v1/attribute-payment", "path.prefixed"),
        ("/api/v1/attribute-payments", "path.misspelled"),
        ("/checkout", "path.unknown"),
    ],
)
def test_another_path_is_led_to_the_documented_one(path: str, name: str) -> None:
    explanation = explain(path=path)
    assert explanation.slip is not None
    assert explanation.slip.slip == name
    assert explanation.sentence.endswith("send it to /api/v1/attribute-payment.")


def test_another_method_is_told_the_documented_one() -> None:
    assert explain(method="PUT").sentence == ("the method is PUT; expected POST /api/v1/attribute-payment: use POST.")


def test_the_gates_stand_in_order_with_their_evidence() -> None:
    gates = explain(revenue=29.99).gates
    assert [(gate.gate, gate.outcome) for gate in gates] == [
        ("route", "passed"),
        ("header", "passed"),
        ("body", "refused"),
        ("token", "not reached"),
        ("match", "not reached"),
    ]
    assert all(gate.evidence for gate in gates)


def test_what_would_be_refused_next_is_told_too() -> None:
    explanation = explain(revenue=29.99, email="nobody", token=KITES_TOKEN)
    assert [other.slip for other in explanation.also] == ["email.invalid", "token.other-website"]
    assert "order" in [taken.silence for taken in explanation.readings]


def test_a_clause_is_quoted_in_the_words_of_the_document() -> None:
    explanation = explain(revenue=29.99)
    assert (explanation.rule, explanation.provenance) == ("revenue.positive-integer", "documented")
    assert "Payment amount in cents. Must be a positive integer" in explanation.words
    assert explain(token=KITES_TOKEN).words == "The API token for the website_id in the JSON body."


def test_a_silence_is_told_with_its_reading_and_what_else_would_be_legal() -> None:
    [taken] = explain(session_id="").readings
    assert (taken.silence, taken.value, taken.provenance) == ("empty-id", "no-match", "assumed")
    assert set(taken.alternatives) == {"refused"}


def test_an_observed_reading_says_so() -> None:
    world = World(readings=Readings().with_values({"empty-id": "refused"}, "observed"))
    explanation = world.explain_request(request(session_id=""))
    assert explanation.provenance == "observed"


def test_an_accepted_request_is_explained_by_the_event_it_matched() -> None:
    explanation = explain()
    assert (explanation.outcome, explanation.slip) == ("attributed", None)
    assert "2026-11-03T18:04:11" in explanation.gates[-1].evidence


def test_an_entry_of_the_journal_is_explained_like_the_request() -> None:
    world = World()
    entry = world.answer(request(revenue=29.99))
    assert world.explain(entry) == world.explain_request(request(revenue=29.99))
    assert world.why(entry) == world.explain(entry).sentence


def test_an_explanation_diagnoses_each_field_once(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def diagnose(api: Operation, name: str, value: object) -> Diagnosis:
        asked.append(name)
        return diagnose_amount(api, name, value)

    monkeypatch.setattr(amount, "diagnose", diagnose)
    assert explain(revenue=29.99, email="nobody").also
    assert asked == ["revenue"]


def test_explaining_changes_nothing() -> None:
    world = World()
    before = world.administration.snapshot()
    world.explain_request(request())
    assert world.administration.snapshot() == before
    assert not list(world.journal)


def test_the_text_for_a_terminal_holds_the_sentence_the_rule_and_the_command() -> None:
    explanation = explain(revenue=29.99)
    text = explanation.text()
    assert explanation.sentence in text
    assert "revenue.positive-integer (documented)" in text
    assert explanation.curl in text


def test_secrets_are_shown_to_who_asks() -> None:
    sent = request(LAMPS | {"revenue": 29.99}, token=LAMPS_TOKEN)
    assert LAMPS_TOKEN not in World().explain_request(sent).curl
    shown = World().explain_request(sent, show_secrets=True).curl
    assert LAMPS_TOKEN in shown
    assert "ada@example.com" in shown


def test_a_request_that_the_journal_cut_is_still_explained() -> None:
    world = World()
    entry = world.answer(request(LAMPS | {"note": "x" * 20_000, "revenue": 0}, token=LAMPS_TOKEN))
    assert world.explain(entry).rule == "revenue.positive-integer"


@pytest.mark.parametrize(
    ("edit", "body", "said"),
    [
        (("[session_id, ", "[currency, session_id, "), LAMPS, "currency is missing"),
        (
            ("minimum: 1", "minimum: 500"),
            LAMPS | {"revenue": 400},
            "revenue is 400; expected a positive integer in cents: send an amount within",
        ),
        (("security:\n        - apiToken: []", "security: []"), LAMPS | {"revenue": 29.99}, "send 2999"),
        ((" in cents. Must", ". Must"), LAMPS | {"revenue": 29.99}, "expected a positive integer: send an integer"),
        (("revenue", "total"), {**LAMPS, "total": "99.00"}, "send 9900"),
        (("type: integer", "type: [integer, 'null']"), LAMPS | {"revenue": []}, "revenue is an array"),
        (("format: email", "maxLength: 3"), LAMPS, "email is"),
    ],
)
def test_an_edited_document_is_explained_in_its_own_terms(
    tmp_path: Path, edit: tuple[str, str], body: object, said: str
) -> None:
    edited = tmp_path / "openapi.yaml"
    edited.write_text(openapi_path().read_text(encoding="utf-8").replace(*edit), encoding="utf-8")
    explanation = World(load_spec(edited)).explain_request(request(body, token=LAMPS_TOKEN))
    assert said in explanation.text()
    assert "ada@" not in explanation.text()


_TOKENS = [LAMPS_TOKEN, KITES_TOKEN, "tf_your_api_token_here"]
_TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        ["undefined", "cs_test_1", "web_lumen_lamps", "ses_lumen_ada_1", "vis_ada_77b0", "29.99", *_TOKENS]
    ),
    st.sampled_from(_TOKENS).map(lambda token: f"x{token}y"),
)
_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | _TEXTS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_TEXTS, inner, max_size=3),
    max_leaves=6,
)
_NAMES = st.sampled_from([*LAMPS, "amount", "websiteId", "data"]) | _TEXTS
_BODIES = st.one_of(
    st.binary(max_size=60),
    _VALUES.map(lambda value: json.dumps(value).encode()),
    st.dictionaries(_NAMES, _VALUES, max_size=8).map(lambda value: json.dumps(LAMPS | value).encode()),
    st.dictionaries(_NAMES, _VALUES, max_size=8).map(lambda value: json.dumps(value).encode()),
)
_AUTHORIZATIONS = st.none() | _TEXTS | st.sampled_from(_TOKENS).map(lambda token: f"Bearer {token}")
_REQUESTS = st.builds(
    lambda method, path, authorization, body, extra: Request(
        method,
        path,
        [
            (b"content-type", b"application/json"),
            *([] if authorization is None else [(b"authorization", authorization.encode("utf-8", "replace"))]),
            *((name.encode("utf-8", "replace"), value.encode("utf-8", "replace")) for name, value in extra),
        ],
        body,
    ),
    st.sampled_from(["POST", "PUT", "GET"]) | _TEXTS,
    st.sampled_from(["/api/v1/attribute-payment"] * 3 + ["/api/v1/attribute-payment/"]) | _TEXTS,
    _AUTHORIZATIONS,
    _BODIES,
    st.lists(st.tuples(st.sampled_from(["origin", "content-type", "x-api-key"]), _TEXTS), max_size=2),
)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sent=_REQUESTS)
def test_any_request_can_be_explained_and_no_explanation_holds_a_full_token(sent: Request) -> None:
    world = SHARED
    explanation = world.explain_request(sent)
    everything = [explanation.text(), repr(explanation.as_dict()), world.why(world.answer(sent))]
    for text in everything:
        assert not [token for token in _TOKENS if token in text]
    assert explanation.text().isprintable() or all(line.isprintable() for line in explanation.text().split("\n"))


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(sent=_REQUESTS)
def test_the_corrected_command_is_accepted(sent: Request) -> None:
    world = SHARED
    explanation = world.explain_request(sent)
    mended = corrected(explanation)
    website_id = json.loads(mended.body)["website_id"]
    website = world.store.website(website_id)
    assert website is not None
    decision = world.consider(corrected(explanation, website.api_token))
    assert decision.accepted, (explanation.curl, decision.rule, decision.violations)


@pytest.mark.parametrize("text", ["{{" * 100_000, "<%" * 100_000, "${" * 100_000])
def test_a_template_without_an_end_is_looked_for_in_no_more_than_a_line(text: str) -> None:
    assert template_in(text) is None


def test_a_form_without_an_end_is_told_at_a_glance() -> None:
    body = b"a=" + b" " * 100_000 + b"{"
    explanation = World().explain_request(request(body))
    assert explanation.slip is not None
    assert explanation.slip.slip == "body.malformed"
