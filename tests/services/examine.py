"""Runs the whole suite over one service in this process, without a pytest of its own for each."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from functools import cache, partial

import pytest

from tests.services.service import SHOPS
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.preflight import preflight
from trackfox_contract.engine.settings import App, Budget, Settings
from trackfox_contract.judgement.evidence import Evidence
from trackfox_contract.oracle.document import Document
from trackfox_contract.oracle.known import KnownWebsites
from trackfox_contract.wire.payments import PaymentReader
from trackfox_contract.wire.probing import RefusedForSure
from trackfox_contract.wire.safety import SafetyGuard
from trackfox_contract.wire.tripwire import StoppedError
from trackfox_mock import Session, Website, load_spec

BRIEF = Budget(seconds=4, examples=8, burst=320, walks=3, repeats=12, depth=2)
"""Enough to show that a service is found; the real budgets look further."""

_GUARDS: dict[int, SafetyGuard | RefusedForSure] = {}  # of the correct service's shops, by seed

SUBJECTS = ("success", "validation", "authentication", "matching", "robustness", "state", "events")


def websites() -> tuple[Website, ...]:
    """The correct service's shops as fixtures."""
    return tuple(
        Website(
            website_id=website_id,
            api_token=shop["token"],
            sessions=tuple(Session(website_id, session, visitor, None, {}) for session, visitor in shop["events"]),
        )
        for website_id, shop in SHOPS.items()
    )


@cache
def facts_of_the_correct_service() -> KnownWebsites:
    """The built-in document and the correct service's shops, which most services here have."""
    return KnownWebsites(Document.of(load_spec()), websites())


@cache
def suite() -> list[Callable[[Check], None]]:
    """Every test of the contract check, in the order in which pytest runs them."""
    return sorted(_tests(), key=lambda test: "generated" in {mark.name for mark in marks_of(test)})


def _tests() -> Iterator[Callable[[Check], None]]:
    for subject in SUBJECTS:
        module = importlib.import_module(f"trackfox_contract.suite.test_{subject}")
        for name, test in vars(module).items():
            if name == "test_bodies_made_from_the_document":
                yield from (partial(test, valid=valid) for valid in (True, False))
            elif name.startswith("test_"):
                yield test


def examine(
    service: App | str,
    *,
    writes: bool = True,
    probing: bool = False,
    budget: Budget = BRIEF,
    seed: int = 1,
    looking_for: str = "",
    known: Sequence[Website] = (),
    facts: KnownWebsites | None = None,
    payments: PaymentReader | None = None,
    timeout: float = 1.0,
) -> Evidence:
    """Checks one service and returns what was seen.

    Args:
        service: the service, in this process, or its base URL.
        writes: whether existing sessions may be named.
        probing: without writes, whether they may be named in what a right service refuses.
        payments: what reads the payments that the service has recorded.
        timeout: seconds that one answer may take.
        budget: how much is generated.
        seed: the run's seed.
        known: the websites that it knows; those of the correct service when left out.
        facts: the same with the document, for many runs that remember together what a call deserves.
        looking_for: a clause: its tests come first, and the run ends when it is broken.

    Raises:
        InconclusiveError: it could not be checked.
    """
    facts = facts or (KnownWebsites(Document.of(load_spec()), known) if known else facts_of_the_correct_service())
    settings = Settings(
        service, facts.document, facts.websites, writes and not probing, budget, seed, timeout,
        payments=payments, probe_existing=probing,
    )  # fmt: skip
    vars(settings)["known"] = facts  # so that what is expected of a call is worked out once for all services
    check = Check(settings)
    if check.guarded is not None and not probing and facts is facts_of_the_correct_service():
        check.guarded.guard = _GUARDS.setdefault(seed, check.guarded.guard)  # which remembers what may be sent
    check.client.start()
    seen = Evidence()
    try:
        preflight(check)
        for test in sorted(suite(), key=lambda test: looking_for not in clauses_of(test)) if looking_for else suite():
            with suppress(StoppedError):
                test(check)
            seen.add(check.take())
            if looking_for in broken(seen):
                break
    finally:
        check.client.close()
    return seen


def clauses_of(test: Callable[..., None]) -> set[str]:
    """The clauses that a test is marked with."""
    return {clause_id for mark in marks_of(test) for clause_id in mark.args if mark.name == "clause"}


def marks_of(test: Callable[..., None]) -> list[pytest.Mark]:
    """The marks of a test."""
    return getattr(test.func if isinstance(test, partial) else test, "pytestmark", [])


def broken(evidence: Evidence) -> set[str]:
    """The clauses that were found broken."""
    return {finding.clause_id for finding in evidence.findings}
