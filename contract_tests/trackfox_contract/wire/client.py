"""Sends calls one after another or many at once, waits for a service that asks for patience, and counts."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections import Counter
from dataclasses import dataclass
from itertools import count
from typing import TYPE_CHECKING, Any

from trackfox_contract.wire.asgi import AsgiTransport
from trackfox_contract.wire.ctrl_c import ctrl_c
from trackfox_contract.wire.lost import OF_A_PROXY, LostAnswers, is_lost
from trackfox_contract.wire.transport import GONE, HttpTransport, NoResponse, Response, is_of_kind
from trackfox_contract.wire.tripwire import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from trackfox_contract.request.call import Call
    from trackfox_contract.wire.transport import Outcome, Transport

_LONGEST_WAIT = 5.0
_LONGEST_PATIENCE = 75.0
MOST_HANGS = 8
_LONG_WAIT, _MEASURED = 5.0, 3.0


class TooManyRequestsError(Exception):
    """The service answered 429 for longer than anybody would wait."""


@dataclass(frozen=True, slots=True)
class RoundTrip:
    """One request and its outcome."""

    call: Call
    outcome: Outcome

    @property
    def status(self) -> int | None:
        """The status, or None when there was no reply."""
        return self.outcome.status if isinstance(self.outcome, Response) else None


class Client:
    """A synchronous front of a transport, with an event loop of its own.

    Args:
        transport: what sends.
        method: the documented method; a 2xx to it counts as a payment.

    Attributes:
        statuses: how often each status was reached.
        payments: how many requests were answered as a success.
        sent: how many requests were sent.
        waits: how often the service asked us to slow down.
        asked_to_wait: the latest answer by which it did.
        hangs: how often it gave no answer in time.
        is_slow: whether it takes its time, or has asked us to slow down.
        latency: what an answer usually takes, in seconds.
        on_limited: told once, as soon as it is known, how many requests a second a service lets pass.
        lost: the answers that got lost on the way, and came when they were asked for again.
    """

    def __init__(self, transport: Transport, method: str = "POST") -> None:
        self.transport, self.method = transport, method
        self.statuses: Counter[int] = Counter()
        self.payments = self.waits = self.sent = self.hangs = 0
        self.asked_to_wait: Response | None = None
        self.latency = 0.0
        self.on_sent: Callable[[int], None] | None = None
        self.on_limited: Callable[[float], None] | None = None
        self._passed, self._since = 0, time.monotonic()
        self._is_limited = False
        self.is_slow = False
        self.lost = LostAnswers()
        self._sent_earlier = 0
        self._loop = asyncio.new_event_loop()
        self._lifespan: _Lifespan | None = None

    def start(self) -> None:
        """Starts the app, when it lives in this process and has a start."""
        inner = getattr(self.transport, "inner", self.transport)
        if isinstance(inner, AsgiTransport):
            self._lifespan = _Lifespan(inner.app)
            ctrl_c.run(self._loop, self._lifespan.start())

    def send(self, call: Call, connection: int = 0) -> RoundTrip:
        """Sends one request and waits for its outcome."""
        return ctrl_c.run(self._loop, self._send(call, connection))

    def send_all(self, calls: Sequence[Call], connections: int = 1) -> list[RoundTrip | None]:
        """Sends many requests, so many at once.

        Returns:
            The round trips in the order of the calls; None for those left out because the service hung too often, or
            had answered one in safe mode with success.
        """
        return ctrl_c.run(self._loop, self._send_all(calls, connections))

    async def _send_all(self, calls: Sequence[Call], connections: int) -> list[RoundTrip | None]:
        done: list[RoundTrip | None] = [None] * len(calls)
        waiting = iter(enumerate(calls))

        async def work(connection: int) -> None:
            for index, call in waiting:
                if self.hangs >= MOST_HANGS:
                    return
                with contextlib.suppress(StoppedError):
                    done[index] = await self._send(call, connection)

        await asyncio.gather(*(work(connection) for connection in range(connections)))
        return done

    async def _send(self, call: Call, connection: int) -> RoundTrip:
        waited = 0.0
        for attempt in count():
            self.sent += 1
            if self.on_sent is not None:
                self.on_sent(self.sent_in_all)
            outcome = await self._exchange(call, connection)
            if isinstance(outcome, NoResponse):
                self._lose_patience(outcome)
                return RoundTrip(call, outcome)
            self._passed += outcome.status != 429
            self._measure(outcome)
            if outcome.status != 429:
                self.statuses[outcome.status] += 1
                self.payments += call.method == self.method and 200 <= outcome.status < 300
                return RoundTrip(call, outcome)
            if waited > _LONGEST_PATIENCE:
                break
            self.waits += 1
            self.asked_to_wait = outcome
            self.is_slow = True
            pause = _patience(outcome, attempt)
            waited += pause
            await asyncio.sleep(pause)
        raise TooManyRequestsError(f"the service answered 429 to one request for {waited:.0f} s")

    def _measure(self, outcome: Response) -> None:
        """Works out how many requests a second pass, once the service has said that there is a limit.

        One that asks for a long wait counts its callers in long spans, and has told the length of this one. With
        another a few seconds show it.
        """
        if self.on_limited is None:
            return None
        if outcome.status == 429 and not self._is_limited:
            asked = _patience(outcome, 0)
            if asked >= _LONG_WAIT:
                return self._tell_limit(asked)
            self._is_limited, self._passed, self._since = True, 0, time.monotonic()
        elif self._is_limited and time.monotonic() - self._since > _MEASURED:
            self._tell_limit(0)
        return None

    def _tell_limit(self, more: float) -> None:
        tell, self.on_limited = self.on_limited, None
        if tell is not None:
            tell(max(self._passed, 1) / (time.monotonic() - self._since + more))

    async def _exchange(self, call: Call, connection: int) -> Outcome:
        """An exchange; an answer that got lost on the way, as between a proxy and its backend, is asked for again."""
        outcome = await self.transport.exchange(call, connection)
        if not (self.has_answered and self.lost.may_be_chance(call, outcome, self.sent_in_all)):
            return outcome
        for pause in self.lost.pauses(outcome):
            await asyncio.sleep(pause)
            again = await self.transport.exchange(call.on(fresh=True), connection)
            if isinstance(again, Response) and not is_lost(call, again):
                self.lost.unstable += 1
                return again
            if is_of_kind(again, "refused"):
                return GONE
        return outcome

    @property
    def has_answered(self) -> bool:
        """Whether anything but a refusal of a proxy's ever came: else nothing is lost, nothing is there."""
        return any(status not in OF_A_PROXY for status in self.statuses) or self._sent_earlier > 0

    def _lose_patience(self, outcome: NoResponse) -> None:
        """After a hang the service has shown that it can; waiting as long again and again would tell nothing new."""
        if outcome.kind == "hang":
            self.hangs += 1
            self.transport.timeout = min(self.transport.timeout, max(1.0, 20 * self.latency))

    def statuses_by_name(self) -> Counter[str]:
        """How often each status was reached, as JSON wants its keys."""
        return Counter({str(status): count for status, count in self.statuses.items()})

    @property
    def sent_in_all(self) -> int:
        """How many requests were ever sent, however often the counts were forgotten."""
        return self._sent_earlier + self.sent

    def forget_counts(self) -> None:
        """Counts from zero again."""
        self._sent_earlier += self.sent
        self.statuses.clear()
        self.payments = self.waits = self.sent = 0

    def close(self) -> None:
        """Closes the connections and stops the app, also where Ctrl-C has come."""
        with ctrl_c.held():
            self._loop.run_until_complete(self.transport.close())
            if self._lifespan is not None:
                self._loop.run_until_complete(self._lifespan.stop())
            self._loop.close()


def _patience(reply: Response, attempt: int) -> float:
    """Seconds to wait after a 429: what the service asks for, else twice as long each time."""
    asked = reply.header("retry-after")
    if asked.isascii() and asked.isdigit():
        return min(float(asked), 10 * _LONGEST_WAIT) or 0.05
    return float(min(0.05 * 2**attempt, _LONGEST_WAIT))


class _Lifespan:
    """Starts and stops an ASGI app; an app that knows no lifespan is left alone."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._to_app: asyncio.Queue[dict[str, str]] = asyncio.Queue()
        self._from_app: asyncio.Queue[dict[str, Any]] = asyncio.Queue()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self._task = asyncio.ensure_future(self._run())
        await self._to_app.put({"type": "lifespan.startup"})
        await self._from_app.get()

    async def _run(self) -> None:
        scope = {"type": "lifespan", "asgi": {"version": "3.0", "spec_version": "2.3"}, "state": {}}
        with contextlib.suppress(Exception):
            await self._app(scope, self._to_app.get, self._from_app.put)
        await self._from_app.put({"type": "lifespan.ended"})

    async def stop(self) -> None:
        if self._task is None or self._task.done():
            return
        await self._to_app.put({"type": "lifespan.shutdown"})
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._task, 5)


def connect(target: Any, timeout: float) -> Transport:
    """A transport for a base URL or an ASGI app; `timeout` is in seconds a request."""
    return HttpTransport(target, timeout) if isinstance(target, str) else AsgiTransport(target, timeout)
