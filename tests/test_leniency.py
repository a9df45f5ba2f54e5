"""What breaks the letter and hurts nobody is told apart; what something else explains is not called kept."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

import pytest

from tests.services.examine import BRIEF, examine, websites
from tests.services.service import Request, Service
from trackfox_contract.engine.settings import Settings
from trackfox_contract.judgement.evidence import Evidence
from trackfox_contract.oracle.document import Document
from trackfox_contract.report.ledger import Ledger, settle
from trackfox_mock import load_spec


class NamesInAnyCase(Service):
    """As Go's encoding/json reads a struct."""

    def load(self, raw: bytes) -> Any:
        body = super().load(raw)
        return {name.lower(): value for name, value in body.items()} if isinstance(body, dict) else body


class ReadsForms(Service):
    """As Django REST framework does by default."""

    def parse(self, request: Request) -> dict[str, Any]:
        if (request.header("content-type") or "").startswith("application/x-www-form-urlencoded"):
            fields: dict[str, Any] = dict(parse_qsl(request.body.decode("utf-8", "replace")))
            if fields.get("revenue", "").isdecimal():
                return {**fields, "revenue": int(fields["revenue"])}
        return super().parse(request)


def ledger(seen: Evidence, *, strict: bool = False, writes: bool = True) -> Ledger:
    settings = Settings("http://shop", Document.of(load_spec()), websites(), writes, BRIEF, 1, 1.0, strict=strict)
    return settle(settings, seen, 1.0)


@pytest.mark.parametrize(
    ("service", "clause_id", "words"),
    [
        (NamesInAnyCase, "field.required", "Go's encoding/json"),
        pytest.param(ReadsForms, "body.object", "parser classes", marks=pytest.mark.slow),
    ],
)
def test_a_leniency_is_told_with_its_cure_and_fails_a_strict_run_alone(
    service: type[Service], clause_id: str, words: str
) -> None:
    seen = examine(service())
    assert seen.findings
    assert all(finding.is_lenient for finding in seen.findings)
    usual, strict = ledger(seen), ledger(seen, strict=True)
    assert (usual.exit_code, strict.exit_code) == (0, 1)
    told = {row.clause.clause_id: row.why for row in usual.rows}
    assert words in told[clause_id]
    assert [row.clause.clause_id for row in strict.broken] == [clause_id]
    assert json.dumps(usual.dump())


class ChecksNoToken(Service):
    steps = ("read", "validate", "know_the_website", "match")

    def know_the_website(self, state: dict[str, Any]) -> None:
        self.authenticate({**state, "token": (self.shop(state["body"]["website_id"]) or {}).get("token", "")})


@pytest.mark.slow
def test_a_clause_that_another_rule_explains_is_not_called_kept() -> None:
    rows = {row.clause.clause_id: row for row in ledger(examine(ChecksNoToken(), writes=False), writes=False).rows}
    assert rows["auth.website"].verdict == "not checked"
    assert "explains the answer too" in rows["auth.website"].why


class IgnoresTheVisitor(Service):
    def same_visitor(self, given: object, known: str) -> bool:  # noqa: ARG002 - overrides
        return True


@pytest.mark.slow
def test_ids_of_nobody_do_not_show_that_the_visitor_is_looked_up() -> None:
    rows = {row.clause.clause_id: row for row in ledger(examine(IgnoresTheVisitor(), writes=False), writes=False).rows}
    assert rows["match.visitor"].verdict == "not checked"
    assert rows["email.valid"].verdict == "kept"
