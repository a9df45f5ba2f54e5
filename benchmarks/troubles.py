"""What clients do to a server in `benchmarks.endurance`: payments as fast as they go, and trouble of every kind."""

from __future__ import annotations

import asyncio
import contextlib
import json
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path

from benchmarks.baseline import PATH
from benchmarks.servers import BEARER, BODY
from trackfox_mock.faults.effects import FAULTS

_IN_A_ROW = 16
_PATIENCE = 2.0  # seconds, then a client leaves

Trouble = Callable[["Client"], Awaitable[None]]


class Client:
    """What the clients know of each other."""

    def __init__(self, port: int, fixtures: Path, seed: int) -> None:
        self.port = port
        self.fixtures = fixtures
        self.chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
        self.seen: Counter[str] = Counter()
        self.is_over = False

    async def call(self, method: str, path: str, content: object = None, *fields: str) -> None:
        """One call of the control API, or of anything, over a connection of its own."""
        body = b"" if content is None else json.dumps(content).encode()
        await self.send(request(method, path, body, "Connection: close", *fields))

    async def send(self, sent: bytes, *, patience: float = _PATIENCE) -> None:
        """Send bytes, read what comes until the server has said all, and leave when that takes too long."""
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
            writer.write(sent)
            try:
                async with asyncio.timeout(patience):
                    start = await reader.read(4096)
                    self.seen[start[9:12].decode("ascii", "replace") if start.startswith(b"HTTP/1.1 ") else "none"] += 1
                    while await reader.read(1 << 16):
                        pass
            except TimeoutError:
                self.seen["left"] += 1
            writer.transport.abort()


def request(method: str, path: str, body: bytes = b"", *fields: str) -> bytes:
    """A request as bytes."""
    length = f"Content-Length: {len(body)}"
    return "\r\n".join([f"{method} {path} HTTP/1.1", "Host: localhost", length, *fields, "", ""]).encode() + body


def payment(number: int, *fields: str) -> bytes:
    """A valid payment, each of another customer."""
    body = BODY.replace("%d", str(number)).encode()
    return request("POST", PATH, body, f"Authorization: {BEARER}", "Content-Type: application/json", *fields)


async def pay(client: Client) -> None:
    """Payments one behind the other, as fast as they are answered."""
    while not client.is_over:
        with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
            try:
                while not client.is_over:
                    writer.write(b"".join(payment(client.chance.randrange(20_000)) for _ in range(_IN_A_ROW)))
                    async with asyncio.timeout(_PATIENCE):
                        for _ in range(_IN_A_ROW):
                            client.seen[f"paid {await _status(reader)}"] += 1
            finally:
                writer.transport.abort()


async def _status(reader: asyncio.StreamReader) -> str:
    head = await reader.readuntil(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.splitlines() if line.lower().startswith(b"content-length:")), 0)
    await reader.readexactly(length)
    return head[9:12].decode("ascii", "replace")


# What else clients do


async def _fault(client: Client) -> None:
    chance = client.chance
    effect: dict[str, object] = {"failRequestCount": chance.randrange(1, 200), "timeToLive": chance.uniform(0.1, 3)}
    effect |= chance.choice(
        [
            {"fault": chance.choice(sorted(FAULTS)), "phase": chance.choice(["before", "after-commit"])},
            {"status": chance.choice([429, 500, 503])},
            {"delayDistribution": {"type": "uniform", "lower": 0, "upper": 50}},
            {"chunkedDribbleDelay": {"numberOfChunks": 5, "totalDuration": 100}},
        ]
    )
    await client.call("POST", "/__admin/faults", effect | {"website_id": "web_lumen_lamps"})


async def _preference(client: Client) -> None:
    asked = client.chance.choice(["code=503", "delay=100", "dribble=5/200", *(f"fault={name}" for name in FAULTS)])
    await client.send(payment(1, f"Prefer: {asked}") + payment(2))


async def _reset(client: Client) -> None:
    await client.call("POST", "/__admin/reset", {})


async def _reload(client: Client) -> None:
    """Write the fixtures anew, with more or fewer websites, in one step."""
    more = [
        {"website_id": f"web_{number}", "api_token": f"tf_live_endurance_{number}", "sessions": []}
        for number in range(client.chance.randrange(50))
    ]
    beside = client.fixtures.with_suffix(".new")
    beside.write_text(json.dumps({"websites": more}))
    beside.replace(client.fixtures)


async def _website(client: Client) -> None:
    name = f"web_made_{client.chance.randrange(20)}"
    await client.call("POST", "/__admin/websites", {"website_id": name})
    await client.call("PUT", "/__admin/readings", {"website_id": name, "order": "body-first"})
    await client.call("DELETE", f"/__admin/websites/{name}")


async def _look(client: Client) -> None:
    paths = ("requests", "requests/har", "requests/curl", "rows", "payments", "state", "websites", "faults", "health")
    await client.call("GET", f"/__admin/{client.chance.choice(paths)}")


async def _search(client: Client) -> None:
    matcher = {"bodyPatterns": [{"matches": ".*lumen.*"}], "outcome": client.chance.choice(["attributed", "refused"])}
    await client.call("POST", f"/__admin/requests/{client.chance.choice(['find', 'count'])}", matcher)


async def _watch(client: Client) -> None:
    path = client.chance.choice(["/__admin/events", "/__admin/rows/events"])
    await client.send(request("GET", path) + payment(3) * client.chance.randrange(3), patience=0.5)


async def _wait(client: Client) -> None:
    wait = json.dumps({"n": 1, "outcome": "never", "timeout": 5}).encode()
    await client.send(request("POST", "/__admin/requests/wait", wait), patience=0.5)


async def _break_off(client: Client) -> None:
    sent = payment(4) * 3
    await client.send(sent[: client.chance.randrange(len(sent))], patience=0.05)


async def _refused(client: Client) -> None:
    odd = [
        payment(5).replace(b"9900", b"-1"),
        payment(6).replace(b"tf_live", b"tf_dead"),
        b"\x00\x01\r\n\r\n",
        b"GET\r\n\r\n",
    ]
    await client.send(client.chance.choice(odd), patience=0.2)


_TROUBLES: Sequence[Trouble] = (
    *(_fault, _preference, _reset, _reload, _website, _look, _look, _search, _watch, _wait, _break_off, _refused),
)


async def make_trouble(client: Client) -> None:
    """One trouble after the other."""
    while not client.is_over:
        await client.chance.choice(_TROUBLES)(client)
        await asyncio.sleep(client.chance.uniform(0, 0.1))
