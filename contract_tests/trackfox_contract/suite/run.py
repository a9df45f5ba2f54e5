"""One run of the suite by pytest, from the settings to the written reports."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
import pytest

from trackfox_contract.engine.settings import Settings
from trackfox_contract.judgement.evidence import Evidence
from trackfox_contract.oracle.clauses import CLAUSES
from trackfox_contract.report import files, page, terminal
from trackfox_contract.report.ledger import Ledger, settle
from trackfox_contract.report.progress import Progress
from trackfox_contract.suite import plugin
from trackfox_contract.suite.storage import nothing_left_behind
from trackfox_contract.wire.probing import PROBING
from trackfox_contract.wire.safety import SAFE_MODE

_HERE = Path(__file__).parent
_COULD_NOT_CHECK = 4


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where the report is written beside the terminal."""

    json: Path | None = None
    junit: Path | None = None
    html: Path | None = None
    summary: Path | None = None

    def write(self, ledger: Ledger) -> None:
        """Writes every file that was asked for."""
        for path, write in (
            (self.json, files.write_json),
            (self.junit, files.write_junit),
            (self.html, page.write_html),
            (self.summary, files.write_summary),
        ):
            if path is not None:
                write(ledger, path)


class _Front:
    """Pytest's plugin for the command: brings the settings, shows progress, keeps the evidence."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.evidence = Evidence()
        self._progress = Progress()
        self._at = 0
        self.problem = self.inconclusive = ""

    @pytest.hookimpl(tryfirst=True)
    def pytest_configure(self, config: pytest.Config) -> None:
        config.stash[plugin.settings_key] = self.settings
        config.stash[plugin.on_sent_key] = self._progress.sent
        config.stash[plugin.on_limited_key] = self._tell_limit
        self._progress.phase("is the service there, and does it know the fixtures?")

    def _tell_limit(self, forecast: str) -> None:
        self._progress.pause()
        click.echo(f"The service limits its callers (429): {forecast}.", err=True)

    def pytest_runtest_setup(self, item: pytest.Item) -> None:
        self._progress.phase(_subject_of(item), self._at, item.session.testscollected)
        self._at += 1

    @pytest.hookimpl(trylast=True)
    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.failed and not any(name == plugin.PROPERTY for name, _ in report.user_properties):
            self.problem = self.problem or str(report.longrepr)

    def pytest_unconfigure(self, config: pytest.Config) -> None:
        self.evidence = config.stash[plugin.ledger_key].evidence
        self.inconclusive = config.stash[plugin.ledger_key].problem
        self._progress.close()


def _subject_of(item: pytest.Item) -> str:
    """What a test is about, in the words of the contract."""
    marker = item.get_closest_marker("clause")
    first, *others = marker.args if marker else ("",)
    more = f", and {len(others)} more" if others else ""
    return f"{first}: {CLAUSES[first].says}{more}" if first in CLAUSES else ""


def run(settings: Settings, outputs: Outputs, started: float) -> int:
    """Runs the suite and reports.

    Args:
        settings: what is checked and how far.
        outputs: where the report goes beside the terminal.
        started: when the command began, by the monotonic clock.

    Returns:
        The exit code: 0 kept, 1 broken, 4 could not check, 130 interrupted.
    """
    _announce(settings)
    front = _Front(settings)
    with _alone(), nothing_left_behind():
        code = pytest.main(_arguments(), plugins=[front])
    if code == pytest.ExitCode.INTERRUPTED:
        click.echo("Interrupted; this is what was known by then:\n")
        _tell(settle(settings, front.evidence, time.monotonic() - started), Outputs())
        return 130
    if code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        click.echo(
            f"trackfox-mock: could not check: {front.inconclusive or 'pytest could not run the suite.'}", err=True
        )
        return _COULD_NOT_CHECK
    ledger = settle(settings, front.evidence, time.monotonic() - started)
    _tell(ledger, outputs)
    if front.problem:
        click.echo(f"The check itself failed:\n{front.problem}", err=True)
        return _COULD_NOT_CHECK
    return ledger.exit_code


def _tell(ledger: Ledger, outputs: Outputs) -> None:
    outputs.write(ledger)
    for line in terminal.lines(ledger):
        click.echo(line)


def _announce(settings: Settings) -> None:
    if not isinstance(settings.target, str):
        return
    if settings.allow_writes:
        sessions = f"{settings.session_count} of the" if settings.narrowing else f"the {settings.session_count}"
        click.echo(
            f"Creates up to {settings.most_payments:,} payments in {sessions} given sessions, of 1 "
            "cent but for those that try larger amounts; a service that accepts what it should refuse creates more."
        )
    else:
        click.echo(PROBING if settings.probe_existing else SAFE_MODE)


def _arguments() -> list[str]:
    subjects = ("success", "validation", "authentication", "matching", "robustness", "state", "events")
    modules = [str(_HERE / f"test_{subject}.py") for subject in subjects]
    return [
        *modules,
        "-c",
        str(_HERE / "pytest.ini"),
        "-p",
        "trackfox_contract.suite.plugin",
        "-p",
        "no:terminal",
        "-p",
        "no:cacheprovider",
        "--capture=no",  # else the progress would be captured, too
    ]


@contextmanager
def _alone() -> Iterator[None]:
    """Pytest without the plugins and options of whoever's environment this is."""
    kept = {
        name: os.environ.pop(name, None)
        for name in ("PYTEST_ADDOPTS", "PYTEST_PLUGINS", "PYTEST_DISABLE_PLUGIN_AUTOLOAD")
    }
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    try:
        yield
    finally:
        del os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"]
        os.environ.update({name: value for name, value in kept.items() if value is not None})
