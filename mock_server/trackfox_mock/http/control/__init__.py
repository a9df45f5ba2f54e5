"""What is beside the documented endpoint: health, and the control API under `/__admin`. A noun a file.

Those of what arrived are in `traffic`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.convertors import Convertor, register_url_convertor
from starlette.routing import BaseRoute

from trackfox_mock.http.access import Access
from trackfox_mock.http.access.guard import Guard
from trackfox_mock.http.control import (
    contract,
    expectations,
    faults,
    payments,
    readings,
    reports,
    server,
    state,
    websites,
)
from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import handlers
from trackfox_mock.http.control.traffic import events, explain, exports, requests, rows, sending
from trackfox_mock.world.world import World


class _Number(Convertor[int]):
    """A request's number in a path; more digits than any number has are no number."""

    regex = "[0-9]{1,18}"

    def convert(self, value: str) -> int:
        return int(value)

    def to_string(self, value: int) -> str:
        return str(value)


register_url_convertor("number", _Number())


def create_admin(
    world: World,
    access: Access | None = None,
    endpoint: Callable[[Any, Any, Any], Awaitable[None]] | None = None,
    reports: Sequence[Path] = (),
) -> Guard:
    """The ASGI application that controls a world.

    Args:
        world: what is controlled.
        access: who may, and what is shown; by default anybody on this machine, everything but tokens.
        endpoint: the ASGI application of the documented endpoint, through which requests are sent again.
        reports: files that a contract check or a run of tests writes.
    """
    access = access or Access()
    console = Console(world, access, endpoint, reports)
    app = Starlette(routes=routes(console), exception_handlers=handlers(console.redactor))
    return Guard(app, access, console.redactor)


def routes(console: Console) -> list[BaseRoute]:
    """Every route of the control API."""
    nouns = (
        *(server, exports, requests, sending, explain, rows, websites, payments),
        *(readings, faults, expectations, contract, reports, state, events),
    )
    return [route for noun in nouns for route in noun.routes(console)]
