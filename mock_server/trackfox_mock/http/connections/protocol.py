"""The protocol to hand to uvicorn: its own, with bounds and a short way before it."""

from __future__ import annotations

from typing import Any

from trackfox_mock.http.connections.connection import Reachable
from trackfox_mock.http.connections.patience import Room, most_connections


def protocol_class() -> Any:
    """The protocol to hand to uvicorn: httptools where it is installed, else h11, which has no short way."""
    room = Room(most_connections())
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415 - may be absent
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: PLC0415 - the other choice

        from trackfox_mock.http.connections.h11_way import H11Way  # noqa: PLC0415 - the same

        return type("MockProtocol", (H11Way, Reachable, H11Protocol), {"room": room})
    from trackfox_mock.http.connections.parsing import Parsing  # noqa: PLC0415 - who has h11 needs neither
    from trackfox_mock.http.connections.short_way import Batch, ShortWay  # noqa: PLC0415 - the same

    return type("MockProtocol", (ShortWay, Parsing, Reachable, HttpToolsProtocol), {"batch": Batch(), "room": room})
