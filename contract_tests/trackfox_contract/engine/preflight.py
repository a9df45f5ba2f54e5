"""Before anything is judged: is the service there, does it know the fixtures, and in which order does it look?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import product
from statistics import median
from time import perf_counter
from typing import Any

from trackfox_contract.cases.builder import ABSENT, RequestBuilder
from trackfox_contract.engine.check import Check
from trackfox_contract.oracle.expectation import Stage
from trackfox_contract.request.call import Call
from trackfox_contract.wire.client import RoundTrip
from trackfox_contract.wire.safety import UnsafeCallError
from trackfox_contract.wire.transport import NoResponse

_UNKNOWN_TO_IT = frozenset({301, 302, 303, 307, 308, 401, 403, 404, 405, 502, 503, 504})
_MOST_SESSIONS = 8
_SLOW = 0.03
_FEWEST_TIMES = 5
_FAILURE = 500


class InconclusiveError(Exception):
    """The service could not be checked; the text says why and what to do."""


def reach(check: Check) -> None:
    """Makes sure that the service can be checked, and learns how fast it is.

    Raises:
        InconclusiveError: it is not there, or does not know the fixtures.
    """
    try:
        _knock(check)
        _open_a_second_lane(check)
        if not check.settings.allow_writes:
            _learn_order(check)
    except UnsafeCallError:
        raise InconclusiveError(
            "safe mode cannot keep clear of the sessions: an id of theirs is the website's id or token, or part of "
            "what every request holds; use --allow-writes"
        ) from None


def _knock(check: Check) -> None:
    exchanges, seconds = [], []
    for call in _knocks(check):
        exchange, took = _timed(check, call)
        seconds.append(took)
        exchanges.append(exchange)
        if isinstance(exchange.outcome, NoResponse) and exchange.outcome.kind == "refused":
            raise InconclusiveError(
                f"{check.settings.target} cannot be reached: {exchange.outcome.detail}. Is it running?"
            )
        if exchange.status == check.settings.document.success_status:
            break
    while exchange.status and min(seconds) > _SLOW and len(seconds) < _FEWEST_TIMES:
        seconds.append(_timed(check, call)[1])  # one answer may be late because a service or a machine wakes up
    check.client.latency = median(seconds)
    check.client.is_slow |= min(seconds) > _SLOW
    _understand(check, exchanges)
    _keep_failures(check, exchanges)


def _timed(check: Check, call: Call) -> tuple[RoundTrip, float]:
    """An exchange, and the seconds that it took."""
    started = perf_counter()
    return check.client.send(call), perf_counter() - started


def _keep_failures(check: Check, exchanges: list[RoundTrip]) -> None:
    """A service that could be reached after all has failed before: that is a finding, however early it was."""
    for exchange in exchanges:
        if exchange.status is None or exchange.status >= _FAILURE:
            check.recorder.report(check.judge.judge(exchange, "endpoint"), "the first calls")


def _knocks(check: Check) -> Iterator[Call]:
    """Valid calls; in safe mode they name nobody and deserve a 404."""
    for ground in check.builders:
        for session in (ground.website.sessions if ground.writes else [None])[:_MOST_SESSIONS]:
            call = ground.at(ground.website, session).call()
            yield call
            yield call
            yield call.on(fresh=True)


def _understand(check: Check, exchanges: list[RoundTrip]) -> None:
    statuses = {exchange.status for exchange in exchanges}
    if statuses == {None} and all(exchange.status is None for exchange in _others(check)):
        problem = exchanges[0].outcome
        detail = problem.detail if isinstance(problem, NoResponse) else ""
        raise InconclusiveError(
            f"it takes connections and never answers over HTTP ({detail}). Is that the right address?"
        )
    known = statuses - _UNKNOWN_TO_IT - {None}
    if known or (statuses == {404} and not check.settings.allow_writes) or None in statuses:
        return
    status = min(filter(None, statuses))
    raise InconclusiveError(f"{_WHY.get(status, _NOT_THERE)} (every valid call was answered {status}).")


_NOT_THERE = "the endpoint does not seem to be there; check the URL and that the service is up"
_WHY = {
    401: "the service does not know the token of the fixtures; check `api_token` and `website_id`",
    403: "the service, or something before it, keeps us out; check the URL and the token",
    404: "the service knows no session of the fixtures, or the URL is wrong; name a session that it has",
}


def _open_a_second_lane(check: Check) -> None:
    """The table goes over several connections; a server that serves one at a time shows itself here."""
    if check.client.transport.lanes > 1:
        exchanges = check.client.send_all([check.builder.call()] * 2, lanes=2)
        _keep_failures(check, [exchange for exchange in exchanges if exchange is not None])


def _others(check: Check) -> Iterator[RoundTrip]:
    for call in (check.builder.authorized(), check.builder.raw(b""), check.builder.raw(b"{")):
        yield check.client.send(call.on(fresh=True))


def _learn_order(check: Check) -> None:
    """Safe mode names nobody, so a 404 may hide another fault; what ever shows through is checked before the match."""
    seen = {
        stage: [_shows(check, call, stage) for call in calls if check.is_safe(call)]
        for stage, calls in _probes(check).items()
    }
    answered_first = {stage for stage in seen if stage not in ("revenue", "email") and any(seen[stage])}
    if any((*seen["revenue"], *seen["email"])):
        answered_first |= {"revenue", "email"}  # a service that lets one pass and not the other does not check it
    check.judge.answered_first = answered_first


def _shows(check: Check, call: Call, stage: Stage) -> bool:
    exchange = check.client.send(call)
    faults = check.judge.expect(call).faults
    return any(fault.stage == stage and exchange.status in fault.statuses - {404} for fault in faults)


def _probes(check: Check) -> dict[Stage, list[Call]]:
    """For each stage a few requests with one fault that it sees."""
    ground = check.builder
    tokens = {website.api_token for website in check.settings.websites} - {ground.website.api_token}
    values = _values(ground)
    wrong: dict[str, tuple[Any, ...]] = {
        "revenue": (0, -1, 1.5, -99.5),
        "email": ("", "nobody", "a@b@c", "a b@example.com"),
    }
    others = [name for name in values if name not in wrong]
    return {
        "header": [ground.authorized(), ground.authorized("Bearer"), ground.authorized("Basic YTpi")],
        "token": [ground.authorized(f"Bearer {ground.unknown(f'token{number}')}") for number in range(2)],
        "website": [ground.authorized(f"Bearer {token}") for token in sorted(tokens)],
        "ids": _changed(ground, ("session_id", "visitor_id", "website_id"), (ABSENT, None)),
        "required": _changed(ground, values, (ABSENT, None)),
        "type": _changed(ground, others, ("1", 1, True, [], {})),
        "revenue type": _changed(ground, ("revenue",), ("1", True, [], {})),
        "email type": _changed(ground, ("email",), (1, True, [], {})),
        "revenue": _changed(ground, ("revenue",), wrong["revenue"]),
        "email": _changed(ground, ("email",), wrong["email"]),
        "other": _changed(ground, others, ([], {}, True, -1, "")),
    }


def _changed(ground: RequestBuilder, names: Iterable[str], values: Iterable[Any]) -> list[Call]:
    listed = [name for name in names if name in ground.document.fields]
    return [ground.call({name: value}) for name, value in product(listed, values)]


def _values(ground: RequestBuilder) -> list[str]:
    return [name for name in ground.document.required if name not in ("session_id", "visitor_id", "website_id")]
