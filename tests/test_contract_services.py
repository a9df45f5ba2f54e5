"""Every wrong service is found on its clause, no legal one is accused, and none that was late once is taken for slow.

Of the wrong and the legal ones CI runs all; by default a sample.
"""

from __future__ import annotations

import asyncio
import math
from collections.abc import Iterable

import pytest

from tests.services.examine import BRIEF, broken, examine, websites
from tests.services.held_out import HELD_OUT_LEGAL, HELD_OUT_WRONG
from tests.services.legal import LEGAL
from tests.services.service import Request, Send, Service
from tests.services.wrong import WRONG
from trackfox_contract.cases.table import success
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.preflight import preflight
from trackfox_contract.engine.settings import Settings
from trackfox_contract.engine.table import send_table
from trackfox_contract.oracle.clauses import CLAUSES
from trackfox_contract.oracle.document import Document
from trackfox_mock import Session, Website, load_spec

_QUICK_WRONG = {
    "ReadsOnlyTheFirstPiece",
    "CamelCaseToo",
    "ListsOfOneAreUnpacked",
    "TrueIsOne",
    "TwoAtSigns",
    "TrailingCommas",
    "AConnectionIsRemembered",
    "AnyScheme",
    "APrefixOfTheToken",
    "AnyWebsitesToken",
    "AnUnknownSessionIsCreated",
    "EmptyVisitorMatches",
    "EachIdForItself",
    "SessionIdsInAnyCase",
    "Created",
    "AsText",
    "HangsOnANegativeAmount",
    "AnErrorLocksTheSession",
}
_MATCHING = ("match.visitor", "match.together", "match.exact", "auth.missing", "auth.invalid", "auth.website")
_QUICK_LEGAL = {"Service", "EverythingStrict", "MatchBeforeTheRestOfTheBody"}


ALL_WRONG = WRONG | HELD_OUT_WRONG
ALL_LEGAL = LEGAL | HELD_OUT_LEGAL


def _marked(names: Iterable[str], quick: set[str]) -> list[object]:
    return [pytest.param(name, marks=() if name in quick else pytest.mark.slow) for name in names]


def test_the_table_has_a_wrong_service_for_every_clause_that_can_be_seen() -> None:
    unobservable = {clause.clause_id for clause in CLAUSES.values() if clause.unobservable}
    only_when_edited = {"field.schema"}
    assert {clause_id for clause_id, _ in WRONG.values()} == set(CLAUSES) - unobservable - only_when_edited


@pytest.mark.parametrize("name", _marked(ALL_WRONG, _QUICK_WRONG))
def test_a_wrong_service_is_found_on_its_clause(name: str) -> None:
    clause_id, service = ALL_WRONG[name]
    assert clause_id in broken(examine(service(), looking_for=clause_id))


class NumbersAreIds(Service):
    """Shops whose ids are all digits, and a session that may be given as a number."""

    def __init__(self) -> None:
        super().__init__()
        self.shops = {"1207": {"token": "tf_digits_1", "events": [("90817", "4410")]}}

    def is_id(self, value: object) -> bool:
        return type(value) in (int, str)

    def same(self, given: object, known: str) -> bool:
        return str(given) == known


def test_a_number_is_no_id_though_its_digits_are() -> None:
    known = [Website("1207", "tf_digits_1", sessions=(Session("1207", "90817", "4410", None, {}),))]
    assert "field.string" in broken(examine(NumbersAreIds(), known=known, looking_for="field.string"))


@pytest.mark.parametrize("name", _marked(ALL_LEGAL, _QUICK_LEGAL))
def test_a_legal_service_is_not_accused(name: str) -> None:
    assert examine(ALL_LEGAL[name]()).findings == []


@pytest.mark.parametrize("name", _marked(ALL_LEGAL, {"MatchBeforeHeaderAndTheRest"}))
def test_a_legal_service_is_not_accused_in_safe_mode(name: str) -> None:
    assert examine(ALL_LEGAL[name](), writes=False).findings == []


_TOO_OPEN = [name for name, (clause_id, _) in WRONG.items() if clause_id in _MATCHING]


@pytest.mark.parametrize("name", _marked(_TOO_OPEN, {"TheVisitorDoesNotCount"}))
def test_safe_mode_creates_no_payment_even_on_a_service_that_lets_too_much_pass(name: str) -> None:
    service = WRONG[name][1]()
    examine(service, writes=False)
    assert service.payments == []


class Late(Service):
    """Takes its time over its first answers, and counts how many requests are under way together."""

    def __init__(self, late_answers: float) -> None:
        super().__init__()
        self.late_answers = late_answers
        self.under_way = self.most_under_way = 0

    async def handle(self, request: Request, send: Send) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        await asyncio.sleep(0.1 if self.count < self.late_answers else 0)
        await super().handle(request, send)
        self.under_way -= 1


def most_under_way(service: Late) -> int:
    """How many requests the check sends at once to a service, after it has learnt how fast that is."""
    document = Document.of(load_spec())
    check = Check(Settings(service, document, websites(), allow_writes=True, budget=BRIEF, seed=1, timeout=5.0))
    try:
        preflight(check)
        send_table(check, success.written(check.builder))
    finally:
        check.client.close()
    return service.most_under_way


def test_a_service_that_is_late_once_is_not_taken_for_a_slow_one() -> None:
    assert most_under_way(Late(late_answers=1)) == 1


def test_a_service_that_is_always_late_is_sent_more_at_once() -> None:
    assert most_under_way(Late(late_answers=math.inf)) > 1
