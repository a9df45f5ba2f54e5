"""The `trackfox` fixtures. Loaded at every start of pytest, so nothing heavy is imported before a test uses one."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, TypeVar

import pytest

if TYPE_CHECKING:
    from mock_server.testing import Host, Trackfox, TrackfoxApp

Guest = TypeVar("Guest", bound="Trackfox")

_MARKER = (
    "trackfox(unexpected=..., expect=..., readings=...): what the mock does for this test. unexpected: error, warn or "
    "ignore, for refused or doubtful requests; expect: a rule such as match.session, or several, by which requests may "
    'be refused; readings: how silences are read, as {"order": "body-first"}.'
)
_UNEXPECTED = ("error", "warn", "ignore")


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the ini option."""
    parser.addini(
        "trackfox_unexpected",
        "what happens when a request was refused or doubtful that the test did not expect: error, warn or ignore",
        default="warn",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker, and check the ini option."""
    config.addinivalue_line("markers", _MARKER)
    _check_unexpected(config.getini("trackfox_unexpected"), "the ini option trackfox_unexpected")


@pytest.fixture(scope="session")
def _trackfox_server() -> Iterator[Host]:
    """One server for the whole run; under xdist, for the whole run of a worker."""
    from mock_server.testing import served  # noqa: PLC0415 - only who uses it pays for it
    from mock_server.world import World  # noqa: PLC0415 - the same

    with served(World(websites=())) as host:
        yield host


@pytest.fixture(scope="session")
def _trackfox_in_process() -> Host:
    from mock_server.testing import in_process  # noqa: PLC0415 - only who uses it pays for it
    from mock_server.world import World  # noqa: PLC0415 - the same

    return in_process(World(websites=()))


@pytest.fixture
def _trackfox_readings(request: pytest.FixtureRequest) -> Mapping[str, str]:
    """How the silences are read for this test."""
    readings: dict[str, str] = {}
    for marker in reversed(list(request.node.iter_markers("trackfox"))):
        readings |= marker.kwargs.get("readings", {})
    return readings


@pytest.fixture
def trackfox(
    request: pytest.FixtureRequest, _trackfox_server: Host, _trackfox_readings: Mapping[str, str]
) -> Iterator[Trackfox]:
    """A website of this test's own on a mock of TrackFox, with a token, a session and assertions."""
    from mock_server.testing import Trackfox  # noqa: PLC0415 - only who uses it pays for it

    with _guest(request, Trackfox(_trackfox_server, _trackfox_readings)) as guest:
        yield guest


@pytest.fixture
def trackfox_app(
    request: pytest.FixtureRequest, _trackfox_in_process: Host, _trackfox_readings: Mapping[str, str]
) -> Iterator[TrackfoxApp]:
    """The same without a socket: an ASGI application, for `httpx2.ASGITransport` or Starlette's `TestClient`."""
    from mock_server.testing import TrackfoxApp  # noqa: PLC0415 - only who uses it pays for it

    with _guest(request, TrackfoxApp(_trackfox_in_process, _trackfox_readings)) as guest:
        yield guest


@contextmanager
def _guest(request: pytest.FixtureRequest, guest: Guest) -> Iterator[Guest]:
    request.node.stash.setdefault(_GUESTS, []).append(guest)
    try:
        yield guest
    finally:
        guest.leave()


_GUESTS = pytest.StashKey[list["Trackfox"]]()


def _check_unexpected(value: str, where: str) -> None:
    if value not in _UNEXPECTED:
        raise pytest.UsageError(f"{where} is {value!r}; expected one of: {', '.join(_UNEXPECTED)}.")
