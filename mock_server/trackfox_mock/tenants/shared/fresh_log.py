"""Has a Redis that was started again begin a fresh append-only log, before anything is written to it.

A Redis that is killed while it writes a transaction leaves a part of it at the end of its log. At its start it leaves
the transaction out, but cuts the log off within it (7.0.15, `loadSingleAppendOnlyFile`): what comes next is appended to
the part that stays, and the start after that carries out both. After `BGREWRITEAOF` it writes to a new file, and drops
the old one. No connection outlives the store, so each of them looks, as soon as it is made, whether that is due.
"""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from redis.exceptions import RedisError, ResponseError

_LOOK = ("INFO", "persistence")
_BEGIN = "BGREWRITEAOF"


class LogNotFreshError(RedisError):
    """The log cannot be begun afresh yet, as the store is busy with another copy of its data."""


def begin(connection: Any) -> None:
    """What a connection of redis-py does first, as its `redis_connect_func`.

    Raises:
        LogNotFreshError: nothing may be written yet.
    """
    connection.on_connect()
    with suppress(ResponseError):  # who may not ask for it, as at a hosted store, goes without
        connection.send_command(*_LOOK)
        if _is_due(connection.read_response()):
            connection.send_command(_BEGIN)
            _judge(connection.read_response())


async def begin_awaited(connection: Any) -> None:
    """The same for a connection of an event loop."""
    await connection.on_connect()
    with suppress(ResponseError):
        await connection.send_command(*_LOOK)
        if _is_due(await connection.read_response()):
            await connection.send_command(_BEGIN)
            _judge(await connection.read_response())


def _is_due(information: bytes) -> bool:
    """Whether there is a log, and none was begun since the store has started: for each of those, it counts one."""
    facts = information.split()
    return b"aof_enabled:1" in facts and b"aof_rewrites:0" in facts


def _judge(answer: bytes) -> None:
    if b"scheduled" in answer:
        raise LogNotFreshError
