"""What a proxy adds to a call: each call once direct and once through it, in turn, over loopback."""

from __future__ import annotations

import http.client
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import closing

from benchmarks.baseline import PATH
from benchmarks.harness import Effort, Finding, Sample
from benchmarks.servers import BEARER, BODY, MOCK, CannotMeasureError, serving
from trackfox_mock.assets import fixtures_path

_CALLS = 400
_HEADERS = {"Authorization": BEARER, "Content-Type": "application/json"}


def measure(effort: Effort) -> Iterator[Finding]:
    """`trackfox-mock proxy` before `trackfox-mock serve`, one call after the other on kept connections."""
    with serving(MOCK) as service:
        origin = f"http://127.0.0.1:{service.port}"
        fixtures = ("--fixtures", str(fixtures_path()))
        proxy = (sys.executable, "-m", "trackfox_mock", "proxy", origin, "--port", "{port}", *fixtures)
        with serving(proxy) as between, closing(_to(service.port)) as direct, closing(_to(between.port)) as through:
            rounds = [_round(direct, through, effort) for _ in range(effort.rounds + 1)][1:]
    alone, proxied = (Sample(values) for values in zip(*rounds, strict=True))
    added = Sample(tuple(more - less for less, more in zip(alone.values, proxied.values, strict=True)))
    yield Finding("proxy", "added at the median, over loopback", added, "ms", at_most=1.0)
    yield Finding("proxy", "a direct call, median", alone, "ms")
    yield Finding("proxy", "a call through the proxy, median", proxied, "ms")


def _to(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30)


def _round(
    direct: http.client.HTTPConnection, through: http.client.HTTPConnection, effort: Effort
) -> tuple[float, ...]:
    """The median of each way, in milliseconds."""
    taken: dict[http.client.HTTPConnection, list[float]] = {direct: [], through: []}
    for number in range(min(_CALLS, effort.requests)):
        for connection, times in taken.items():
            times.append(_call(connection, BODY % number))
    return tuple(statistics.median(times) for times in taken.values())


def _call(connection: http.client.HTTPConnection, body: str) -> float:
    began = time.perf_counter()
    connection.request("POST", PATH, body, _HEADERS)
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise CannotMeasureError(f"a call was answered {response.status}; the figures would mean nothing.")
    return (time.perf_counter() - began) * 1000
