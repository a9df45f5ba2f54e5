"""Resident memory: after the start, after many requests, for each payment; and what large stores cost."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks.harness import Effort, Finding, interleaved, single
from benchmarks.servers import BODY, MOCK, TOKEN, Served, load, serving

_STOCKED = (sys.executable, "-m", "benchmarks.stocked")
_QUIET = (*MOCK, "--log-format", "none")


def measure(effort: Effort) -> Iterator[Finding]:
    """Every figure is of a process of its own."""
    with serving(MOCK) as served:
        yield Finding("memory", "resident after the start", single(served.resident), "MB", at_most=60)
    yield from _growth(effort)
    yield from _stock(effort)
    yield from _seeds(effort)


def _growth(effort: Effort) -> Iterator[Finding]:
    cases: dict[str, tuple[Sequence[str], str]] = {
        "refused": (_QUIET, BODY.replace("9900", "0")),
        "accepted, --payments-limit 1000": ((*_QUIET, "--payments-limit", "1000"), BODY),
    }
    for name, (command, body) in cases.items():
        with serving(command) as served:
            _send(served, effort.requests // 100, body)
            level = served.resident
            sent = _send(served, effort.requests, body)
            grown = single(served.resident - level)
        yield Finding("memory", f"growth after {sent:,} {name}", grown, "MB", at_most=5)


def _send(served: Served, requests: int, body: str) -> int:
    sent = 0
    while sent < requests:
        sent += load(served, 1 if requests < 20_000 else 10, body=body).requests
    return sent


def _stock(effort: Effort) -> Iterator[Finding]:
    """The same server with many payments and with none: bytes a payment, and whether it has become slower."""
    with ExitStack() as running:
        empty = running.enter_context(serving(_STOCKED))
        full = running.enter_context(serving(_STOCKED, {"PAYMENTS": str(effort.scale)}))
        each = single((full.resident - empty.resident) * 1e6 / effort.scale)
        yield Finding("memory", f"a payment, of {effort.scale:,}", each, "bytes", at_most=400)

        def rate(served: Served) -> Callable[[], float]:
            return lambda: load(served, effort.seconds / 2).rate

        # The machine's own ups and downs are larger than what is looked for: many rounds, and short.
        rates = interleaved({"empty": rate(empty), "full": rate(full)}, effort.rounds * 4)
    what = f"valid, with {effort.scale:,} payments over an empty server"
    yield Finding("throughput", what, rates["full"].over(rates["empty"]), at_least=0.95)


def _seeds(effort: Effort) -> Iterator[Finding]:
    """Many seeded sessions: how long they take to load, and whether the lookup has become slower."""
    body = BODY.replace("ses_lumen_grace", "ses_%d").replace("vis_grace_0d15", "vis_%d")
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        servers = {}
        for sessions in (20_001, max(20_001, effort.scale)):
            file = Path(folder) / f"{sessions}.json"
            write_seeds(file, sessions)
            servers[sessions] = running.enter_context(serving((*_QUIET, "--fixtures", str(file))))
        few, many = servers.values()
        what = f"serve with {max(servers):,} seeded sessions, spawn to first answer"
        yield Finding("start", what, single(many.started_in), "s", at_most=15)
        yield Finding(
            "memory", f"a seeded session, of {max(servers):,}", single(many.resident * 1e6 / max(servers)), "bytes"
        )

        def cost(served: Served) -> Callable[[], float]:
            return lambda: load(served, effort.seconds, body=body).rate

        rates = interleaved({"few": cost(few), "many": cost(many)}, effort.rounds)
    yield Finding(
        "throughput", f"valid, with {max(servers):,} seeded sessions over 20,001", rates["many"].over(rates["few"])
    )


def write_seeds(file: Path, sessions: int) -> None:
    """Write a fixture file with one website of so many sessions."""
    attribution = {"source": "google", "medium": "cpc", "campaign": "autumn", "landing_page": "/lamps"}
    with file.open("w", encoding="utf-8") as out:
        out.write(f'{{"websites": [{{"website_id": "web_lumen_lamps", "api_token": "{TOKEN}", "sessions": [\n')
        for number in range(sessions):
            session = {
                "session_id": f"ses_{number}",
                "visitor_id": f"vis_{number}",
                "occurred_at": f"2026-11-03T18:{number % 60:02}:11Z",
                "attribution": attribution,
            }
            out.write(("," if number else "") + json.dumps(session) + "\n")
        out.write("]}]}")
