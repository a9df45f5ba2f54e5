"""Pytest's side of the check: its options, one `Check` a process, and the evidence of each test brought together."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import NoReturn

import pytest

from trackfox_contract.engine.check import Check
from trackfox_contract.engine.preflight import InconclusiveError, preflight
from trackfox_contract.engine.settings import BUDGETS, Settings
from trackfox_contract.judgement.evidence import Evidence, Finding
from trackfox_contract.oracle.document import Document
from trackfox_contract.wire.client import TooManyRequestsError
from trackfox_contract.wire.payments import PaymentReader, reader_of, reader_of_mock
from trackfox_contract.wire.tripwire import StoppedError
from trackfox_mock import Inputs, create_app

PROPERTY = "contract-evidence"
"""The name under which a test's report carries what the test has seen."""
INCONCLUSIVE = 4
_SHOWN = 10
settings_key = pytest.StashKey[Settings]()
on_sent_key = pytest.StashKey[Callable[[int], None]]()
on_limited_key = pytest.StashKey[Callable[[str], None]]()
ledger_key = pytest.StashKey["EvidenceCollector"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The options of `pytest contract_tests`; `trackfox-mock verify` hands over ready settings instead."""
    group = parser.getgroup("contract", "the contract check")
    group.addoption("--target-url", help="the service to check; the mock, in process, when it is left out")
    group.addoption(
        "--contract-fixtures", action="append", default=[], help="YAML or JSON of websites that the service knows"
    )
    group.addoption("--contract-spec", help="another OpenAPI document than the built-in one")
    group.addoption("--allow-writes", action="store_true", help="name existing sessions, and so create payments")
    group.addoption("--probe-existing", action="store_true", help="name existing sessions where that is to be refused")
    group.addoption("--payments-from", help="a URL or a command that gives the recorded payments as JSON")
    group.addoption("--budget", choices=sorted(BUDGETS), default="standard", help="how much is generated")
    group.addoption("--contract-seed", type=int, default=1, help="the same seed makes the same requests")
    group.addoption("--contract-timeout", type=float, default=10.0, help="seconds that one request may take")


def pytest_configure(config: pytest.Config) -> None:
    """Reads the options, unless the command has brought its settings."""
    config.stash[ledger_key] = EvidenceCollector()
    config.pluginmanager.register(config.stash[ledger_key], "contract-ledger")
    config.addinivalue_line("markers", "clause(id, ...): the clauses (docs/contract.md) that a test is about")
    config.addinivalue_line("markers", "generated: many requests made by chance; runs after all others")
    if settings_key not in config.stash:
        config.stash[settings_key] = _settings(config)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts what is quick first: most that is broken then shows in the first seconds of a run."""
    items.sort(key=lambda item: item.get_closest_marker("generated") is not None)


def _settings(config: pytest.Config) -> Settings:
    url, spec = config.getoption("--target-url"), config.getoption("--contract-spec")
    world = Inputs(
        Path(spec) if spec else None, [Path(name) for name in config.getoption("--contract-fixtures")]
    ).world()
    app = create_app(world)
    return Settings(
        target=url or app,
        document=Document.of(world.api),
        websites=world.fixtures,
        allow_writes=config.getoption("--allow-writes") or not (url or config.getoption("--probe-existing")),
        budget=BUDGETS[config.getoption("--budget")],
        seed=config.getoption("--contract-seed"),
        timeout=config.getoption("--contract-timeout"),
        payments=_payments(config.getoption("--payments-from"), url, app),
        probe_existing=config.getoption("--probe-existing"),
    )


def _payments(source: str | None, url: str | None, app: object) -> PaymentReader | None:
    """What reads the payments: what the user names, or the control API of the mock in this process."""
    if source:
        return reader_of(source)
    return None if url else reader_of_mock(app)


@pytest.fixture(scope="session")
def _service(request: pytest.FixtureRequest) -> Iterator[Check]:
    service = Check(request.config.stash[settings_key])
    service.client.start()
    service.client.on_sent = request.config.stash.get(on_sent_key, None)
    tell = request.config.stash.get(on_limited_key, None)
    if tell is not None:
        service.client.on_limited = lambda rate: tell(service.pace.forecast(rate))
    try:
        preflight(service)
    except (InconclusiveError, TooManyRequestsError) as problem:
        service.client.close()
        _give_up(request.config, problem)
    yield service
    service.client.close()


def _give_up(config: pytest.Config, problem: Exception) -> NoReturn:
    config.stash[ledger_key].problem = str(problem)
    pytest.exit(f"could not check: {problem}", INCONCLUSIVE)


@pytest.fixture
def check(_service: Check) -> Check:
    """The one run of this process."""
    return _service


@pytest.hookimpl(wrapper=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> Generator[None, object, object]:
    """After each test its evidence is kept with its result, and a finding fails it."""
    check = pyfuncitem.funcargs.get("check")
    if not isinstance(check, Check):
        return (yield)
    try:
        result = yield
    except TooManyRequestsError as problem:
        _give_up(pyfuncitem.config, problem)
    except KeyboardInterrupt:
        pyfuncitem.config.stash[ledger_key].evidence.add(check.evidence)
        raise
    except StoppedError:
        result = None  # what could still be sent was; the rest is not checked, and a note says so
    finally:
        evidence = check.take()
        pyfuncitem.user_properties.append((PROPERTY, json.dumps(evidence.dump())))
    counted = [one for one in evidence.findings if check.settings.strict or not one.is_lenient]
    if counted:
        pytest.fail("\n\n".join(map(tell, counted[:_SHOWN])), pytrace=False)
    return result


def tell(finding: Finding) -> str:
    """A finding as text."""
    before = "".join(f"\n  after {command}" for command in finding.before)
    told = f"{finding.clause_id}: {finding.case}\n  came {finding.came}\n  expected {finding.expected}"
    return f"{told}{before}\n  {finding.curl}"


class EvidenceCollector:
    """Gathers the evidence of every test, under xdist in the controller.

    Attributes:
        evidence: what was seen.
        problem: why nothing could be checked, or empty.
    """

    def __init__(self) -> None:
        self.evidence = Evidence()
        self.problem = ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Takes the evidence out of a test's report."""
        for name, value in report.user_properties if report.when == "call" else ():
            if name == PROPERTY:
                self.evidence.add(Evidence.load(json.loads(str(value))))
