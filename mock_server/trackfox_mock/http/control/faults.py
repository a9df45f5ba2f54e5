"""`/__admin/faults`: what is broken on purpose, for one website or for all."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.faults.schedule import Fault, Scheduled
from trackfox_mock.http.control.console import Console, Noun
from trackfox_mock.http.control.exchange import ProblemError, json_response, read_body, read_query
from trackfox_mock.http.control.readings import Owner
from trackfox_mock.journal.serializers import show_fault


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    faults = _Faults(console)
    path = "/__admin/faults"
    return [
        Route(path, faults.listing, methods=["GET"]),
        Route(path, faults.schedule, methods=["POST"]),
        Route(path, faults.clear, methods=["DELETE"]),
        Route(f"{path}/{{fault_id}}", faults.one, methods=["GET"]),
        Route(f"{path}/{{fault_id}}", faults.delete, methods=["DELETE"]),
    ]


class _Faults(Noun):
    async def listing(self, _: Request) -> Response:
        self._world.faults.expire(self._world.clock())
        shown = [show_fault(scheduled) for scheduled in self._world.faults]
        return json_response({"faults": shown, "meta": {"total": len(shown)}})

    async def schedule(self, request: Request) -> Response:
        fault = await read_body(request, Fault)
        if fault.website_id is not None:
            self._console.website(fault.website_id)
        return json_response(show_fault(self._world.administration.add_fault(fault)), 201)

    async def clear(self, request: Request) -> Response:
        self._world.administration.clear_faults(read_query(request, Owner).website_id)
        return json_response({})

    async def one(self, request: Request) -> Response:
        return json_response(show_fault(self._found(request)))

    async def delete(self, request: Request) -> Response:
        self._world.administration.remove_fault(self._found(request).fault_id)
        return json_response({})

    def _found(self, request: Request) -> Scheduled:
        self._world.faults.expire(self._world.clock())
        fault_id = request.path_params["fault_id"]
        scheduled = self._world.faults.get(fault_id)
        if scheduled is None:
            raise ProblemError(
                "not-found", f"There is no fault {fault_id!r}: it was called off, or its time to live is over."
            )
        return scheduled
