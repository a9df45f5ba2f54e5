"""HTTP off the wire: uvicorn's protocol, with a bound on the request head, which httptools itself does not have."""

from __future__ import annotations

import asyncio
from typing import Any

LARGEST_HEAD = 256 * 1024
"""Bytes of request line and header fields; a client that sends more is answered 431 and hung up on."""


def protocol_class() -> type[asyncio.Protocol]:
    """The protocol to hand to uvicorn: httptools where it is installed, else h11, which has a bound of its own."""
    try:
        from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol  # noqa: PLC0415 - may be absent
    except ImportError:
        from uvicorn.protocols.http.h11_impl import H11Protocol  # noqa: PLC0415 - the other choice

        return H11Protocol

    class BoundedProtocol(HttpToolsProtocol):
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


_TOO_LARGE = b"HTTP/1.1 431 Request Header Fields Too Large\r\nconnection: close\r\ncontent-length: 0\r\n\r\n"
