"""Before anything is judged: is the service there, does it know the fixtures, and in which order does it look?"""

from __future__ import annotations

from collections.abc import Iterator
from statistics import median
from time import perf_counter
from typing import TYPE_CHECKING

from trackfox_contract.engine.approach import approach
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.order import learn_doubts, learn_order
from trackfox_contract.engine.own_values import choose_ids, choose_values
from trackfox_contract.engine.payments import watch_payments
from trackfox_contract.request.call import Call
from trackfox_contract.wire.client import RoundTrip
from trackfox_contract.wire.safety import UnsafeCallError
from trackfox_contract.wire.transport import NoResponse, Response
from trackfox_contract.wire.tripwire import StoppedError

if TYPE_CHECKING:
    from trackfox_contract.wire.transport import Outcome

_UNKNOWN_TO_IT = frozenset({301, 302, 303, 307, 308, 401, 403, 404, 405, 502, 503, 504})
_SLOW = 0.03
_FEWEST_TIMES = 5
_FAILURE = 500
_LONGEST_REASON = 600


class InconclusiveError(Exception):
    """The service could not be checked; the text says why and what to do."""


def preflight(check: Check) -> None:
    """Makes sure that the service can be checked, and learns how fast it is.

    Raises:
        InconclusiveError: it is not there, or does not know the fixtures.
    """
    if check.settings.narrowing:
        check.evidence.notes.append(check.settings.narrowing)
    try:
        _come_near(check)
        if check.settings.probe_existing:
            watch_payments(check)
        _knock(check)
        _open_a_second_connection(check)
        if check.settings.probe_existing:
            learn_doubts(check)
        elif not check.settings.allow_writes:
            learn_order(check)
    except StoppedError:
        return  # a call was answered with success that should not be: it is reported, and little can be sent now
    except InconclusiveError as problem:
        raise InconclusiveError(check.recorder.redactor.shown(str(problem), _LONGEST_REASON)) from None
    except UnsafeCallError:
        raise InconclusiveError(
            "safe mode cannot keep clear of the sessions: an id of theirs is the website's id or token, or part of "
            "what every request holds; use --allow-writes"
        ) from None


def _come_near(check: Check) -> None:
    """In safe mode the first calls are wrong in many ways; a service that answers all of them alike is not there."""
    if check.settings.allow_writes:
        return
    seen = approach(check)
    if isinstance(seen[0].outcome, NoResponse) and seen[0].outcome.kind == "refused":
        raise _unreachable(check, seen[0].outcome)
    statuses = {round_trip.status for round_trip in seen}
    if len(statuses) == 1 and statuses <= _UNKNOWN_TO_IT:
        raise InconclusiveError(_never_heard(seen[-1].outcome))


def _unreachable(check: Check, outcome: NoResponse) -> InconclusiveError:
    return InconclusiveError(f"{check.settings.target} cannot be reached: {outcome.detail}. Is it running?")


def _never_heard(outcome: Outcome) -> str:
    """Why it cannot be the endpoint: it gives the same answer to everything, even to no JSON without a token."""
    if not isinstance(outcome, Response):
        return _NOT_THERE
    moved = f" to {outcome.header('location')}" if outcome.status in range(300, 400) else ""
    why = _WHY_ALIKE.get(outcome.status, _NOT_THERE)
    return f"{why} (every call was answered {outcome.status}{moved}, whatever was wrong with it)."


def _knock(check: Check) -> None:
    round_trips, seconds = [], []
    for call in _knocks(check):
        round_trip, took = _timed(check, call)
        seconds.append(took)
        round_trips.append(round_trip)
        if isinstance(round_trip.outcome, NoResponse) and round_trip.outcome.kind == "refused":
            raise _unreachable(check, round_trip.outcome)
        if round_trip.status == check.settings.document.success_status:
            break
    while round_trip.status and min(seconds) > _SLOW and len(seconds) < _FEWEST_TIMES:
        seconds.append(_timed(check, call)[1])  # one answer may be late because a service or a machine wakes up
    check.client.latency = median(seconds)
    check.client.is_slow |= min(seconds) > _SLOW
    _understand(check, round_trips)
    _keep_failures(check, round_trips)
    choose_values(check, round_trips[0])
    choose_ids(check)


def _timed(check: Check, call: Call) -> tuple[RoundTrip, float]:
    """A round trip, and the seconds that it took."""
    started = perf_counter()
    return check.client.send(call), perf_counter() - started


def _keep_failures(check: Check, round_trips: list[RoundTrip]) -> None:
    """A service that could be reached after all has failed before: that is a finding, however early it was."""
    for round_trip in round_trips:
        if round_trip.status is None or round_trip.status >= _FAILURE:
            check.recorder.report(check.judge.judge(round_trip, "endpoint"), "the first calls")


def _knocks(check: Check) -> Iterator[Call]:
    """Valid calls; in safe mode they name nobody and deserve a 404."""
    for builder in check.builders:
        names_sessions = builder.writes and check.settings.allow_writes
        for session in builder.website.sessions if names_sessions else [None]:
            call = builder.at(builder.website, session).call()
            yield call
            yield call
            yield call.on(fresh=True)


def _understand(check: Check, round_trips: list[RoundTrip]) -> None:
    statuses = {round_trip.status for round_trip in round_trips}
    if statuses == {None} and all(round_trip.status is None for round_trip in _others(check)):
        problem = round_trips[0].outcome
        detail = problem.detail if isinstance(problem, NoResponse) else ""
        raise InconclusiveError(
            f"it takes connections and never answers over HTTP ({detail}). Is that the right address?"
        )
    known = statuses - _UNKNOWN_TO_IT - {None}
    if known or (statuses == {404} and not check.settings.allow_writes) or None in statuses:
        return
    status = min(filter(None, statuses))
    if status == 404 and all(one.status == 404 for one in _others(check)):
        raise InconclusiveError(_never_heard(round_trips[0].outcome))
    raise InconclusiveError(f"{_WHY.get(status, _NOT_THERE)} (every valid call was answered {status}).")


_NOT_THERE = "the endpoint does not seem to be there; check the URL and that the service is up"
_WHY = {
    401: "the service does not know the token of the fixtures; check `api_token` and `website_id`",
    403: "the service, or something before it, keeps us out; check the URL and the token",
    404: "the service knows no session of the fixtures, or the URL is wrong; name a session that it has",
}
_LOGIN = "it sends us elsewhere, as to a login or another address; check the URL"
_WHY_ALIKE = {
    **dict.fromkeys((301, 302, 303, 307, 308), _LOGIN),
    401: "the service does not know the token of the fixtures, or something before it keeps everybody out",
    403: _WHY[403],
    404: "the endpoint is not there; the URL has to be the base URL, without the path of the endpoint",
}


def _open_a_second_connection(check: Check) -> None:
    """The table goes over several connections; a server that serves one at a time shows itself here."""
    if check.client.transport.connections > 1:
        round_trips = check.client.send_all([check.free_builder.call()] * 2, connections=2)
        _keep_failures(check, [round_trip for round_trip in round_trips if round_trip is not None])


def _others(check: Check) -> Iterator[RoundTrip]:
    builder = check.free_builder
    for call in (builder.authorized(), builder.raw(b""), builder.raw(b"{")):
        yield check.client.send(call.on(fresh=True))
