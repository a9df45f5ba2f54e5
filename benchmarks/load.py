"""A thousand keep-alive connections and two hundred slow ones, at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

from benchmarks.baseline import PATH
from benchmarks.harness import Effort, Finding, single
from benchmarks.servers import BEARER, BODY, MOCK, serving

_BODY = BODY.replace("%d", "1").encode()
_HEAD = (
    f"POST {PATH} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {BEARER}\r\n"
    f"Content-Type: application/json\r\nContent-Length: {len(_BODY)}\r\n\r\n"
).encode()
_PATIENCE = 60


def measure(effort: Effort) -> Iterator[Finding]:
    """How many of the connections did not get every answer."""
    keepalive, slow = (1000, 200) if effort.rounds > 1 else (50, 10)
    with serving((*MOCK, "--log-format", "none")) as served:
        failed = asyncio.run(_connect(served.port, keepalive, slow))
    what = f"failures of {keepalive} keep-alive and {slow} slow connections"
    yield Finding("load", what, single(failed), "failures", at_most=0)


async def _connect(port: int, keepalive: int, slow: int) -> int:
    clients = [_keepalive(port) for _ in range(keepalive)] + [_slow(port) for _ in range(slow)]
    outcomes = await asyncio.gather(
        *(asyncio.wait_for(client, _PATIENCE) for client in clients), return_exceptions=True
    )
    return sum(outcome is not None for outcome in outcomes)


async def _keepalive(port: int, requests: int = 10) -> None:
    """Ten requests on one connection, with a pause between them."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for _ in range(requests):
        writer.write(_HEAD + _BODY)
        await _expect_success(reader)
        await asyncio.sleep(0.2)
    writer.close()


async def _slow(port: int) -> None:
    """One request, a few bytes at a time, over some three seconds."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    request = _HEAD + _BODY
    for start in range(0, len(request), 12):
        writer.write(request[start : start + 12])
        await asyncio.sleep(0.1)
    await _expect_success(reader)
    writer.close()


async def _expect_success(reader: asyncio.StreamReader) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next(int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:"))
    await reader.readexactly(length)
    if not head.startswith(b"HTTP/1.1 200 "):
        raise ConnectionError(head.decode("ascii", "replace"))
