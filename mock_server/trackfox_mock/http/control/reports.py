"""`/__admin/report` and `/__admin/tests`: what a contract check, and a run of tests, wrote for `--report`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import ProblemError, json_response

LARGEST_REPORT = 16 * 1024 * 1024
"""Bytes of a report that is read."""

CHECK = "`verify --json`"
TESTS = "`pytest --trackfox-report` or `exec --json`"


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""

    async def report(_: Request) -> Response:
        return json_response(_newest(console, CHECK, lambda data: isinstance(data.get("clauses"), list)))

    async def tests(_: Request) -> Response:
        return json_response(_newest(console, TESTS, _is_of_tests))

    return [
        Route("/__admin/report", report, methods=["GET"]),
        Route("/__admin/tests", tests, methods=["GET"]),
    ]


def written(console: Console) -> list[int | None]:
    """When each file was written, in nanoseconds since the epoch; None where there is none yet."""
    return [_written(path) for path in console.reports]


def _written(path: Path) -> int | None:
    try:
        return path.stat().st_mtime_ns
    except OSError:
        return None


def _is_of_tests(data: Mapping[str, Any]) -> bool:
    return isinstance(data.get("tests"), list) or (
        isinstance(data.get("command"), list) and isinstance(data.get("requests"), list)
    )


def _newest(console: Console, writer: str, is_wanted: Callable[[Mapping[str, Any]], bool]) -> Mapping[str, Any]:
    """What the newest file holds that `writer` wrote.

    Raises:
        ProblemError: there is none.
    """
    problems = []
    for path in sorted(console.reports, key=lambda path: _written(path) or 0, reverse=True):
        try:
            found = _read(path)
        except OSError as unreadable:
            problems.append(f"{path.name} cannot be read: {unreadable.strerror}.")
            continue
        if found is not None and is_wanted(found):
            return found
        problems.append(f"{path.name} is no report; expected the file that {writer} wrote.")
    without = f"This mock was started without --report; give it the file that {writer} wrote."
    raise ProblemError("not-found", next(iter(problems), without))


def _read(path: Path) -> Mapping[str, Any] | None:
    """A file as JSON; None where it is none.

    Raises:
        OSError: it cannot be read.
        ProblemError: it is too large.
    """
    if path.stat().st_size > LARGEST_REPORT:
        raise ProblemError("too-large", f"{path.name} has more than {LARGEST_REPORT} bytes.")
    try:
        found: Mapping[str, Any] = msgspec.json.decode(path.read_bytes(), type=dict)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    return found
