"""HTTP off the wire: uvicorn's protocol, with a bound on the request head, which httptools itself does not have.

The protocol puts itself into the ASGI scope's state, so that a fault can break the very connection, and so that who
answers at length (an open stream, a hanging answer) is told when the server is to stop.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any, Protocol

LARGEST_HEAD = 256 * 1024
"""Bytes of request line and header fields; a client that sends more is answered 431 and hung up on."""

_KEY = "trackfox_mock.connection"


class Connection(Protocol):
    """What can be known of, and done to, the connection of a request."""

    transport: asyncio.Transport
    leaving: asyncio.Event


def connection_of(scope: Mapping[str, Any]) -> Connection | None:
    """The connection that a request came over; None in process, or under another server."""
    connection: Connection | None = scope.get("state", {}).get(_KEY)
    return connection


def protocol_class() -> Any:
    """The protocol to hand to uvicorn: httptools where it is installed, else h11, which has a bound of its own."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415 - may be absent
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: PLC0415 - the other choice

        return _reachable(H11Protocol)

    class BoundedProtocol(_reachable(HttpToolsProtocol)):  # type: ignore[misc]  # a class made by a function
        """httptools, with a bound on the head of a request."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self._unused = 0

        def data_received(self, data: bytes) -> None:
            request = self.scope
            super().data_received(data)
            # Bytes that began no request, and were no part of a body, add to a head that is still open.
            self._unused = len(data) + (self._unused if self.scope is request else 0)
            if self._unused > LARGEST_HEAD and not self.transport.is_closing():
                self.transport.write(_TOO_LARGE)
                self.transport.close()

        def on_body(self, body: bytes) -> None:
            super().on_body(body)
            self._unused = 0

    return BoundedProtocol


def _reachable(protocol: Any) -> Any:
    """A protocol of uvicorn's that requests can reach by `connection_of`."""

    class ReachableProtocol(protocol):  # type: ignore[misc]  # uvicorn's, whichever it is
        """A `Connection`. uvicorn copies `app_state` into every scope, so a request costs nothing more."""

        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.leaving = asyncio.Event()
            self.app_state: dict[str, Any] = {_KEY: self}

        def shutdown(self) -> None:
            self.leaving.set()
            super().shutdown()

    return ReachableProtocol


_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
