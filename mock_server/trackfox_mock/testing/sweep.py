"""`pytest --trackfox-sweep`: every test that uses the mock, under all legal readings of the document."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

import pytest

from trackfox_mock.document.silences import SILENCES
from trackfox_mock.errors import counted
from trackfox_mock.testing.pairwise import Choice, blame, pairwise

READINGS_FIXTURE = "_trackfox_readings"
_UNDER_A_READING = "failed under a reading"
_ROW = re.compile(r"(?:(?<=\[)|-)trackfox-(\d+)(?=[\]-])")


Results = dict[int, pytest.TestReport | None]
"""By combination how a test went: None if it passed, else the report of its failure."""


class Sweep:
    """Runs the tests under every combination, and tells which of them pass only under some.

    Each combination is a test of its own to pytest, so `-k`, `-x`, `--lf` and xdist work as ever. The first one is that
    of the default readings, and a failure there is shown as usual.
    """

    def __init__(self) -> None:
        self.rows = pairwise({silence.id: tuple(silence.values) for silence in SILENCES.values()})
        self.results: dict[str, Results] = {}

    def pytest_generate_tests(self, metafunc: pytest.Metafunc) -> None:
        """Make a test of each combination."""
        if READINGS_FIXTURE in metafunc.fixturenames:
            names = [f"trackfox-{number:02}" for number in range(len(self.rows))]
            metafunc.parametrize(READINGS_FIXTURE, self.rows, indirect=True, ids=names)

    def pytest_collection_modifyitems(self, config: pytest.Config, items: list[pytest.Item]) -> None:
        """Leave out the tests that have nothing to do with the mock."""
        swept = [item for item in items if READINGS_FIXTURE in getattr(item, "fixturenames", ())]
        config.hook.pytest_deselected(items=[item for item in items if item not in swept])
        items[:] = swept

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Write down how a test went under a combination."""
        place = place_of(report.nodeid)
        if place is None:
            return
        test, row = place
        results = self.results.setdefault(test, {})
        if report.failed:
            results[row] = results.get(row) or report
        elif report.when == "call":
            results.setdefault(row, None)

    @pytest.hookimpl(tryfirst=True)
    def pytest_report_teststatus(self, report: pytest.TestReport) -> tuple[str, str, str] | None:
        """Keep the failures under readings out of the list of failures, where each would be shown 40 times."""
        place = place_of(report.nodeid)
        if place is None or place[1] == 0 or not report.failed:
            return None
        return _UNDER_A_READING, "F", "FAILED"

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name the tests that pass only under some readings."""
        terminalreporter.section("TrackFox readings sweep")
        failing = {test: results for test, results in self.results.items() if any(results.values())}
        tests = counted(len(self.results), "test")
        terminalreporter.write_line(
            f"{tests} under {len(self.rows)} combinations of readings, which hold any two readings together; "
            f"{len(failing) or 'none'} failed."
        )
        reliant = {test: results for test, results in failing.items() if not all(results.values())}
        for test in [test for test in failing if test not in reliant]:
            terminalreporter.write_line(f"{test} fails under every combination: it is no matter of readings.")
        for test, results in reliant.items():
            self._tell(terminalreporter, test, results)
        if reliant:
            terminalreporter.write_line("")
            terminalreporter.write_line(
                "The document leaves these readings open, so the real service may take any of them, and may change it."
            )

    def _tell(self, terminal: pytest.TerminalReporter, test: str, results: Results) -> None:
        failures = {row: report for row, report in sorted(results.items()) if report is not None}
        terminal.write_line("")
        terminal.write_line(f"{test} passes only under some readings. It fails with:")
        for line in self._reasons(results, failures):
            terminal.write_line(f"   {line}")
        first = next(iter(failures.values()))
        terminal.write_line(f"The first of {len(failures)} failures, {first.nodeid}:")
        first.toterminal(terminal._tw)  # noqa: SLF001 - the only way to show a report as pytest does

    def _reasons(self, results: Mapping[int, object], failures: Mapping[int, pytest.TestReport]) -> Iterator[str]:
        tried = sorted(results)
        rows = [self.rows[row] for row in tried]
        culprits = blame(rows, {place for place, row in enumerate(tried) if row in failures})
        singles = sorted(choice for choices in culprits if len(choices) == 1 for choice in choices)
        for silence, choices in groupby(singles, key=lambda choice: choice[0]):
            values = " or ".join(value for _, value in choices)
            yield f"{silence}: {values} ({SILENCES[silence].question})"
        yield from (_together(choices) for choices in culprits if len(choices) > 1)


def _together(choices: Iterable[Choice]) -> str:
    chosen = sorted((silence, value) for silence, value in choices if value != SILENCES[silence].default)
    return " with ".join(f"{silence}: {value}" for silence, value in chosen or sorted(choices))


def place_of(nodeid: str) -> tuple[str, int] | None:
    """The test without its combination, and the number of that."""
    found = _ROW.search(nodeid)
    if found is None:
        return None
    test = nodeid[: found.start()] + nodeid[found.end() :]
    return test.replace("[]", "").replace("[-", "["), int(found[1])
