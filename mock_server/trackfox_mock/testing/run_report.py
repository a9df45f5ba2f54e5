"""`pytest --trackfox-report FILE`: what the tests that use the mock sent, test by test, as a file for the page."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from trackfox_mock.redaction.redactor import Redactor
from trackfox_mock.testing.sweep import place_of

_KEPT_OF_A_TEST = 1_000
_KEPT = 10_000
_ATTACHED = "trackfox_record"


def attach(report: pytest.TestReport, records: Iterable[Mapping[str, Any]]) -> None:
    """Add to the report of a test's end what its mocks recorded, as a text that travels to the process that writes."""
    readings: dict[str, str] = {}
    requests: list[dict[str, Any]] = []
    for record in records:
        readings |= record["readings"]
        requests += record["requests"]
    left_out = max(0, len(requests) - _KEPT_OF_A_TEST)
    record = {"readings": readings, "left_out": left_out, "requests": requests[left_out:]}
    vars(report)[_ATTACHED] = json.dumps(record)


class RunReport:
    """Gathers what the tests recorded, and writes it when the run ends.

    Of 10,000 requests at most the rows are kept: those of tests that passed go first, the oldest of them first.

    Args:
        path: the file; its folder is made.

    Raises:
        pytest.UsageError: it cannot be a file.
    """

    def __init__(self, path: str) -> None:
        self._path = Path(path).absolute()  # a test may go to another folder
        self._problem = ""
        self._outcomes: dict[str, str] = {}
        self._tests: list[dict[str, Any]] = []
        self._kept = 0
        self._passed: deque[dict[str, Any]] = deque()
        self._others: deque[dict[str, Any]] = deque()
        self._redactor = Redactor.of(())
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise pytest.UsageError(self._cannot(problem.strerror)) from None
        if self._path.is_dir():
            raise pytest.UsageError(self._cannot("it is a folder"))

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write down how a test went; of one that is run again, how it went the last time."""
        if report.when == "setup" or not report.passed:
            self._outcomes[report.nodeid] = report.outcome
        if report.when == "teardown":
            outcome = self._outcomes.pop(report.nodeid, report.outcome)
            if hasattr(report, _ATTACHED):
                self._add(report.nodeid, outcome, json.loads(getattr(report, _ATTACHED)))

    def _add(self, nodeid: str, outcome: str, record: Mapping[str, Any]) -> None:
        swept = place_of(nodeid)
        shown = {"nodeid": nodeid, "test": nodeid if swept is None else swept[0]}
        test = {**self._redactor.data(shown), "outcome": outcome, **record}
        self._tests.append(test)
        (self._passed if outcome == "passed" else self._others).append(test)
        self._kept += len(test["requests"])
        while self._kept > _KEPT:
            self._empty((self._passed or self._others).popleft())

    def _empty(self, test: dict[str, Any]) -> None:
        self._kept -= len(test["requests"])
        test["left_out"] += len(test["requests"])
        test["requests"] = []

    @pytest.hookimpl(trylast=True)
    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write the file, whole or not at all."""
        data = {"exit_code": int(session.exitstatus), "tests": self._tests}
        part = self._path.with_name(f".{self._path.name}.{os.getpid()}")
        try:
            part.write_text(json.dumps(data, indent=1) + "\n", encoding="utf-8")
            part.replace(self._path)
        except OSError as problem:
            part.unlink(missing_ok=True)
            self._problem = self._cannot(problem.strerror)
            session.exitstatus = session.exitstatus or pytest.ExitCode.USAGE_ERROR

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Tell where the file is, or why there is none."""
        told = self._problem or f"TrackFox report: {self._path}"
        terminalreporter.write_sep("-", told, red=bool(self._problem))

    def _cannot(self, why: str | None) -> str:
        return f"{self._path} cannot be written: {why}; choose another file for --trackfox-report."
