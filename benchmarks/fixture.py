"""What the pytest plugin costs: at every start of pytest, and at every test, beside mocks that people use already."""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.harness import Effort, Finding, Sample, interleaved


class Mock(NamedTuple):
    """A mock as its documentation uses it.

    `imported` is what is imported before the first test runs; `argument` and `decorator` are how a test asks for it.
    """

    imported: str
    argument: str = ""
    decorator: str = ""


_MOCKS = {
    "trackfox-mock": Mock("trackfox_mock.pytest_plugin", argument="trackfox"),
    "pytest-httpserver": Mock("pytest_httpserver.pytest_plugin", argument="httpserver"),
    "respx": Mock("respx.plugin", argument="respx_mock"),
    "responses": Mock("responses", decorator="responses.activate"),
    "moto": Mock("moto", decorator="moto.mock_aws"),
}
_LIMITS = {"trackfox-mock": (5.0, 1.0)}

# The first test sets the clock and the last one reads it, so that starting pytest and a server does not count.
_TESTS = """
import time
import pytest
{imports}

@pytest.mark.parametrize("number", range({tests}))
{decorator}
def test_nothing({arguments}):
    global began
    if number == 0:
        began = time.perf_counter()
    if number == {tests} - 1:
        print("MILLISECONDS", 1000 * (time.perf_counter() - began) / number)
"""


def measure(effort: Effort) -> Iterator[Finding]:
    """The milliseconds to import what pytest loads at its start, and those of one test that only asks for the mock."""
    mocks = {name: mock for name, mock in _MOCKS.items() if find_spec(mock.imported.partition(".")[0]) is not None}
    imports = interleaved({name: _import(mock.imported) for name, mock in mocks.items()}, effort.rounds)
    for name, sample in imports.items():
        limit = _LIMITS[name][0] if name in _LIMITS else None
        yield Finding("fixture", f"{name}, import before the first test", sample, "ms", at_most=limit)
    tests = 20 if effort.rounds == 1 else 1000
    with tempfile.TemporaryDirectory() as folder:
        runs = {name: _run(Path(folder), mock, tests) for name, mock in {"": Mock("pytest"), **mocks}.items()}
        took = interleaved(runs, effort.rounds)
    bare = took.pop("")
    for name, sample in took.items():
        beside = Sample(tuple(mine - nothing for mine, nothing in zip(sample.values, bare.values, strict=True)))
        limit = _LIMITS[name][1] if name in _LIMITS else None
        yield Finding("fixture", f"{name}, a test that only asks for it", beside, "ms", at_most=limit)


def _import(module: str) -> Callable[[], float]:
    program = f"""
import pytest, time
began = time.perf_counter()
import {module}
print("MILLISECONDS", 1000 * (time.perf_counter() - began))
"""
    return lambda: _milliseconds("-c", program)


def _run(folder: Path, mock: Mock, tests: int) -> Callable[[], float]:
    path = folder / f"test_with_{mock.imported.partition('.')[0]}.py"
    text = _TESTS.format(
        imports=f"import {mock.imported}" if mock.decorator else "",
        decorator=f"@{mock.decorator}" if mock.decorator else "",
        arguments=", ".join(filter(None, ["number", mock.argument])),
        tests=tests,
    )
    path.write_text(text, encoding="utf-8")
    return lambda: _milliseconds(
        "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "--rootdir", str(folder), str(path)
    )


def _milliseconds(*arguments: str) -> float:
    command = (sys.executable, *arguments)
    printed = subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603 - our own text
    found = re.search(r"MILLISECONDS ([\d.]+)", printed)
    assert found is not None, printed  # noqa: S101 - our own text prints it
    return float(found[1])
