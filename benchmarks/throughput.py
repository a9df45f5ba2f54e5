"""Requests a second on one core, as ratios to BASE and LIMIT."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

from benchmarks.harness import Effort, Finding, Sample, interleaved
from benchmarks.servers import BASE, BEARER, BODY, LIMIT, MOCK, CannotMeasureError, Load, Served, load, serving

_UNMATCHED = BODY.replace("ses_lumen_grace", "nobody's")
_FREE = BODY.replace("9900", "0")
_CASES = {
    "valid": (BODY, BEARER),
    "refused with 400": (_FREE, BEARER),
    "refused with 401": (BODY, "Bearer of-nobody"),
    "refused with 404": (_UNMATCHED, BEARER),
}
_QUIET = ", --log-format none"


def measure(effort: Effort) -> Iterator[Finding]:
    """Valid and refused requests to `serve` as it comes, beside BASE and LIMIT."""
    loads: dict[str, list[Load]] = {}
    with ExitStack() as running:
        base, limit, mock, quiet = (
            running.enter_context(serving(command)) for command in (BASE, LIMIT, MOCK, (*MOCK, "--log-format", "none"))
        )

        def contender(name: str, served: Served, body: str, authorization: str) -> Callable[[], float]:
            def run() -> float:
                seen = load(served, effort.seconds, body=body, authorization=authorization)
                _check(name, seen)
                loads.setdefault(name, []).append(seen)
                return seen.rate

            return run

        contenders = {"BASE": contender("BASE", base, *_CASES["valid"])}
        contenders["LIMIT"] = contender("LIMIT", limit, *_CASES["valid"])
        contenders |= {name: contender(name, mock, *case) for name, case in _CASES.items()}
        contenders |= {f"{name}{_QUIET}": contender(f"{name}{_QUIET}", quiet, *case) for name, case in _CASES.items()}
        rates = interleaved(contenders, effort.rounds)
    yield from _ratios(rates)
    costs = {name: Sample(tuple(seen.cost for seen in seens[1:])) for name, seens in loads.items()}
    for name in _CASES:
        # What another guest of this machine takes from it makes a rate smaller, and the processor time hardly longer.
        yield Finding("throughput", f"{name}, over BASE by processor time", costs["BASE"].over(costs[name]))
    yield Finding("throughput", "valid, over LIMIT by processor time", costs["LIMIT"].over(costs["valid"]))
    for name in rates:
        yield Finding("throughput", f"{name}: requests a second", rates[name], "/s")
        yield Finding("throughput", f"{name}: processor time a request", costs[name], "µs")


def _ratios(rates: dict[str, Sample]) -> Iterator[Finding]:
    yield Finding("throughput", "valid, over BASE", rates["valid"].over(rates["BASE"]), at_least=1.3)
    yield Finding("throughput", "valid, over LIMIT", rates["valid"].over(rates["LIMIT"]), at_least=0.7)
    for name in list(_CASES)[1:]:
        yield Finding("throughput", f"{name}, over BASE", rates[name].over(rates["BASE"]), at_least=1.1)
    for name in _CASES:
        quiet = rates[f"{name}{_QUIET}"].over(rates["BASE"])
        yield Finding("throughput", f"{name}{_QUIET}, over BASE", quiet)


def _check(name: str, seen: Load) -> None:
    """A server that answers with the wrong thing is not measured."""
    expected = seen.requests if name.startswith("refused") else 0
    if seen.broken or seen.refused != expected:
        raise CannotMeasureError(
            f"{name}: of {seen.requests} requests {seen.refused} were refused (expected {expected}) and "
            f"{seen.broken} broke; the figures would mean nothing."
        )
