"""`--probe-existing` names sessions in calls alone that a right service refuses: counted on the service."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from tests.services.examine import broken, examine, websites
from tests.services.legal import LEGAL, MatchBeforeTheRestOfTheBody
from tests.services.service import Service
from tests.services.wrong import WRONG
from tests.test_contract_events import StoresBeforeItMatches
from tests.test_safe_mode import SKIPPING
from trackfox_contract.commands.verify import verify
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.preflight import preflight
from trackfox_contract.engine.settings import BUDGETS, Settings
from trackfox_contract.judgement.evidence import Evidence
from trackfox_contract.oracle.document import Document
from trackfox_contract.report.ledger import settle
from trackfox_mock import load_spec


def probed(service: Service, **more: Any) -> Evidence:
    return examine(service, probing=True, **more)


@pytest.mark.parametrize(
    "name",
    [
        "MatchBeforeHeaderAndTheRest",
        pytest.param("EverythingStrict", marks=pytest.mark.slow),
        pytest.param("TypesThenMatchThenValues", marks=pytest.mark.slow),
    ],
)
def test_a_legal_service_records_nothing_and_is_not_accused(name: str) -> None:
    service = LEGAL[name]()
    assert probed(service).findings == []
    assert service.payments == []


class TakesTexts(Service):
    """As a framework does that converts by default."""

    def is_amount(self, value: Any) -> bool:
        return super().is_amount(int(value) if isinstance(value, str) and value.isdecimal() else value)


def test_what_was_special_about_a_call_that_was_paid_for_is_told() -> None:
    seen = probed(TakesTexts(), looking_for="revenue.positive-integer")
    assert 'revenue is "1"' in [finding.case for finding in seen.findings]


KINDS = 15
"""The ways in which a call can be wrong: the clauses that one can break, and another method."""
QUICK = {"LetsEveryHundredthPass"}


@pytest.mark.parametrize(
    "kind", [pytest.param(kind, marks=() if kind.__name__ in QUICK else pytest.mark.slow) for kind in SKIPPING]
)
def test_a_service_that_skips_steps_records_one_payment_of_each_kind_at_most(kind: type[Service]) -> None:
    service = kind()
    seen = probed(service)
    assert 1 <= len(service.payments) == len(seen.recorded) <= KINDS
    assert seen.findings


def test_a_service_that_checks_no_token_is_found_by_a_payment_for_each_way_in() -> None:
    service = next(kind for kind in SKIPPING if kind.__name__ == "WithoutAuthorizeAuthenticate")()
    seen = probed(service)
    assert broken(seen) == {"auth.missing", "auth.malformed", "auth.invalid", "auth.website"}
    assert len(service.payments) == 4


def test_what_was_recorded_is_listed_so_that_it_can_be_removed() -> None:
    service = WRONG["TrueIsOne"][1]()
    settings = settings_of(service)
    data = settle(settings, probed(service), 1.0).dump()
    (payment,) = service.payments
    (listed,) = data["recorded"]
    assert listed["session_id"] == payment["session_id"]
    assert listed["revenue"] is True
    assert "1 payment may have been recorded that a right service refuses; to remove them, look for: (1) true, " in (
        " ".join(data["notes"])
    )
    assert json.dumps(data)


def settings_of(service: Service, **more: Any) -> Settings:
    return Settings(
        service, Document.of(load_spec()), websites(), allow_writes=False, budget=BUDGETS["quick"], seed=1, timeout=1.0,
        probe_existing=True, **more,
    )  # fmt: skip


def test_what_needs_an_existing_session_is_called_kept() -> None:
    rows = {row.clause.clause_id: row for row in settle(settings_of(Service()), probed(Service()), 1.0).rows}
    assert {rows[name].verdict for name in ("match.together", "match.exact", "match.visitor", "auth.website")} == {
        "kept"
    }
    assert rows["endpoint"].verdict == "not checked"


def test_a_payment_that_no_answer_tells_of_is_seen_where_somebody_reads_them() -> None:
    service = StoresBeforeItMatches()
    seen = probed(service, payments=lambda: [dict(payment) for payment in service.payments])
    assert "event.only-on-success" in broken(seen)
    assert len(seen.recorded) == 3  # an unknown session, an unknown visitor, and two that do not belong together
    assert len(service.payments) < 12
    assert seen.sent > 1000


class KnowsNobody(MatchBeforeTheRestOfTheBody):
    """A legal service that matches first, and has other sessions than those of the fixtures."""

    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:  # noqa: ARG002 - overrides
        return False


def test_a_session_that_the_service_does_not_know_is_no_finding_and_is_said() -> None:
    seen = probed(KnowsNobody())
    assert seen.findings == []
    assert any("may not know the session ses_otter_Mia_01 of shop_otter" in remark for remark in seen.remarks)


@pytest.mark.parametrize("name", ["CountryDomainsRefused", "NoDots"])
def test_what_a_right_service_may_accept_is_asked_with_ids_of_nobody(name: str) -> None:
    clause_id, kind = WRONG[name]
    service = kind()
    assert clause_id in broken(probed(service, looking_for=clause_id))
    assert service.payments == []


NO_SESSION = {"websites": [{"website_id": "w", "api_token": "tf_some_token_1", "sessions": []}]}
ONE_SESSION = {"websites": [{**NO_SESSION["websites"][0], "sessions": [{"session_id": "s", "visitor_id": "v"}]}]}


@pytest.mark.parametrize(
    ("fixtures", "more", "sentence"),
    [
        (NO_SESSION, [], "hold no session that --probe-existing could name; add one that the service has"),
        (ONE_SESSION, ["--allow-writes"], "came --probe-existing and --allow-writes; expected one of them"),
    ],
)
def test_wrong_usage_is_a_sentence(tmp_path: Path, fixtures: dict[str, object], more: list[str], sentence: str) -> None:
    path = tmp_path / "shops.json"
    path.write_text(json.dumps(fixtures))
    result = CliRunner().invoke(verify, ["http://127.0.0.1:9", "--fixtures", str(path), "--probe-existing", *more])
    assert result.exit_code == 2
    assert sentence in " ".join(result.output.split())


def test_a_session_that_is_known_is_not_doubted() -> None:
    check = Check(settings_of(LEGAL["MatchBeforeHeaderAndTheRest"]()))
    preflight(check)
    check.client.close()
    assert check.judge.doubted == frozenset()
