"""One mistake of a service is one cause in the report, however many requests and clauses it breaks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest

from tests.services.examine import examine, websites
from tests.services.service import Refused, Request, Send, Service
from tests.test_safe_mode import SKIPPING
from trackfox_contract.engine.settings import Budget, Settings
from trackfox_contract.judgement.evidence import Evidence, Finding
from trackfox_contract.oracle.document import Document
from trackfox_contract.report import files, terminal
from trackfox_contract.report.ledger import Ledger, settle
from trackfox_mock import load_spec

SCREEN = 60
SHORT = Budget(seconds=0.5, examples=3, burst=20, walks=1, repeats=1, depth=1, made=False)


def ledger_of(service: Service, *, writes: bool = True) -> Ledger:
    document = Document.of(load_spec())
    settings = Settings("http://shop.example", document, websites(), writes, SHORT, seed=1, timeout=1.0)
    return settle(settings, examine(service, writes=writes, budget=SHORT), seconds=1.0)


class AnswersOtherwise(Service):
    """Answers one status in place of another."""

    def __init__(self, instead: dict[int, int]) -> None:
        super().__init__()
        self.instead = instead

    async def handle(self, request: Request, send: Send) -> None:
        async def renamed(message: Any) -> None:
            await send({**message, "status": self.instead.get(message.get("status"), message.get("status"))})

        await super().handle(request, renamed)


@pytest.mark.parametrize("writes", [True, pytest.param(False, marks=pytest.mark.slow)])
def test_422_for_400_is_one_cause(writes: bool) -> None:  # noqa: FBT001 - a parameter of the test
    ledger = ledger_of(AnswersOtherwise({400: 422}), writes=writes)
    (cause,) = ledger.causes
    assert cause.sentence == "answers 422 where the document says 400: map it"
    assert {"field.required", "email.valid", "body.object", "revenue.positive-integer"} <= set(cause.clause_ids)
    assert cause.count > 500
    assert len(list(terminal.lines(ledger))) < SCREEN


def test_a_service_with_many_mistakes_is_told_on_one_screen() -> None:
    (kind,) = (kind for kind in SKIPPING if kind.__name__ == "WithoutAuthorizeAuthenticateValidateMatch")
    ledger = ledger_of(kind())
    assert len(ledger.causes) > 2
    shown = list(terminal.lines(ledger))
    assert len(shown) <= SCREEN
    assert "Further causes, which --json and --html show with their requests:" in shown


@pytest.mark.slow
def test_what_a_service_that_lets_all_pass_answers_to_ids_of_nobody_is_no_further_cause() -> None:
    (kind,) = (kind for kind in SKIPPING if kind.__name__ == "WithoutValidate")
    sentences = [cause.sentence for cause in ledger_of(kind()).causes]
    assert "accepts what breaks field.required" in sentences
    assert not [sentence for sentence in sentences if sentence.startswith("answers 404")]


@pytest.mark.slow
def test_two_mistakes_are_two_causes() -> None:
    ledger = ledger_of(AnswersOtherwise({404: 410, 401: 403}))
    assert {cause.sentence for cause in ledger.causes} == {
        "answers 410 where the document says 404: map it",
        "answers 403 where the document says 401: map it",
    }


class NoHyphen(Service):
    def is_address(self, value: Any) -> bool:
        return "-" not in str(value) and super().is_address(value)


class AtLeastADollar(Service):
    def is_amount(self, value: Any) -> bool:
        return super().is_amount(value) and value >= 100


class NoHyphenAtLeastADollar(NoHyphen, AtLeastADollar):
    pass


OWN_VALUES = [
    pytest.param(
        *(NoHyphen, ["refuses the check's own e-mail address, contract-check@example.com"], "email.valid"),
        marks=pytest.mark.slow,
    ),
    pytest.param(
        AtLeastADollar, ["refuses the check's own amount, 1"], "revenue.positive-integer", marks=pytest.mark.slow
    ),
    (
        NoHyphenAtLeastADollar,
        ["refuses the check's own e-mail address, contract-check@example.com", "refuses the check's own amount, 1"],
        "email.valid",
    ),
]


@pytest.mark.parametrize("writes", [True, pytest.param(False, marks=pytest.mark.slow)])
@pytest.mark.parametrize(("service", "sentences", "clause_id"), OWN_VALUES)
def test_where_the_checks_own_values_are_refused_that_comes_first_and_others_are_used(
    service: type[Service],
    sentences: list[str],
    clause_id: str,
    writes: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    ledger = ledger_of(service(), writes=writes)
    assert sorted(cause.sentence for cause in ledger.causes[: len(sentences)]) == sorted(sentences)
    assert clause_id in ledger.causes[0].clause_ids
    verdicts = {row.clause.clause_id: row.verdict for row in ledger.rows}
    assert {verdicts[name] for name in ("auth.missing", "auth.invalid", "field.required", "body.object")} == {"kept"}


class AcceptsAny(Service):
    def is_address(self, value: Any) -> bool:
        return isinstance(value, str)


def test_a_value_that_is_taken_and_should_not_be_is_shown_by_its_plainest_request() -> None:
    (cause,) = ledger_of(AcceptsAny()).causes
    assert (cause.sentence, cause.clause_ids) == ("accepts what breaks email.valid", ("email.valid",))
    assert cause.findings[0].before == ()
    assert len(cause.findings[0].curl) == min(len(finding.curl) for finding in cause.findings)


class MatchesEither(Service):
    """As `WHERE session = ? OR visitor = ?` does."""

    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:
        return bool(body["session_id"] == session or body["visitor_id"] == visitor)


class FindsTheTokenAnywhere(Service):
    """As `header.includes(token)` does."""

    def bearer(self, header: str) -> str:
        return header

    def is_token(self, given: str, known: str) -> bool:
        return known in given


@pytest.mark.parametrize(
    ("service", "sentence", "clause_ids"),
    [
        (MatchesEither, "accepts ids that match no event", {"match.session", "match.visitor", "match.together"}),
        pytest.param(
            FindsTheTokenAnywhere,
            "accepts calls without the website's token in Authorization",
            {"auth.malformed", "auth.invalid"},
            marks=pytest.mark.slow,
        ),
    ],
)
def test_one_mistake_that_breaks_several_clauses_of_a_family_is_one_cause(
    service: type[Service], sentence: str, clause_ids: set[str]
) -> None:
    (cause,) = ledger_of(service()).causes
    assert cause.sentence == sentence
    assert clause_ids <= set(cause.clause_ids)


class NeverTwice(Service):
    """Refuses a payment that came before."""

    def create(self, state: dict[str, Any]) -> None:
        if state["body"] in self.payments:
            raise Refused(409)
        super().create(state)


@pytest.mark.slow
def test_a_refused_duplicate_is_told_as_one() -> None:
    ledger = ledger_of(NeverTwice())
    first = ledger.causes[0]
    assert first.sentence == "answers 409 to a payment that came before: a repeated call is a success, too"
    assert first.findings[0].before == (first.findings[0].curl,)
    shown = list(terminal.lines(ledger))
    assert shown.index("     after:") < shown.index("     try:")


def test_a_report_says_which_variables_its_commands_read() -> None:
    shown = "\n".join(terminal.lines(ledger_of(AcceptsAny())))
    assert "In the commands TRACKFOX_API_TOKEN is the token of shop_otter; export it first." in shown


def finding(number: int = 0, clause_id: str = "email.valid", cause: str = "does something") -> Finding:
    return Finding(clause_id, f"case {number}", "200", "400", f"curl {'x' * number}", cause=cause)


def test_of_each_clause_and_cause_the_plainest_findings_are_kept_and_the_others_counted() -> None:
    evidence = Evidence()
    for number in (5, 9, 1, 7, 3, 8):
        evidence.keep(finding(number))
    assert sorted(one.case for one in evidence.findings) == ["case 1", "case 3", "case 5"]
    assert evidence.broken("email.valid") == 6


def test_evidence_of_several_tests_counts_together() -> None:
    parts = [Evidence(), Evidence()]
    for number in range(40):
        parts[number % 2].keep(finding(number))
    whole = Evidence()
    for part in parts:
        whole.add(Evidence.load(json.loads(json.dumps(part.dump()))))
    assert whole.broken("email.valid") == 40
    assert sorted(one.case for one in whole.findings) == ["case 0", "case 1", "case 2"]


@pytest.mark.slow
def test_junit_of_a_broken_service_is_small(tmp_path: Path) -> None:
    path = tmp_path / "contract.xml"
    files.write_junit(ledger_of(AnswersOtherwise({400: 422, 401: 403, 404: 410})), path)
    assert path.stat().st_size < 50_000
    failures = {case.get("name"): case.findtext("failure") for case in ET.parse(path).iter("testcase")}  # noqa: S314 - written by us
    assert "answers 422 where the document says 400: map it" in (failures["email.valid"] or "")


@pytest.mark.slow
def test_what_nothing_decided_about_has_its_reason() -> None:
    ledger = ledger_of(AnswersOtherwise({200: 500}))
    reasons = {row.clause.clause_id: row.why for row in ledger.rows if row.verdict == "not checked"}
    assert reasons["success.body"] == "no valid call was answered with success, so that there was none to look at"
    assert "nothing decided about it" not in reasons.values()
