"""Services as people run them: the careful ones are accused of nothing but what is true, their mistakes are found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.services.examine import broken, examine
from tests.stacks.runner import NotInstalledError, running_stack
from tests.stacks.table import BEHIND, SHOPS, STACKS
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.settings import Budget, Settings
from trackfox_contract.judgement.evidence import Finding
from trackfox_contract.learning.compare import compare
from trackfox_contract.learning.mock import Mock
from trackfox_contract.learning.observe import observe
from trackfox_contract.oracle.document import Document
from trackfox_mock import World, create_app, load_fixtures, load_spec, running, silence_of

pytestmark = pytest.mark.slow

WEBSITES = load_fixtures([SHOPS])
NOTHING_GENERATED = Budget(seconds=0, examples=1, burst=0, walks=0, repeats=0, depth=0)
SECONDS = 5.0  # for one answer: some of them take half a second to start, on a machine that is busy
MISTAKES = [(name, mistake) for name, stack in STACKS.items() for mistake in stack.mistakes]


@contextmanager
def started(name: str, mistake: str = "", behind: str = "") -> Iterator[str]:
    """A stack, or a skip that says what to install."""
    try:
        with running_stack(name, mistake, behind) as url:
            yield url
    except NotInstalledError as problem:
        pytest.skip(str(problem))


@pytest.fixture(scope="module", params=STACKS)
def careful(request: pytest.FixtureRequest) -> Iterator[tuple[str, str]]:
    """A stack without a mistake, which several tests share: its name and its base URL."""
    with started(request.param) as url:
        yield request.param, url


def untrue(name: str, findings: list[Finding]) -> list[tuple[str, str, str]]:
    """The findings about a careful service that are not listed as true."""
    return [
        (finding.clause_id, finding.case, finding.came)
        for finding in findings
        if not finding.is_lenient and not any(truth.tells(finding) for truth in STACKS[name].true)
    ]


def asking(url: str) -> Check:
    """A run that may write, and generates nothing."""
    return Check(Settings(url, Document.of(load_spec()), WEBSITES, True, NOTHING_GENERATED, seed=1, timeout=SECONDS))


@pytest.mark.parametrize("writes", [True, False], ids=["writes", "safe"])
def test_a_careful_service_is_accused_of_nothing_but_what_is_true(careful: tuple[str, str], *, writes: bool) -> None:
    name, url = careful
    seen = examine(url, writes=writes, known=WEBSITES, timeout=SECONDS)
    assert untrue(name, seen.findings) == []
    assert writes or seen.payments == 0


def test_a_mock_with_the_readings_that_were_observed_differs_in_what_was_said_beforehand(careful: tuple[str, str]) -> None:
    name, url = careful
    api, check = load_spec(), asking(url)
    mock = Mock(api, WEBSITES)
    with closing(check.client):
        seen = observe(check, mock)
    with running(create_app(World(api, WEBSITES, seen.readings))) as mock_url:
        one, other = asking(mock_url), asking(url)
        with closing(one.client), closing(other.client):
            differing = {about for difference in compare(one, other, mock) for about in difference.about}
    assert differing == {silence_of(key) for key in seen.unlike} == STACKS[name].unlike


@pytest.mark.parametrize(("name", "mistake"), MISTAKES)
def test_a_mistake_is_found_on_its_clause(name: str, mistake: str) -> None:
    clause_id = STACKS[name].mistakes[mistake]
    with started(name, mistake) as url:
        assert clause_id in broken(examine(url, known=WEBSITES, looking_for=clause_id, timeout=SECONDS))


@pytest.mark.parametrize(("name", "proxy"), BEHIND)
def test_a_proxy_before_a_service_changes_nothing(name: str, proxy: str) -> None:
    with started(name, behind=proxy) as url:
        assert untrue(name, examine(url, known=WEBSITES, timeout=SECONDS).findings) == []
