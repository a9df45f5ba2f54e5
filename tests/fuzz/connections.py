"""Bytes to a connection: whatever they are, in whatever pieces they come, and whatever parses them."""

from __future__ import annotations

import asyncio
import logging
import random
import re
import sys
from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple
from unittest.mock import patch

import uvicorn
from uvicorn.server import ServerState

from tests.fuzz.hastened import LOOP, at_once
from trackfox_mock import Access, World, create_app
from trackfox_mock.http.connections import h11_way, parsing
from trackfox_mock.http.connections.protocol import protocol_class

_ANSWER = re.compile(rb"HTTP/1\.1 (\d{3}) [^\r\n]*\r\n")
_LONG = 20_000.0  # seconds, by a clock of its own, in which every answer comes that ever will
_FOR_EVER = 10**7  # an idle connection stays open, so that one that is closed was ended for a reason
_AT_RANDOM = re.compile(rb"lognormal|random_data|\d-\d", re.IGNORECASE)


class Heard(NamedTuple):
    """The statuses that came back, in their order, and whether the server ended the connection."""

    statuses: tuple[bytes, ...]
    is_closed: bool


class Wire(asyncio.Transport):
    """What a server writes to, kept."""

    def __init__(self) -> None:
        super().__init__({"peername": ("127.0.0.1", 9), "sockname": ("127.0.0.1", 4012)})
        self.sent = b""
        self.is_paused = self._is_closing = False
        self.protocol: Any = None

    def write(self, data: Any) -> None:
        self.sent += b"" if self._is_closing else bytes(data)

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None: ...

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def is_closing(self) -> bool:
        return self._is_closing

    def close(self) -> None:
        if not self._is_closing:
            self._is_closing = True
            LOOP.call_soon(self.protocol.connection_lost, None)

    abort = close


class _Complaints(logging.Handler):
    """What uvicorn logs about an application that failed."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(self.format(record))


@cache
def _complaints() -> _Complaints:
    handler = _Complaints()
    logger = logging.getLogger("uvicorn.error")
    logger.addHandler(handler)
    logger.propagate = False
    return handler


@cache
def _config(parser: str) -> uvicorn.Config:
    hidden: dict[str, Any] = {} if parser == "httptools" else {"uvicorn.protocols.http.httptools_impl": None}
    with patch.dict(sys.modules, hidden):
        protocol = protocol_class()
    # The control API is closed, as two runs of the same bytes could not be compared behind it.
    app = create_app(World(journal_size=5, payments_limit=5), access=Access(token="opensesame"))
    config = uvicorn.Config(
        app, http=protocol, ws="none", lifespan="off", log_config=None, access_log=False, timeout_keep_alive=_FOR_EVER
    )
    config.load()
    return config


def hear(parser: str, pieces: Sequence[bytes]) -> Heard:
    """What a server answers to these pieces, one after the other on a new connection."""
    complaints = _complaints().records
    complaints.clear()
    wire = Wire()
    at_once(_send(_config(parser), wire, pieces))
    assert not complaints, complaints
    return Heard(tuple(_ANSWER.findall(wire.sent)), wire.protocol.has_ended_by_itself)


async def _send(config: uvicorn.Config, wire: Wire, pieces: Sequence[bytes]) -> None:
    protocol: Any = config.http_protocol_class
    state = ServerState()
    wire.protocol = made = protocol(config=config, server_state=state, app_state={}, _loop=LOOP)
    made.connection_made(wire)
    for piece in pieces:
        await _is_read(wire)
        if wire.is_paused or wire.is_closing():
            break
        made.data_received(piece)
        await asyncio.sleep(0)
    await asyncio.sleep(_LONG)
    made.has_ended_by_itself = wire.is_closing()
    if not wire.is_closing():
        wire.close()
    await asyncio.sleep(1.0)
    assert not state.tasks, "a request goes on although its client has left"
    assert not state.connections


async def _is_read(wire: Wire) -> None:
    """Wait until the server reads on, unless an answer hangs for ever."""
    for seconds in (0.1, 1.0, 10.0, 100.0, 1000.0):
        if wire.is_paused and not wire.is_closing():
            await asyncio.sleep(seconds)


def cut(sent: bytes, chance: random.Random) -> list[bytes]:
    """The same bytes in up to seven pieces."""
    places = sorted(chance.randrange(len(sent) + 1) for _ in range(chance.randrange(1, 7)))
    pieces = [sent[begin:end] for begin, end in zip([0, *places], [*places, len(sent)], strict=True)]
    return [piece for piece in pieces if piece]


def httptools(data: bytes) -> None:
    """However bytes are cut, the answers are the same, and no exception leaves the connection."""
    _same_however_cut("httptools", data)


def h11(data: bytes) -> None:
    """The same where httptools is not installed."""
    _same_however_cut("h11", data)


def _same_however_cut(parser: str, data: bytes) -> None:
    whole = hear(parser, [data] if data else [])
    in_pieces = hear(parser, cut(data, random.Random(data)))  # noqa: S311 - the same every time
    assert in_pieces == whole or _AT_RANDOM.search(data), (whole, in_pieces)


_SMALL_HEAD, _SMALL_TARGET = 512, 128


def bounds(data: bytes) -> None:
    """A head is refused at the bound, and what lies beyond is not stored; both are small here, to be reached."""
    chance = random.Random(data)  # noqa: S311 - the same every time
    most = 0

    class Watched(parsing.Parsing):
        def _feed(self, data: bytes) -> None:
            nonlocal most
            super()._feed(data)
            stored = sum(len(name) + len(value) for name, value in self.headers) if self.reading == 1 else 0
            target = getattr(self, "url", b"")  # there is none before a request
            most = max(most, stored + len(self._line) + len(target))

    small: Any = {"LARGEST_HEAD": _SMALL_HEAD, "LARGEST_TARGET": _SMALL_TARGET, "_PIECE": 64}
    with patch.multiple(parsing, **small), patch.object(_config("httptools"), "http_protocol_class", _kind(Watched)):
        hear("httptools", cut(data, chance))
    assert most <= 2 * _SMALL_HEAD, most
    with patch.multiple(h11_way, LARGEST_HEAD=_SMALL_HEAD, LARGEST_TARGET=_SMALL_TARGET):
        hear("h11", cut(data, chance))


def _kind(watched: type) -> Any:
    of = _config("httptools").http_protocol_class
    return type("WatchedProtocol", (watched, of), {})
