"""`/__admin/clauses`, `/__admin/document` and `/__admin/report`: the contract as it is served, and how it was kept."""

from __future__ import annotations

from collections import Counter

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.document.clauses import CLAUSES, clause_words
from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import ProblemError, json_response

LARGEST_REPORT = 16 * 1024 * 1024


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    world = console.world

    async def clauses(_: Request) -> Response:
        """Every clause with the served document's own words, and how many requests were decided by it."""
        counts: Counter[str] = Counter()
        for (_owner, rule), count in world.journal.counts.items():
            counts[rule] += count
        amount = next(iter(world.service.integers), "")
        rows = [
            {
                "id": clause,
                "words": clause_words(world.api, clause, amount if clause.startswith("revenue.") else ""),
                "requests": counts[clause],
            }
            for clause in CLAUSES
        ]
        return json_response({"clauses": rows})

    async def document(_: Request) -> Response:
        return json_response(world.api.document or {})

    async def report(_: Request) -> Response:
        path = console.report
        if path is None:
            raise ProblemError(
                "not-found", "This mock was started without --report; give it the file that `verify --json` wrote."
            )
        try:
            if path.stat().st_size > LARGEST_REPORT:
                raise ProblemError("too-large", f"{path.name} has more than {LARGEST_REPORT} bytes.")
            return json_response(msgspec.json.decode(path.read_bytes(), type=dict))
        except OSError as problem:
            raise ProblemError("not-found", f"{path.name} cannot be read: {problem.strerror}.") from None
        except (msgspec.DecodeError, UnicodeDecodeError):
            raise ProblemError(
                "not-found", f"{path.name} is no report; expected the file that `verify --json` wrote."
            ) from None

    return [
        Route("/__admin/clauses", clauses, methods=["GET"]),
        Route("/__admin/document", document, methods=["GET"]),
        Route("/__admin/report", report, methods=["GET"]),
    ]
