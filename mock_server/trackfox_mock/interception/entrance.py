"""The door before every connection of a server."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from functools import partial
from typing import Any

from trackfox_mock.interception.door import Door, Interception


def entrance(interception: Interception) -> Callable[[Callable[..., asyncio.Protocol]], Callable[..., Door]]:
    """What `trackfox_mock.http.server` puts before the protocol of every connection.

    Args:
        interception: what the connections share.
    """

    def before(make_http: Callable[..., asyncio.Protocol]) -> Callable[..., Door]:
        def make(**options: Any) -> Door:
            return Door(interception, partial(make_http, **options), options["server_state"].connections)

        return make

    return before
