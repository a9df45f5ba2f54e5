"""The transport of a run without writes: nothing passes that its guards refuse."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trackfox_contract.request.call import Call
    from trackfox_contract.wire.probing import RefusedForSure
    from trackfox_contract.wire.safety import SafetyGuard
    from trackfox_contract.wire.transport import Outcome, Transport
    from trackfox_contract.wire.tripwire import Tripwire


class GuardedTransport:
    """A transport that asks before every request.

    What was never refused is sent alone, one request after another, so that a success is seen before the next is sent.

    Args:
        inner: the transport that sends.
        guard: who says what may be sent at all.
        tripwire: who says what may be sent after a success.
    """

    def __init__(self, inner: Transport, guard: SafetyGuard | RefusedForSure, tripwire: Tripwire) -> None:
        self.inner, self.guard, self.tripwire = inner, guard, tripwire
        self._alone = asyncio.Lock()

    @property
    def timeout(self) -> float:
        """Seconds that one request may take."""
        return self.inner.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self.inner.timeout = seconds

    @property
    def connections(self) -> int:
        """How many connections are worth having at once."""
        return self.inner.connections

    def check(self, call: Call) -> None:
        """Lets a request pass, or refuses it.

        Raises:
            UnsafeCallError: it might create a payment on a right service.
            StoppedError: something was answered with success before, and this could be, too.
        """
        self.guard.check(call)
        self.tripwire.demand(call)

    async def exchange(self, call: Call, number: int) -> Outcome:
        """Sends a request that may be sent.

        Raises:
            UnsafeCallError: it may not.
        """
        self.check(call)
        if self.tripwire.was_refused(call):
            return await self._send(call, number)
        async with self._alone:
            self.tripwire.demand(call)
            return await self._send(call, number)

    async def _send(self, call: Call, number: int) -> Outcome:
        outcome = await self.inner.exchange(call, number)
        self.tripwire.watch(call, outcome)
        return outcome

    async def close(self) -> None:
        """Closes the transport."""
        await self.inner.close()
