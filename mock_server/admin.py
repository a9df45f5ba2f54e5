"""What is beside the documented endpoint: health, and the control API under `/__admin`."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from mock_server.errors import ReadingValueError
from mock_server.readings import SILENCES, Readings
from mock_server.world import World


def create_admin(world: World) -> Starlette:
    """The Starlette application that controls a world."""

    async def live(_: Request) -> Response:
        return JSONResponse({"status": "ok"})

    async def readings(request: Request) -> Response:
        website_id = request.query_params.get("website_id")
        if request.method == "PUT":
            try:
                _change_readings(world, website_id, await request.json())
            except ReadingValueError as problem:
                return JSONResponse({"title": "Not a reading", "status": 400, "detail": str(problem)}, status_code=400)
        return JSONResponse({"readings": describe_readings(world.service_of(website_id).readings)})

    return Starlette(
        routes=[
            Route("/livez", live),
            Route("/readyz", live),
            Route("/__admin/health", live),
            Route("/__admin/readings", readings, methods=["GET", "PUT"]),
        ]
    )


def _change_readings(world: World, website_id: str | None, values: dict[str, object]) -> None:
    if website_id is None:
        world.read(world.api, world.service.readings.with_values(values), world.website_readings)
    else:
        merged = {**world.website_readings.get(website_id, {}), **values}
        world.read(world.api, world.service.readings, {**world.website_readings, website_id: merged})


def describe_readings(readings: Readings) -> list[dict[str, object]]:
    """Every silence: the value taken, its provenance, and what else would be legal."""
    return [
        {
            "silence": silence.id,
            "question": silence.question,
            "value": readings[silence.id],
            "provenance": readings.reading(silence.id).provenance,
            "default": silence.default,
            "values": dict(silence.values),
        }
        for silence in SILENCES.values()
    ]
