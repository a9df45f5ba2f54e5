"""What a proxy adds to a call: each call once direct and once through it, in turn, over loopback."""

from __future__ import annotations

import http.client
import statistics
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing

import click

from benchmarks.baseline import PATH
from benchmarks.harness import Effort, Finding, Sample
from benchmarks.servers import BEARER, BODY, MOCK, CannotMeasureError, serving
from trackfox_mock.assets import fixtures_path

_CALLS = 400
_HEADERS = {"Authorization": BEARER, "Content-Type": "application/json"}
_DIRECT = ""
OURS = (
    sys.executable,
    "-m",
    "trackfox_mock",
    "proxy",
    "{origin}",
    "--port",
    "{port}",
    "--fixtures",
    str(fixtures_path()),
)


def measure(effort: Effort) -> Iterator[Finding]:
    """`trackfox-mock proxy` before `trackfox-mock serve`, one call after the other on kept connections."""
    samples = medians({"ours": OURS}, effort)
    yield Finding("proxy", "added at the median, over loopback", added(samples, "ours"), "ms", at_most=1.0)
    yield Finding("proxy", "a direct call, median", samples[_DIRECT], "ms")
    yield Finding("proxy", "a call through the proxy, median", samples["ours"], "ms")


def added(samples: Mapping[str, Sample], name: str) -> Sample:
    """What a proxy adds to a direct call of the same round, in milliseconds."""
    pairs = zip(samples[_DIRECT].values, samples[name].values, strict=True)
    return Sample(tuple(through - direct for direct, through in pairs))


def medians(proxies: Mapping[str, Sequence[str]], effort: Effort) -> dict[str, Sample]:
    """The median of each round in milliseconds, of direct calls too; a proxy that does not start is left out.

    Args:
        proxies: commands, in which `{origin}` and `{port}` are replaced.
        effort: how much is measured.
    """
    with ExitStack() as running:
        service = running.enter_context(serving(MOCK))
        origin = f"http://127.0.0.1:{service.port}"
        ways = {_DIRECT: running.enter_context(closing(_to(service.port)))}
        for name, command in proxies.items():
            try:
                proxy = running.enter_context(serving([word.replace("{origin}", origin) for word in command]))
            except CannotMeasureError as problem:
                click.echo(f"{name} is left out: {problem}", err=True)
            else:
                ways[name] = running.enter_context(closing(_to(proxy.port)))
        rounds = [_round(ways, effort) for _ in range(effort.rounds + 1)][1:]
    return {name: Sample(tuple(one[name] for one in rounds)) for name in ways}


def _to(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30)


def _round(ways: Mapping[str, http.client.HTTPConnection], effort: Effort) -> dict[str, float]:
    """The median of each way, in milliseconds."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for number in range(min(_CALLS, effort.requests)):
        for name, connection in ways.items():
            taken[name].append(_call(connection, BODY % number))
    return {name: statistics.median(times) for name, times in taken.items()}


def _call(connection: http.client.HTTPConnection, body: str) -> float:
    began = time.perf_counter()
    connection.request("POST", PATH, body, _HEADERS)
    response = connection.getresponse()
    response.read()
    if response.status != 200:
        raise CannotMeasureError(f"a call was answered {response.status}; the figures would mean nothing.")
    return (time.perf_counter() - began) * 1000
