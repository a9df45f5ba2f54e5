"""Services as people run them: the careful ones are accused of nothing but what is true, their mistakes are found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.services.examine import broken, examine
from tests.stacks.runner import NotInstalledError, running_stack
from tests.stacks.table import BEHIND, SHOPS, STACKS
from trackfox_contract.judgement.evidence import Finding
from trackfox_mock import load_fixtures

pytestmark = pytest.mark.slow

WEBSITES = load_fixtures([SHOPS])
MISTAKES = [(name, mistake) for name, stack in STACKS.items() for mistake in stack.mistakes]


@contextmanager
def started(name: str, mistake: str = "", behind: str = "") -> Iterator[str]:
    """A stack, or a skip that says what to install."""
    try:
        with running_stack(name, mistake, behind) as url:
            yield url
    except NotInstalledError as problem:
        pytest.skip(str(problem))


def untrue(name: str, findings: list[Finding]) -> list[tuple[str, str, str]]:
    """The findings about a careful service that are not listed as true."""
    true = STACKS[name].true
    return [
        (finding.clause_id, finding.case, finding.came)
        for finding in findings
        if not finding.is_lenient
        and not any(finding.clause_id in (clause_id, "error.status") and words in finding.case for clause_id, words in true)
    ]


@pytest.mark.parametrize("writes", [True, False], ids=["writes", "safe"])
@pytest.mark.parametrize("name", STACKS)
def test_a_careful_service_is_accused_of_nothing_but_what_is_true(name: str, *, writes: bool) -> None:
    with started(name) as url:
        seen = examine(url, writes=writes, known=WEBSITES)
    assert untrue(name, seen.findings) == []
    assert writes or seen.payments == 0


@pytest.mark.parametrize(("name", "mistake"), MISTAKES)
def test_a_mistake_is_found_on_its_clause(name: str, mistake: str) -> None:
    clause_id = STACKS[name].mistakes[mistake]
    with started(name, mistake) as url:
        assert clause_id in broken(examine(url, known=WEBSITES, looking_for=clause_id))


@pytest.mark.parametrize(("name", "proxy"), BEHIND)
def test_a_proxy_before_a_service_changes_nothing(name: str, proxy: str) -> None:
    with started(name, behind=proxy) as url:
        found = untrue(name, examine(url, known=WEBSITES).findings)
        # nginx answers an unread body with 502 once in a while: what does not show again is chance, and no finding.
        again = untrue(name, examine(url, known=WEBSITES).findings) if found else []
    assert [finding for finding in found if finding in again] == []
