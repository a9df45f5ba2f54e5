"""Services as people run them: the careful ones are accused of nothing but what is true, their mistakes are found."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager

import pytest

from tests.services.examine import examine
from tests.stacks.runner import NotInstalledError, running_stack
from tests.stacks.table import BEHIND, SHOPS, STACKS
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.settings import Budget, Settings
from trackfox_contract.judgement.evidence import Finding
from trackfox_contract.learning.compare import compare
from trackfox_contract.learning.mock import Mock
from trackfox_contract.learning.observe import observe
from trackfox_contract.oracle.document import Document
from trackfox_contract.report.causes import causes_of
from trackfox_mock import World, create_app, load_fixtures, load_spec, running, silence_of

pytestmark = pytest.mark.slow

WEBSITES = load_fixtures([SHOPS])
NOTHING_GENERATED = Budget(seconds=0, examples=1, burst=0, walks=0, repeats=0, depth=0)
TABLE_ALONE = Budget(seconds=0, examples=1, burst=40, walks=1, repeats=2, depth=1, made=False)
MODES = {"writes": (True, False), "probe-existing": (False, True), "safe": (False, False)}
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


def is_true(name: str, finding: Finding) -> bool:
    """Whether a finding about a careful service is listed as true, or lenient."""
    return finding.is_lenient or any(truth.tells(finding) for truth in STACKS[name].true)


def is_told(name: str, finding: Finding) -> bool:
    """Whether it is, or is listed as what a mistake shows beside."""
    return is_true(name, finding) or any(truth.tells(finding) for truth in STACKS[name].beside)


def untrue(name: str, findings: list[Finding]) -> list[tuple[str, str, str]]:
    """The findings about a careful service that are not."""
    return [(one.clause_id, one.case, one.came) for one in findings if not is_true(name, one)]


def asking(url: str) -> Check:
    """A run that may write, and generates nothing."""
    return Check(Settings(url, Document.of(load_spec()), WEBSITES, True, NOTHING_GENERATED, seed=1, timeout=SECONDS))


@pytest.mark.parametrize("mode", MODES)
def test_a_careful_service_is_accused_of_nothing_but_what_is_true(careful: tuple[str, str], mode: str) -> None:
    name, url = careful
    writes, probing = MODES[mode]
    seen = examine(url, writes=writes, probing=probing, known=WEBSITES, timeout=SECONDS, budget=TABLE_ALONE)
    assert untrue(name, seen.findings) == []
    assert mode != "safe" or seen.payments == 0


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
def test_a_mistake_is_found_on_its_clause_as_one_finding(name: str, mistake: str) -> None:
    clause_id = STACKS[name].mistakes[mistake]
    with started(name, mistake) as url:
        seen = examine(url, known=WEBSITES, looking_for=clause_id, timeout=SECONDS, budget=TABLE_ALONE)
    (cause,) = (one for one in causes_of(seen) if not all(is_told(name, finding) for finding in one.findings))
    assert clause_id in cause.clause_ids


@pytest.mark.parametrize(("name", "proxy"), BEHIND)
def test_a_proxy_before_a_service_changes_nothing(name: str, proxy: str) -> None:
    with started(name, behind=proxy) as url:
        seen = examine(url, known=WEBSITES, timeout=SECONDS, budget=TABLE_ALONE)
    assert untrue(name, seen.findings) == []
