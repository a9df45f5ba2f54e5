"""`/__admin/readings`: how the silences of the document are read, for all websites or for one."""

from __future__ import annotations

from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.document.readings import Readings
from trackfox_mock.document.silences import SILENCES, Silence
from trackfox_mock.errors import ReadingValueError
from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import ProblemError, json_response, read_body, read_query


class Owner(msgspec.Struct, forbid_unknown_fields=True):
    """Whose readings; without an id, those of all websites."""

    website_id: str | None = None


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    world = console.world

    def owner(request: Request) -> str | None:
        website_id = read_query(request, Owner).website_id
        return None if website_id is None else console.website(website_id).website_id

    async def show(request: Request) -> Response:
        return json_response({"readings": describe_readings(world.services.of(owner(request)).readings)})

    async def change(request: Request) -> Response:
        try:
            world.administration.change_readings(owner(request), await read_body(request, dict[str, Any]))
        except ReadingValueError as problem:
            raise ProblemError("body", str(problem)) from None
        return await show(request)

    return [
        Route("/__admin/readings", show, methods=["GET"]),
        Route("/__admin/readings", change, methods=["PUT"]),
    ]


def describe_readings(readings: Readings) -> list[dict[str, object]]:
    """Every silence, and each part that is read by itself: the value taken, its provenance, what else is legal."""
    return [
        _described(readings, silence, key)
        for silence in SILENCES.values()
        for key in (silence.id, *readings.parts_of(silence.id))
    ]


def _described(readings: Readings, silence: Silence, key: str) -> dict[str, object]:
    value, provenance = readings.reading(key)
    return {
        "silence": key,
        "question": silence.asks(key),
        "value": value,
        "provenance": provenance,
        "default": silence.default,
        "values": {**silence.values, value: silence.meaning(value)},
    }
