"""`/__admin/clauses` and `/__admin/document`: the contract as it is served."""

from __future__ import annotations

from collections import Counter

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.document.clauses import CLAUSES, clause_words
from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import json_response


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

    return [
        Route("/__admin/clauses", clauses, methods=["GET"]),
        Route("/__admin/document", document, methods=["GET"]),
    ]
