"""The `trackfox` fixtures. Loaded at every start of pytest, so nothing heavy is imported before a test uses one."""

from __future__ import annotations

import sys
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

import pytest

if TYPE_CHECKING:
    from trackfox_mock.testing import Host, Trackfox, TrackfoxApp

Guest = TypeVar("Guest", bound="Trackfox")

_MARKER = (
    "trackfox(unexpected=..., expect=..., readings=..., real_calls=...): what the mock does for this test. unexpected: "
    "error, warn or ignore, for refused or doubtful requests; expect: a rule such as match.session, or several, by "
    'which requests may be refused; readings: how silences are read, as {"order": "body-first"}; real_calls: block or '
    "allow, for calls of the real service."
)
_UNEXPECTED = ("error", "warn", "ignore")
_REAL_CALLS = ("block", "allow")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini option and the sweep."""
    parser.getgroup("trackfox").addoption(
        "--trackfox-sweep",
        action="store_true",
        help="run the tests that use trackfox under all legal readings of TrackFox's documentation, and name those "
        "that pass only under some",
    )
    parser.getgroup("trackfox").addoption(
        "--trackfox-report",
        metavar="FILE",
        help="write what the tests that use trackfox sent, test by test, to this JSON file; drop it onto the page of "
        "`trackfox-mock serve`, on the view Tests",
    )
    parser.addini(
        "trackfox_unexpected",
        "what happens when a request was refused or doubtful that the test did not expect: error, warn or ignore",
        default="warn",
    )
    parser.addini(
        "trackfox_real_calls",
        "what happens when a test that uses trackfox calls the real service: block or allow",
        default="block",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, check the ini options, and start the sweep and the report if they are asked for."""
    config.addinivalue_line("markers", _MARKER)
    _check(_UNEXPECTED, config.getini("trackfox_unexpected"), "the ini option trackfox_unexpected")
    _check(_REAL_CALLS, config.getini("trackfox_real_calls"), "the ini option trackfox_real_calls")
    if config.getoption("trackfox_sweep"):
        from trackfox_mock.testing.sweep import Sweep  # noqa: PLC0415 - only who asks for it pays for it

        config.pluginmanager.register(Sweep(), "trackfox_sweep")
    # The workers of xdist send what they know with the reports of their tests; one process writes it.
    if config.getoption("trackfox_report") and not hasattr(config, "workerinput"):
        from trackfox_mock.testing.run_report import RunReport  # noqa: PLC0415 - only who asks for it pays for it

        config.pluginmanager.register(RunReport(config.getoption("trackfox_report")), "trackfox_report")


@pytest.fixture(scope="session")
def _trackfox_server() -> Iterator[Host]:
    """One server for the whole run; under xdist, for the whole run of a worker."""
    from trackfox_mock.testing import served  # noqa: PLC0415 - only who uses it pays for it
    from trackfox_mock.world.world import World  # noqa: PLC0415 - the same

    with served(World(websites=())) as host:
        yield host


@pytest.fixture(scope="session")
def _trackfox_in_process() -> Host:
    from trackfox_mock.testing import in_process  # noqa: PLC0415 - only who uses it pays for it
    from trackfox_mock.world.world import World  # noqa: PLC0415 - the same

    return in_process(World(websites=()))


@pytest.fixture
def _trackfox_readings(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """How the silences are read for this test: as the sweep has it, except where a marker says otherwise."""
    return {**getattr(request, "param", {}), **_Options.of(request.node).readings}


@pytest.fixture
def trackfox(
    request: pytest.FixtureRequest, _trackfox_server: Host, _trackfox_readings: Mapping[str, str]
) -> Iterator[Trackfox]:
    """A website of this test's own on a mock of TrackFox, with a token, a session and assertions."""
    from trackfox_mock.testing import Trackfox  # noqa: PLC0415 - only who uses it pays for it

    with _guest(request, Trackfox(_trackfox_server, _trackfox_readings)) as guest:
        yield guest


@pytest.fixture
def trackfox_app(
    request: pytest.FixtureRequest, _trackfox_in_process: Host, _trackfox_readings: Mapping[str, str]
) -> Iterator[TrackfoxApp]:
    """The same without a socket: an ASGI application, for `httpx2.ASGITransport` or Starlette's `TestClient`."""
    from trackfox_mock.testing import TrackfoxApp  # noqa: PLC0415 - only who uses it pays for it

    with _guest(request, TrackfoxApp(_trackfox_in_process, _trackfox_readings)) as guest:
        yield guest


@contextmanager
def _guest(request: pytest.FixtureRequest, guest: Guest) -> Iterator[Guest]:
    options = _Options.of(request.node)
    guest.allow(*options.expect)
    request.node.stash.setdefault(_GUESTS, []).append(guest)
    try:
        with nullcontext() if options.real_calls == "allow" else guest.no_real_calls():
            yield guest
        # Before the website goes: an explanation looks at what it has.
        complaint = "" if options.unexpected == "ignore" or _HAS_FAILED in request.node.stash else guest.complaint()
    finally:
        try:
            if request.config.getoption("trackfox_report"):
                request.node.stash.setdefault(_RECORDS, []).append(guest.record())
        finally:
            guest.leave()
    if complaint:
        _complain(request.node, options.unexpected, complaint)


def _complain(node: pytest.Item, how: str, complaint: str) -> None:
    from trackfox_mock.testing import UnexpectedRequestWarning  # noqa: PLC0415 - only where it is needed

    # Where the project makes errors of warnings, it is told as an error too, without a traceback of ours.
    with suppress(UnexpectedRequestWarning):
        if how == "warn":
            node.warn(UnexpectedRequestWarning(complaint))
            return
    pytest.fail(complaint, pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to the report of a failed test what arrived at its mock, also for JUnit; and, if asked, to every test's."""
    report = yield
    if call.when == "teardown" and _RECORDS in item.stash:
        from trackfox_mock.testing.run_report import attach  # noqa: PLC0415 - only who asks for it pays for it

        records = item.stash[_RECORDS]
        del item.stash[_RECORDS]  # it may be run again
        attach(report, records)
    if call.when == "teardown" or call.excinfo is None or _GUESTS not in item.stash:
        return report
    item.stash[_HAS_FAILED] = True
    if report.failed:
        from trackfox_mock.testing import listed  # noqa: PLC0415 - only where it is needed

        for guest in item.stash[_GUESTS]:
            text = listed(guest.all_requests)
            report.sections.append(("TrackFox mock", text))
            item.user_properties.append(("trackfox", text))
    return report


def pytest_assertrepr_compare(op: str, left: object, right: object) -> list[str] | None:
    """Compare two payments field by field."""
    payments = sys.modules.get("trackfox_mock.testing.payment")
    if op != "==" or payments is None:
        return None
    lines: list[str] | None = payments.compare(left, right)
    return lines


class _Options(NamedTuple):
    """What the markers of a test say; the nearest wins, and `expect` is taken together."""

    unexpected: str
    expect: frozenset[str]
    readings: Mapping[str, str]
    real_calls: str

    @classmethod
    def of(cls, node: pytest.Item) -> _Options:
        unexpected, expect, readings = node.config.getini("trackfox_unexpected"), set[str](), dict[str, str]()
        real_calls = node.config.getini("trackfox_real_calls")
        for marker in reversed(list(node.iter_markers("trackfox"))):
            _check_marker(marker)
            unexpected = marker.kwargs.get("unexpected", unexpected)
            real_calls = marker.kwargs.get("real_calls", real_calls)
            rules = marker.kwargs.get("expect", ())
            expect |= {rules} if isinstance(rules, str) else set(rules)
            readings |= marker.kwargs.get("readings", {})
        return cls(unexpected, frozenset(expect), readings, real_calls)


def _check_marker(marker: pytest.Mark) -> None:
    unknown = [*marker.args, *(set(marker.kwargs) - set(_Options._fields))]
    if unknown:
        pytest.fail(f"The marker trackfox takes {', '.join(_Options._fields)}; came {unknown[0]!r}.", pytrace=False)
    if "unexpected" in marker.kwargs:
        _check(_UNEXPECTED, marker.kwargs["unexpected"], "unexpected of the marker trackfox")
    if "real_calls" in marker.kwargs:
        _check(_REAL_CALLS, marker.kwargs["real_calls"], "real_calls of the marker trackfox")


def _check(words: Sequence[str], value: str, where: str) -> None:
    if value not in words:
        raise pytest.UsageError(f"{where} is {value!r}; expected one of: {', '.join(words)}.")


_GUESTS = pytest.StashKey[list["Trackfox"]]()
_RECORDS = pytest.StashKey[list[dict[str, Any]]]()
_HAS_FAILED = pytest.StashKey[bool]()
