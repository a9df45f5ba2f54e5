"""`/__admin/expectations`: refusals and advice that a test means to get, for one website or for all."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.errors import RuleError
from trackfox_mock.http.control.console import Console, Noun
from trackfox_mock.http.control.exchange import ProblemError, json_response, read_body, read_query
from trackfox_mock.http.control.readings import Owner
from trackfox_mock.journal.expectations import Expectation, Standing


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    expectations = _Expectations(console)
    path = "/__admin/expectations"
    return [
        Route(path, expectations.listing, methods=["GET"]),
        Route(path, expectations.add, methods=["POST"]),
        Route(path, expectations.clear, methods=["DELETE"]),
        Route(f"{path}/{{expectation_id}}", expectations.drop, methods=["DELETE"]),
    ]


class _Expectations(Noun):
    async def listing(self, _: Request) -> Response:
        shown = [_shown(standing) for standing in self._world.expectations]
        return json_response({"expectations": shown, "meta": {"total": len(shown)}})

    async def add(self, request: Request) -> Response:
        expectation = await read_body(request, Expectation)
        if expectation.website_id is not None:
            self._console.website(expectation.website_id)
        try:
            return json_response(_shown(self._world.expectations.add(expectation)), 201)
        except RuleError as problem:
            raise ProblemError("body", f"rule: {problem}") from None
        except OverflowError as problem:
            raise ProblemError("conflict", str(problem)) from None

    async def clear(self, request: Request) -> Response:
        self._world.expectations.clear(read_query(request, Owner).website_id)
        return json_response({})

    async def drop(self, request: Request) -> Response:
        expectation_id = request.path_params["expectation_id"]
        if self._world.expectations.get(expectation_id) is None:
            raise ProblemError("not-found", f"There is no expectation {expectation_id!r}; it was dropped, or reset.")
        self._world.expectations.drop(expectation_id)
        return json_response({})


def _shown(standing: Standing) -> dict[str, object]:
    expectation = standing.expectation
    return {"id": standing.expectation_id, "rule": expectation.rule, "website_id": expectation.website_id}
