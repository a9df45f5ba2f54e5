"""What is beside the documented endpoint: health, and the control API under `/__admin`. A noun a file."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.routing import BaseRoute

from mock_server.access import Access
from mock_server.admin import events, explain, exports, faults, payments, readings, requests, server, state, websites
from mock_server.admin.console import Console
from mock_server.admin.exchange import HANDLERS
from mock_server.admin.guard import Guard
from mock_server.world import World


def create_admin(world: World, access: Access | None = None) -> Guard:
    """The ASGI application that controls a world.

    Args:
        world: what is controlled.
        access: who may, and what is shown; by default anybody on this machine, everything but tokens.
    """
    access = access or Access()
    return Guard(Starlette(routes=routes(Console(world, access)), exception_handlers=HANDLERS), access)


def routes(console: Console) -> list[BaseRoute]:
    """Every route of the control API."""
    nouns = (server, exports, requests, explain, websites, payments, readings, faults, state, events)
    return [route for noun in nouns for route in noun.routes(console)]
