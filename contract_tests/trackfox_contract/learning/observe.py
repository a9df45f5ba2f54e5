"""Which reading a service takes of each silence, learnt by a few requests each.

A reading is learnt where the mock under it answers those requests as the service did, and under no other reading. What
is learnt of one silence is part of the mock that is asked about the next.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.cases.probes import PROBES, UNSEEN, Probe, Probes
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.preflight import preflight
from trackfox_contract.judgement.judge import ANY_CLAUSE, Judgement
from trackfox_contract.learning.mock import Mock
from trackfox_contract.wire.answers import status
from trackfox_contract.wire.safety import UnsafeCallError
from trackfox_contract.wire.tripwire import STOPPED, StoppedError
from trackfox_mock import SILENCES, Readings

_LONGEST_REASON = 1000
_NEEDS_WRITES = "needs --allow-writes"
_NEEDS_SUCCESS = f"only a success shows it; {_NEEDS_WRITES}"
_HIDDEN = f"the service looks for a match before it looks at this; {_NEEDS_WRITES}"
_UNSAFE = f"a request would come near an existing session; {_NEEDS_WRITES}"


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one silence.

    Attributes:
        silence: its id.
        value: the reading that was learnt, or empty.
        why: why none was, or empty.
        is_open: whether requests that name a session may tell more.
    """

    silence: str
    value: str = ""
    why: str = ""
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class Observed:
    """What was seen of all silences."""

    observations: Sequence[Observation]

    @property
    def readings(self) -> Readings:
        """What was learnt, as observed; all else at its default, as assumed."""
        learnt = {seen.silence: seen.value for seen in self.observations if seen.value}
        return Readings().with_values(learnt, "observed")

    def yaml(self, about: str) -> str:
        """A readings file, for `trackfox-mock serve --readings`; `about` is its first line."""
        lines = [f"# {about}", "readings:"]
        for seen in self.observations:
            if seen.value:
                lines.append(f"  {seen.silence}: {{value: {json.dumps(seen.value)}, provenance: observed}}")
            else:
                lines.append(f"  # {seen.silence}: {SILENCES[seen.silence].default} is assumed: {seen.why}")
        return "\n".join(lines) + "\n"


def observe(check: Check, mock: Mock, phase: Callable[[str, int, int], None] = lambda *_: None) -> Observed:
    """Learns how a service reads the silences. Requests with ids of nobody come first; sessions only if need be.

    Args:
        check: the run; with writes, existing sessions are named where ids of nobody do not show a silence.
        mock: the mock with the same document and websites.
        phase: is told what comes next: the silence's question, which one it is, and of how many.

    Raises:
        InconclusiveError: the service is not there, or does not know the fixtures.
        TooManyRequestsError: it asked us to wait for longer than anybody would.
    """
    preflight(check)
    readings, seen = Readings(), {}
    for at, silence in enumerate(PROBES):
        phase(f"{silence}: {SILENCES[silence].question}", at, len(PROBES))
        seen[silence] = observation = _look(check, mock, readings, silence)
        if observation.value:
            readings = readings.with_values({silence: observation.value}, "observed")
    seen |= {silence: Observation(silence, why=why) for silence, why in UNSEEN.items()}
    seen["rate-limit"] = _rate_limit(check)
    check.tell_successes()
    return Observed([seen[silence] for silence in SILENCES])


def _look(check: Check, mock: Mock, readings: Readings, silence: str) -> Observation:
    """Asks with ids of nobody, and with those of a session where that says nothing and writes are allowed."""
    safe = check.builder.of_nobody()
    observation = _ask(check, mock, readings, silence, safe)
    if observation.is_open and check.builder.writes:
        return _ask(check, mock, readings, silence, check.builder)
    return observation


def _ask(check: Check, mock: Mock, readings: Readings, silence: str, builder: RequestBuilder) -> Observation:
    probes = PROBES[silence]
    if probes.field and probes.field not in builder.document.fields:
        return Observation(silence, why=f"the document has no field {probes.field}")
    asked: list[tuple[Probe, Judgement]] = []
    try:
        why = _unseen_from(check, probes, builder)
        if why:
            return Observation(silence, why=why, is_open=True)
        asked.extend((probe, check.send(probe.call, ANY_CLAUSE)) for probe in probes.ask(builder))
    except StoppedError:
        return Observation(silence, why=STOPPED)
    except UnsafeCallError:
        return Observation(silence, why=_UNSAFE, is_open=True)
    broken = [(probe, judgement) for probe, judgement in asked if judgement.breaches]
    if broken:
        for probe, judgement in broken:
            check.recorder.report(judgement, probe.name)
        return Observation(silence, why="the service breaks the contract here")
    observation = _learn(mock, readings, silence, asked)
    return replace(observation, why=check.recorder.redactor.shown(observation.why, _LONGEST_REASON))


def _unseen_from(check: Check, probes: Probes, builder: RequestBuilder) -> str:
    if builder.writes:
        return ""
    if probes.needs_success:
        return _NEEDS_SUCCESS
    hidden = probes.witness and status(check.client.send(probes.witness(builder)).outcome) == "404"
    return _HIDDEN if hidden else ""


def _learn(mock: Mock, readings: Readings, silence: str, asked: Sequence[tuple[Probe, Judgement]]) -> Observation:
    def fits(value: str) -> bool:
        taken = readings.with_values({silence: value})
        return all(
            probe.view(judgement.round_trip.outcome) == probe.view(mock.answer(taken, probe.call))
            for probe, judgement in asked
        )

    fitting = [value for value in SILENCES[silence].values if fits(value)]
    if len(fitting) == 1:
        return Observation(silence, fitting[0])
    if fitting:
        return Observation(silence, why=f"{' and '.join(fitting)} answer alike here", is_open=True)
    return Observation(silence, why=f"no reading answers as it does: {_told(asked)}")


def _told(asked: Sequence[tuple[Probe, Judgement]]) -> str:
    """What was answered to what, as `400 to an empty e-mail; 404 to a long one`."""
    names: dict[str, list[str]] = {}
    for probe, judgement in asked:
        names.setdefault(probe.view(judgement.round_trip.outcome), []).append(probe.name)
    return "; ".join(f"{came} to {', '.join(about)}" for came, about in names.items())


def _rate_limit(check: Check) -> Observation:
    """Told by the answers to all that was sent; a limit beyond that is not looked for."""
    limited = check.client.asked_to_wait
    if limited is None:
        return Observation("rate-limit", why=f"no 429 came in {check.client.sent} requests")
    return Observation("rate-limit", "retry-after" if limited.header("retry-after") else "bare")
