"""Answers that are sent piece by piece, and end when nobody reads them any more."""

from __future__ import annotations

import asyncio
from typing import Any

from starlette.responses import StreamingResponse


class Stream(StreamingResponse):
    """Starlette's, without the cycles that a task group leaves: who goes away is freed at once."""

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG002 - as ASGI has it
        """Send it, until it is over or its client has left."""
        sending = asyncio.ensure_future(self.stream_response(send))
        leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
        try:
            await asyncio.wait((sending, leaving), return_when=asyncio.FIRST_COMPLETED)
        finally:
            leaving.cancel()
            if not sending.done():
                sending.cancel()
            await asyncio.gather(sending, leaving, return_exceptions=True)
        if not sending.cancelled():
            sending.result()
