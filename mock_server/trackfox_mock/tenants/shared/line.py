"""The line to a shared store: one script a question, never asked twice, and a sentence where no answer came.

A script that was sent and not answered may have run. So nothing is ever sent again here: who asked is told.
"""

from __future__ import annotations

import ssl
import time
from collections.abc import AsyncIterator, Sequence
from importlib.resources import files
from typing import Any

import redis
import redis.asyncio
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, ReadOnlyError, RedisError
from redis.retry import Retry

from trackfox_mock.errors import StoreAwayError
from trackfox_mock.tenants.shared import fresh_log
from trackfox_mock.tenants.shared.address import StoreAddress

PATIENCE = 2.0
"""Seconds that an answer may take, unless somebody chose otherwise."""

_PAUSE = 0.25  # seconds after a failure in which nobody else is made to wait for the next one
_LISTEN = 0.5  # seconds

Word = bytes | str | int


class Line:
    """Asks a shared store, from an event loop or without one.

    Args:
        address: where it is.
        patience: seconds that an answer may take.
    """

    def __init__(self, address: StoreAddress, patience: float = PATIENCE) -> None:
        self.address = address
        self.trouble = ""
        self._tried = 0.0
        self._scripts = {name: _source(name) for name in ("commit", "join", "pull", "compact")}
        self._digests: dict[str, str] = {}
        self._options: dict[str, Any] = {
            "socket_timeout": patience,
            "socket_connect_timeout": patience,
            "client_name": "trackfox-mock",
        }
        self.client = redis.Redis.from_url(
            address.url, retry=Retry(NoBackoff(), 0), redis_connect_func=fresh_log.begin, **self._options
        )
        self._awaited: redis.asyncio.Redis | None = None

    @property
    def awaited(self) -> redis.asyncio.Redis:
        """The client of the running event loop; there is one loop in the life of a line."""
        if self._awaited is None:
            from redis.asyncio.retry import Retry as AwaitedRetry  # noqa: PLC0415 - who blocks needs none of it

            self._awaited = redis.asyncio.Redis.from_url(
                self.address.url,
                retry=AwaitedRetry(NoBackoff(), 0),
                redis_connect_func=fresh_log.begin_awaited,
                **self._options,
            )
        return self._awaited

    def call(self, script: str, words: Sequence[Word]) -> Any:
        """Run a script and wait for its answer.

        Raises:
            StoreAwayError: there was none; whether it ran is not known.
        """
        self._spare()
        try:
            digest = self._digests.get(script)
            if digest is None:
                digest = self._digests[script] = str(self.client.script_load(self._scripts[script]))
            try:
                answer = self.client.evalsha(digest, 1, self.address.prefix, *words)
            except NoScriptError:
                answer = self.client.eval(self._scripts[script], 1, self.address.prefix, *words)
        except (RedisError, OSError) as problem:
            raise self.failed(problem) from None
        self.trouble = ""
        return answer

    async def ask(self, script: str, words: Sequence[Word]) -> Any:
        """The same, awaited."""
        self._spare()
        client = self.awaited
        try:
            digest = self._digests.get(script)
            if digest is None:
                digest = self._digests[script] = str(await client.script_load(self._scripts[script]))
            try:
                answer = await client.evalsha(digest, 1, self.address.prefix, *words)
            except NoScriptError:
                answer = await client.eval(self._scripts[script], 1, self.address.prefix, *words)
        except (RedisError, OSError) as problem:
            if isinstance(problem, ReadOnlyError):
                await client.connection_pool.disconnect()
            raise self.failed(problem) from None
        self.trouble = ""
        return answer

    async def arrivals(self) -> AsyncIterator[None]:
        """Gives a sign at first, whenever a node has taken requests, and every half a second.

        Raises:
            StoreAwayError: the store does not answer.
        """
        try:
            async with self.awaited.pubsub(ignore_subscribe_messages=True) as channel:
                await channel.subscribe(f"{self.address.prefix}arrived")
                while True:
                    yield
                    await channel.get_message(timeout=_LISTEN)
                    while await channel.get_message(timeout=0) is not None:
                        pass
        except (RedisError, OSError) as problem:
            raise self.failed(problem) from None

    async def leave(self) -> None:
        """Give the connections of the event loop back."""
        client, self._awaited = self._awaited, None
        if client is not None:
            await client.aclose()

    def close(self) -> None:
        """Give the connection back that needs no event loop."""
        self.client.close()

    def _spare(self) -> None:
        """Fail at once where the last try has just failed: a store that is away costs few of us their patience."""
        if self.trouble and time.monotonic() - self._tried < _PAUSE:
            raise StoreAwayError(self.trouble)

    def failed(self, problem: Exception) -> StoreAwayError:
        """What to tell of a failure, which nobody else is made to wait for at once."""
        self._tried = time.monotonic()
        if isinstance(problem, ReadOnlyError):  # by now the address may lead to another server
            self.client.connection_pool.disconnect()
        self.trouble = f"the store at {self.address} {_sentence(problem)}; see to it, and it goes on by itself."
        return StoreAwayError(self.trouble)


def _source(name: str) -> str:
    return (files(__package__) / f"{name}.lua").read_text(encoding="utf-8")


def _sentence(problem: Exception) -> str:
    cause = problem.__cause__ or problem.__context__
    if isinstance(cause, ssl.SSLCertVerificationError):
        return f"shows a certificate that is not trusted here ({cause.verify_message}): ?ssl_ca_certs=FILE names one"
    if isinstance(cause, ssl.SSLError):
        return f"speaks no TLS that this node could take up ({cause.reason})"
    kind = next((kind for kind in type(problem).__mro__ if kind in _SENTENCES), None)
    return f"cannot be used: {str(problem).partition(' ')[0]}" if kind is None else _SENTENCES[kind]


_SENTENCES: dict[type, str] = {
    fresh_log.LogNotFreshError: "was started again, and cannot begin a new log yet",
    redis.exceptions.AuthenticationError: "does not take the password of --store",
    redis.exceptions.BusyLoadingError: "is still loading its data",
    redis.exceptions.OutOfMemoryError: "is full",
    redis.exceptions.ReadOnlyError: "is a replica that takes no writes",
    redis.exceptions.TimeoutError: "did not answer in time",
    redis.exceptions.ConnectionError: "cannot be reached",
    OSError: "cannot be reached",
}
