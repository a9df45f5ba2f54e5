"""The ledger's words are those of the document that is checked."""

from __future__ import annotations

from pathlib import Path

import pytest

from trackfox_contract.engine.settings import BUDGETS, Settings
from trackfox_contract.judgement.evidence import Evidence
from trackfox_contract.oracle.clauses import Clause
from trackfox_contract.oracle.document import Document
from trackfox_contract.report.ledger import settle
from trackfox_contract.report.terminal import answered_with_success
from trackfox_mock import World, create_app, load_spec
from trackfox_mock.assets import openapi_path


def clauses(spec: Path) -> dict[str, Clause]:
    """The clauses of the ledger of a run against a document."""
    world = World(load_spec(spec))
    document = Document.of(world.api)
    settings = Settings(
        create_app(world), document, world.fixtures, allow_writes=True, budget=BUDGETS["quick"], seed=1, timeout=1.0
    )
    return {row.clause.clause_id: row.clause for row in settle(settings, Evidence(), seconds=0).rows}


@pytest.fixture
def edited(tmp_path: Path) -> Path:
    path = tmp_path / "openapi.yaml"
    text = openapi_path().read_text(encoding="utf-8")
    text = text.replace("/api/v1/attribute-payment:", "/v2/payments:").replace("PaymentAttribution", "Payment")
    path.write_text(text.replace("The Authorization header is missing", "No header"), encoding="utf-8")
    return path


def test_a_clause_rests_on_the_documents_own_words() -> None:
    rows = clauses(openapi_path())
    assert rows["match.exact"].sentence.startswith("No matching event was found")
    assert rows["revenue.positive-integer"].sentence == ("revenue: Payment amount in cents. Must be a positive integer")
    assert rows["auth.website"].sentence == "The API token for the website_id in the JSON body."
    assert all(clause.sentence for clause in rows.values())


def test_the_words_and_their_place_follow_an_edited_document(edited: Path) -> None:
    rows = clauses(edited)
    assert rows["auth.missing"].sentence.startswith("No header, malformed")
    assert rows["auth.missing"].place == "/paths/~1v2~1payments/post/responses/401"
    assert rows["revenue.positive-integer"].place == "/components/schemas/Payment/properties/revenue"
    assert rows["endpoint"].sentence.startswith("POST /v2/payments: Creates a payment event")


@pytest.mark.parametrize(
    ("count", "told"),
    [
        (0, "none was answered with success"),
        (1, "1 was answered with success"),
        (1204, "1,204 were answered with success"),
    ],
)
def test_how_many_payments_were_created_is_told_in_words(count: int, told: str) -> None:
    assert answered_with_success(count) == told
