"""The same requests, cut at random places and mixed, get the same answers and leave the same behind: both ways, and
under both parsers.

A scheduled fault that hits nobody sends every request the long way; without one, ordinary requests go the short way.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.wire import BODY, PARSERS, Server, chunked, hear, post, serving

REQUESTS = [
    post(),
    post(b"Transfer-Encoding: chunked", body=chunked(BODY[:50], BODY[50:])),
    post(b"Transfer-Encoding: chunked", body=chunked(BODY, trailer=b"Authorization: Bearer x\r\n")),
    post(b"Transfer-Encoding: chunked", body=chunked(BODY, trailer=b"X: 1\r\n"), authorization=None),
    post(b"Connection: Upgrade, HTTP2-Settings", b"Upgrade: h2c", b"HTTP2-Settings: AAEA"),
    post(b"User-Agent: " + b"a" * 400),
    post(b"X-Long: " + b"l" * 9_000),
    post(body=BODY.replace(b"9900", b"-1")),
    post(body=BODY + b" " * 9_000),
    post(body=b"{"),
    post(authorization=None),
    post(authorization=b"Bearer " + b"t" * 400),
    post(target=b"/elsewhere?a=b"),
    post(method=b"PUT"),
]
LAST = [b"", b"\x00garbage\r\n\r\n", post(host=()), post(b"Content-Length: 1"), post(target=b"/" + b"t" * 65_536)]
FOR_NOBODY = "code=503,website=web_lumen_lamps"
WAYS = [(parser, way) for parser in PARSERS for way in ("short", "long")]


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[tuple[str, str], Server]]:
    folder = tmp_path_factory.mktemp("ways")
    with ExitStack() as stack:
        found = {}
        for parser, way in WAYS:
            options = ["--fault", FOR_NOBODY] if way == "long" else []
            found[parser, way] = stack.enter_context(serving(_made(folder / f"{parser}-{way}"), parser, *options))
        yield found


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def cut(sent: bytes, chance: random.Random) -> Sequence[bytes]:
    """The same bytes in up to seven pieces."""
    places = sorted(chance.randrange(len(sent)) for _ in range(chance.randrange(7)))
    return [sent[begin:end] for begin, end in zip([0, *places], [*places, len(sent)], strict=True)]


def left_behind(server: Server) -> list[Any]:
    """What is the same of the journal's newest entries however they came, and the payments."""
    entries = server.client.get(f"{server.url}/__admin/requests").json()["requests"]
    shown = [
        (entry["rule"], entry["outcome"], entry["request"]["headers"], entry["request"]["body"], entry["payment_id"])
        for entry in entries
    ]
    return [*shown, server.client.get(f"{server.url}/__admin/health").json()["payments"]]


def play(servers: dict[tuple[str, str], Server], seed: int) -> None:
    """Send one sequence of requests to each server, cut differently for each."""
    chance = random.Random(seed)  # noqa: S311 - repeatable on purpose
    sequence = [chance.choice(REQUESTS) for _ in range(chance.randrange(1, 12))]
    sent = b"".join([*sequence, chance.choice(LAST)])
    expected = 99 if sent != b"".join(sequence) else len(sequence)

    def result(server: Server, pieces: Sequence[bytes]) -> tuple[Any, ...]:
        server.client.post(f"{server.url}/__admin/reset", json={"parts": ["payments", "requests"]})
        heard = hear(server.address, *pieces, expected=expected)
        return heard.statuses, heard.is_closed, left_behind(server)

    with ThreadPoolExecutor(len(servers)) as at_once:
        results = list(at_once.map(result, servers.values(), [cut(sent, chance) for _ in servers]))
    for way, found in zip(servers, results, strict=True):
        assert found == results[0], (way, seed)


@pytest.mark.parametrize("seed", [*range(10), 118])
def test_cuts_parsers_and_ways_change_nothing(servers: dict[tuple[str, str], Server], seed: int) -> None:
    play(servers, seed)


@pytest.mark.slow
def test_a_thousand_requests_under_random_cuts(servers: dict[tuple[str, str], Server]) -> None:
    for seed in range(100, 250):
        play(servers, seed)
