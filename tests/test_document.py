"""The OpenAPI document drives: what is edited there is followed, and a broken edit is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.conftest import LAMPS, LAMPS_TOKEN, decide, request, status, without
from tests.fuzz.hostile_json import variants
from trackfox_mock import Request, SpecError, World, load_spec
from trackfox_mock.assets import openapi_path
from trackfox_mock.decision.ordinary import ordinary
from trackfox_mock.decision.parsed_request import parse
from trackfox_mock.journal.serializers import show_payment
from trackfox_mock.redaction.redactor import Redactor

Edit = Callable[[dict[str, Any]], None]


@pytest.fixture
def edited(tmp_path: Path) -> Callable[[Edit], World]:
    """A world that serves an edited copy of the document."""

    def serve(edit: Edit) -> World:
        document = yaml.safe_load(openapi_path().read_text())
        edit(document)
        file = tmp_path / "openapi.yaml"
        file.write_text(yaml.safe_dump(document, sort_keys=False))
        return World(load_spec(file))

    return serve


def body_of(document: dict[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = document["components"]["schemas"]["PaymentAttribution"]
    return schema


def operation(document: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = document["paths"]["/api/v1/attribute-payment"]["post"]
    return found


def is_ordinary(world: World) -> bool:
    return ordinary(world.service, world.store, parse(request(LAMPS, token=LAMPS_TOKEN))) is not None


def test_the_built_in_document_is_valid_openapi() -> None:
    OpenAPIV31SpecValidator(yaml.safe_load(openapi_path().read_text())).validate()


def test_a_new_required_field_is_followed(edited: Callable[[Edit], World]) -> None:
    def require_currency(document: dict[str, Any]) -> None:
        body_of(document)["required"].append("currency")
        body_of(document)["properties"]["currency"] = {"type": "string", "pattern": "^[A-Z]{3}$"}

    world = edited(require_currency)
    decision = decide(world)
    assert (decision.reply.status, decision.rule) == (400, "field.required")
    assert status(world, currency="USD") == 200
    assert decide(world, currency="dollars").rule == "field.schema"
    explanation = world.explain_request(request(currency="dollars"))
    assert (explanation.rule, explanation.provenance) == ("field.schema", "documented")
    assert explanation.words.startswith("The request is missing a required field")


def test_a_further_field_that_may_be_left_out_may_not_be_null(edited: Callable[[Edit], World]) -> None:
    def allow_currency(document: dict[str, Any]) -> None:
        body_of(document)["properties"]["currency"] = {"type": "string"}

    world = edited(allow_currency)
    assert is_ordinary(world)
    assert status(world, currency="USD") == 200
    decision = decide(world, currency=None)
    assert (decision.reply.status, decision.rule) == (400, "field.string")


def test_a_further_field_is_recorded_with_the_payment_shown_and_kept(edited: Callable[[Edit], World]) -> None:
    def add_currency(document: dict[str, Any]) -> None:
        body_of(document)["properties"]["currency"] = {"type": "string", "pattern": "^[A-Z]{3}$"}

    world = edited(add_currency)
    payment = world.answer(request(LAMPS | {"currency": "EUR", "note": "unlisted"}, token=LAMPS_TOKEN)).payment
    assert payment is not None
    assert payment.further == {"currency": "EUR"}
    assert show_payment(payment, Redactor(world))["further"] == {"currency": "EUR"}
    snapshot = orjson.loads(orjson.dumps(world.administration.snapshot()))
    world.administration.replace(snapshot)
    assert [one.further for one in world.store.payments()] == [{"currency": "EUR"}]
    ordinary_one = world.answer(request(LAMPS, token=LAMPS_TOKEN)).payment
    assert ordinary_one is not None
    assert ordinary_one.further is None


METADATA = "/api/v1/metadata"


def add_metadata(document: dict[str, Any]) -> None:
    """A second documented operation, which attributes nothing."""
    example = {"name": "Lumen Lamps", "currency": "EUR"}
    document["paths"][METADATA] = {
        "get": {
            "description": "What TrackFox knows of your website.",
            "security": [{"apiToken": []}],
            "responses": {
                "200": {"description": "The website.", "content": {"application/json": {"example": example}}},
                "401": {"description": "This token opens nothing."},
            },
        }
    }


def metadata(**given: Any) -> Request:
    return request(b"", **{"method": "GET", "path": METADATA, "content_type": None, **given})


def test_a_second_operation_is_answered_by_its_example_behind_gates_of_its_own(
    edited: Callable[[Edit], World],
) -> None:
    world = edited(add_metadata)
    entry = world.answer(metadata())
    assert (entry.decision.reply.status, entry.outcome, entry.payment) == (200, "answered", None)
    assert orjson.loads(entry.decision.reply.body) == {"name": "Lumen Lamps", "currency": "EUR"}
    assert entry.decision.gates == ("route", "header", "known-token")
    assert (entry.website_id, entry.advice) == ("your_website_id", ())
    refused = [world.answer(metadata(token=token)).decision for token in (None, "tf_nobody")]
    assert [(one.reply.status, one.rule) for one in refused] == [(401, "auth.missing"), (401, "auth.invalid")]
    assert orjson.loads(refused[0].reply.body) == {"error": "This token opens nothing."}
    other = world.answer(metadata(method="DELETE")).decision.reply
    assert (other.status, dict(other.headers)[b"allow"]) == (405, b"GET")
    assert is_ordinary(world)  # a payment is as quick as without it
    assert b"POST /api/v1/attribute-payment, GET /api/v1/metadata" in decide(world, path="/elsewhere").reply.body


def test_a_second_operation_may_share_the_path_of_the_first(edited: Callable[[Edit], World]) -> None:
    def add_beside(document: dict[str, Any]) -> None:
        add_metadata(document)
        paths = document["paths"]
        paths["/api/v1/attribute-payment"]["get"] = paths.pop(METADATA)["get"]

    world = edited(add_beside)
    path = "/api/v1/attribute-payment"
    assert [status(world, b"", path=path, method=method) for method in ("GET", "DELETE")] == [200, 405]
    assert decide(world).session is not None
    assert dict(decide(world, method="PUT").reply.headers)[b"allow"] == b"POST, GET"


def test_a_second_operation_is_explained_and_so_is_its_refusal(edited: Callable[[Edit], World]) -> None:
    world = edited(add_metadata)
    answered = world.explain_request(metadata())
    assert (answered.outcome, answered.rule, answered.provenance) == ("answered", "example", "documented")
    assert answered.words == "GET /api/v1/metadata: What TrackFox knows of your website."
    refused = world.explain_request(metadata(token="undefined"))
    assert (refused.outcome, refused.slip and refused.slip.slip) == ("refused", "token.lost")
    assert refused.curl == (
        'curl -X GET http://127.0.0.1:4012/api/v1/metadata \\\n  -H "Authorization: Bearer $TRACKFOX_API_TOKEN"'
    )


def test_a_second_operation_with_a_body_has_it_checked(edited: Callable[[Edit], World]) -> None:
    def add_refund(document: dict[str, Any]) -> None:
        add_metadata(document)
        refund = document["paths"].pop(METADATA)["get"]
        schema = {"type": "object", "required": ["payment_id"], "properties": {"payment_id": {"type": "string"}}}
        refund["requestBody"] = {"content": {"application/json": {"schema": schema}}}
        document["paths"]["/api/v1/refund"] = {"post": refund}

    world = edited(add_refund)
    assert status(world, {"payment_id": "pay_1"}, path="/api/v1/refund") == 200
    assert decide(world, {"payment_id": 7}, path="/api/v1/refund").rule == "field.string"
    assert decide(world, {}, path="/api/v1/refund").rule == "field.required"


def test_an_operation_that_cannot_be_served_says_why_and_the_others_are(edited: Callable[[Edit], World]) -> None:
    def add_more(document: dict[str, Any]) -> None:
        add_metadata(document)
        document["paths"]["/api/v1/sites/{id}"] = {
            "get": {
                "parameters": [{"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}],
                "responses": {"200": {"description": "One."}},
            }
        }
        document["paths"]["/api/v1/sites"] = {"get": {"responses": {"200": {"description": "All."}}}}

    world = edited(add_more)
    assert status(world, b"", method="GET", path=METADATA) == 200
    assert status(world, b"", method="GET", path="/api/v1/sites") == 404
    assert world.api.unserved == (
        "GET /api/v1/sites/{id}: a path with parameters is not served.",
        "GET /api/v1/sites: expected content of type application/json.",
    )


def test_a_tighter_bound_is_followed(edited: Callable[[Edit], World]) -> None:
    world = edited(lambda document: body_of(document)["properties"]["revenue"].update(minimum=50, maximum=10000))
    assert [status(world, revenue=revenue) for revenue in (49, 50, 10000, 10001)] == [400, 200, 200, 400]


def test_a_field_that_is_no_longer_required_may_be_absent(edited: Callable[[Edit], World]) -> None:
    world = edited(lambda document: body_of(document)["required"].remove("email"))
    assert status(world, without("email")) == 200


@pytest.mark.parametrize(
    ("revenue", "cents"),
    [
        (b"950.5", 950),
        (b'"9900"', 9900),
        (b'"a lot"', 0),
        (b"null", 0),
        (b"[1]", 0),
        (b"1e400", 0),
        (b'"' + b"9" * 4500 + b'"', 0),
    ],
    ids=["a fraction", "digits", "words", "null", "a list", "infinite", "many digits"],
)
@pytest.mark.parametrize(
    "email", [b'"\\ud800@example.com"', b"17", b'["a@example.com"]'], ids=["half a character", "a number", "a list"]
)
def test_a_payment_can_be_written_down_whatever_the_document_lets_pass(
    edited: Callable[[Edit], World], email: bytes, revenue: bytes, cents: int
) -> None:
    def let_anything_pass(document: dict[str, Any]) -> None:
        body_of(document)["properties"].update(email={}, revenue={})

    world = edited(let_anything_pass)
    session = next(world.store.sessions("web_lumen_lamps"))
    ids = {"website_id": session.website_id, "session_id": session.session_id, "visitor_id": session.visitor_id}
    body = orjson.dumps(ids)[:-1] + b',"email":%b,"revenue":%b}' % (email, revenue)
    website = world.store.website(session.website_id)
    assert website is not None
    payment = world.answer(request(body, token=website.api_token)).payment
    assert payment is not None
    assert payment.revenue == cents
    assert type(payment.revenue) is int
    assert payment.email.encode()


def test_a_field_may_be_declared_as_anything_or_as_nothing(edited: Callable[[Edit], World]) -> None:
    def declare(document: dict[str, Any]) -> None:
        body_of(document)["properties"] |= {"email": True, "note": False}

    world = edited(declare)
    assert status(world, email="of any kind") == 200
    assert status(world, email=7) == 200
    assert status(world, note="") == 400


@pytest.mark.parametrize(("schema", "answered"), [(True, 200), (False, 400)])
def test_the_schema_of_the_body_may_be_true_or_false(
    edited: Callable[[Edit], World], schema: object, answered: int
) -> None:
    def open_up(document: dict[str, Any]) -> None:
        content = operation(document)["requestBody"]["content"]["application/json"]
        content.update(schema=schema, example=LAMPS)

    assert status(edited(open_up), LAMPS, token=LAMPS_TOKEN) == answered


def test_an_operation_without_responses_is_refused_with_a_sentence(edited: Callable[[Edit], World]) -> None:
    with pytest.raises(SpecError, match="no success is declared; expected a status such as 200"):
        edited(lambda document: operation(document).pop("responses"))


@pytest.mark.slow
def test_whatever_stands_in_the_place_of_a_value_the_document_is_refused_or_served(tmp_path: Path) -> None:
    text = yaml.safe_load(openapi_path().read_text())
    for number, variant in enumerate(variants(text, ("true", "{}", '["x"]'))):
        file = tmp_path / "openapi.json"
        file.write_text(variant)
        try:
            world = World(load_spec(file))
        except SpecError as problem:
            assert str(problem), number  # noqa: PT017 - it is refused or served, both are right
            continue
        entry = world.answer(request(LAMPS, token=LAMPS_TOKEN))
        world.finish(entry, 0.0)
        assert world.explain(entry, base_url="http://127.0.0.1:4012").text(), number


def test_another_path_server_and_method_are_followed(edited: Callable[[Edit], World]) -> None:
    def move(document: dict[str, Any]) -> None:
        document["servers"] = [{"url": "https://eu.trackfox.app/api/v2"}]
        document["paths"] = {"/payments": {"put": operation(document)}}

    world = edited(move)
    assert status(world, path="/api/v2/payments", method="PUT") == 200
    assert status(world, path="/api/v2/payments") == 405
    assert status(world) == 404


def test_another_success_example_is_answered(edited: Callable[[Edit], World]) -> None:
    def reword(document: dict[str, Any]) -> None:
        content = operation(document)["responses"]["200"]["content"]["application/json"]
        content["examples"]["documented"]["value"] = {"message": "Done.", "id": 7}
        operation(document)["responses"]["201"] = operation(document)["responses"].pop("200")

    reply = decide(edited(reword)).reply
    assert (reply.status, orjson.loads(reply.body)) == (201, {"message": "Done.", "id": 7})


def test_without_security_no_token_is_asked_for(edited: Callable[[Edit], World]) -> None:
    world = edited(lambda document: operation(document).pop("security"))
    assert status(world, token=None) == 200
    assert status(world, token=None, session_id="unknown") == 404


def test_the_words_of_a_response_are_what_an_error_says(edited: Callable[[Edit], World]) -> None:
    world = edited(lambda document: operation(document)["responses"]["404"].update(description="No such event."))
    assert decide(world, session_id="unknown").reply.body == b'{"error":"No such event."}'


def test_references_inside_the_schema_are_followed(edited: Callable[[Edit], World]) -> None:
    def refer(document: dict[str, Any]) -> None:
        document["components"]["schemas"]["Cents"] = {"type": "integer", "minimum": 1000}
        body_of(document)["properties"]["revenue"] = {"$ref": "#/components/schemas/Cents"}

    world = edited(refer)
    assert [status(world, revenue=revenue) for revenue in (999, 1000)] == [400, 200]


@pytest.mark.parametrize(
    ("edit", "told"),
    [
        (("openapi: 3.1.0", "openapi: 2.0.0"), r":1: openapi: came '2\.0\.0'; expected an OpenAPI document"),
        (("openapi: 3.1.0", "openapi 3.1.0"), r"is not YAML"),
        (
            ("type: integer", "type: intger"),
            r":80: components\.schemas\.PaymentAttribution\.properties\.revenue\.type: 'intger' is not one of",
        ),
        (("operationId: attributePayment", "operationId: [1]"), r":14: paths./api/v1/attribute-payment.post"),
        (("      responses:", "      answers:"), r"paths./api/v1/attribute-payment.post"),
        (("          minimum: 1\n", "          minimum: low\n"), r"revenue.minimum: "),
        (('$ref: "#/components/schemas/Attributed"', '$ref: "#/components/schemas/Nowhere"'), r"Nowhere"),
        (("scheme: bearer", "scheme: basic"), r"expected a scheme of type http and scheme bearer"),
        (("          application/json:\n            schema:\n              $ref: \"#/components/schemas/PaymentA",
          "          text/plain:\n            schema:\n              $ref: \"#/components/schemas/PaymentA"),
         r"requestBody: expected content of type application/json"),
    ],
)  # fmt: skip
def test_a_broken_document_is_refused_with_the_place_in_the_file(
    tmp_path: Path, edit: tuple[str, str], told: str
) -> None:
    text = openapi_path().read_text()
    assert edit[0] in text
    file = tmp_path / "edited.yaml"
    file.write_text(text.replace(*edit, 1))
    with pytest.raises(SpecError, match=rf"edited\.yaml.*{told}"):
        load_spec(file)
