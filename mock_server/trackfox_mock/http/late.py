"""What is loaded by who needs it first, while others are answered."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Awaitable, Callable
from typing import Any

Application = Callable[[Any, Any, Any], Awaitable[None]]


class Late:
    """An ASGI application that is made when the first request for it comes, in a thread: loading Starlette takes long.

    Args:
        make: makes it.
    """

    def __init__(self, make: Callable[[], Application]) -> None:
        self._make = make
        self._made: Application | None = None
        self._making = threading.Lock()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Answer one ASGI scope."""
        made = self._made
        if made is None:
            made = await asyncio.to_thread(self._once_made)
        await made(scope, receive, send)

    def _once_made(self) -> Application:
        with self._making:
            if self._made is None:
                self._made = self._make()
            return self._made
