"""Which reading a service takes of each silence, learnt by a few requests each.

A reading is learnt where the mock under it answers those requests as the service did, and under no other reading. What
is learnt of one silence is part of the mock that is asked about the next.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.cases.probes import PROBES, UNSEEN, Probe, Probes
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.preflight import preflight
from trackfox_contract.judgement.judge import ANY_CLAUSE, Judgement
from trackfox_contract.learning.mock import Mock
from trackfox_contract.wire.answers import pattern, status
from trackfox_contract.wire.safety import UnsafeCallError
from trackfox_contract.wire.tripwire import STOPPED, StoppedError
from trackfox_mock import SILENCES, Readings, silence_of

UNLIKE = "no reading answers as it does"
_LONGEST_REASON = 1000
_NEEDS_WRITES = "needs --allow-writes"
_NEEDS_SUCCESS = f"only a success shows it; {_NEEDS_WRITES}"
_HIDDEN = f"the service looks for a match before it looks at this; {_NEEDS_WRITES}"
_UNSAFE = f"a request would come near an existing session; {_NEEDS_WRITES}"


@dataclass(frozen=True, slots=True)
class Observation:
    """What was seen of one silence.

    Attributes:
        silence: its id, or the name of a part of it, as `email-edge.quoted`.
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
        return Readings().with_values(_learnt(self.observations), "observed")

    @property
    def unlike(self) -> list[str]:
        """The silences, and parts of them, in which no reading of the mock is what the service does."""
        return [seen.silence for seen in self.observations if seen.why.startswith(UNLIKE)]

    def yaml(self, about: str) -> str:
        """A readings file, for `trackfox-mock serve --readings`; `about` is its first line."""
        lines = [f"# {about}", "readings:"]
        for seen in self.observations:
            if seen.value:
                lines.append(
                    f"  {seen.silence}: {{value: {json.dumps(seen.value, ensure_ascii=False)}, provenance: observed}}"
                )
            else:
                assumed = self.readings[seen.silence]
                lines.append(f"  # {seen.silence}: {assumed} is assumed: {seen.why}")
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
    readings = Readings()
    seen = {silence: [Observation(silence, why=why)] for silence, why in UNSEEN.items()}
    for at, silence in enumerate(PROBES):
        phase(f"{silence}: {SILENCES[silence].question}", at, len(PROBES))
        seen[silence] = _look(check, mock, readings, silence)
        readings = readings.with_values(_learnt(seen[silence]), "observed")
    seen["rate-limit"] = [_rate_limit(check)]
    check.tell_successes()
    return Observed([observation for silence in SILENCES for observation in seen[silence]])


def _learnt(observations: Iterable[Observation]) -> dict[str, str]:
    return {seen.silence: seen.value for seen in observations if seen.value}


def _look(check: Check, mock: Mock, readings: Readings, silence: str) -> list[Observation]:
    """Asks with ids of nobody, and with those of a session where that says nothing and writes are allowed."""
    observations = _ask(check, mock, readings, silence, check.builder.of_nobody())
    if observations[0].is_open and check.builder.writes:
        return _ask(check, mock, readings, silence, check.builder)
    return observations


def _ask(check: Check, mock: Mock, readings: Readings, silence: str, builder: RequestBuilder) -> list[Observation]:
    probes = PROBES[silence]
    if probes.field and probes.field not in builder.document.fields:
        return [Observation(silence, why=f"the document has no field {probes.field}")]
    asked: list[tuple[Probe, Judgement]] = []
    try:
        why = _unseen_from(check, probes, builder)
        if why:
            return [Observation(silence, why=why, is_open=True)]
        asked.extend((probe, check.send(probe.call, ANY_CLAUSE)) for probe in probes.ask(builder))
    except StoppedError:
        return [Observation(silence, why=STOPPED)]
    except UnsafeCallError:
        return [Observation(silence, why=_UNSAFE, is_open=True)]
    broken = [(probe, judgement) for probe, judgement in asked if judgement.breaches]
    if broken:
        for probe, judgement in broken:
            check.recorder.report(judgement, probe.name)
        return [Observation(silence, why="the service breaks the contract here")]
    return [_shown(check, observation) for observation in _learn(mock, readings, silence, asked)]


def _shown(check: Check, observation: Observation) -> Observation:
    """The observation without a secret; a body with one in its names is not written down."""
    shown = check.recorder.redactor.shown
    if shown(observation.value, _LONGEST_REASON) != observation.value:
        return Observation(observation.silence, why="the body of its errors holds a secret, or is long")
    return replace(observation, why=shown(observation.why, _LONGEST_REASON))


def _unseen_from(check: Check, probes: Probes, builder: RequestBuilder) -> str:
    if builder.writes:
        return ""
    if probes.needs_success:
        return _NEEDS_SUCCESS
    hidden = probes.witness and status(check.client.send(probes.witness(builder)).outcome) == "404"
    return _HIDDEN if hidden else ""


_Asked = Sequence[tuple[Probe, Judgement]]


def _learn(mock: Mock, readings: Readings, silence: str, asked: _Asked) -> list[Observation]:
    """The reading under which the mock answers all that was asked as the service did, else one for each part of it."""
    telling = [(probe, judgement) for probe, judgement in asked if _is_comparable(mock, readings, probe, judgement)]
    fitting = _fitting(mock, readings, silence, telling)
    if len(fitting) == 1:
        return [Observation(silence, fitting[0])]
    if fitting:
        return [Observation(silence, why=f"{' and '.join(fitting)} answer alike here", is_open=True)]
    return _by_part(mock, readings, silence, telling) or [Observation(silence, why=_unlike(telling))]


def _is_comparable(mock: Mock, readings: Readings, probe: Probe, judgement: Judgement) -> bool:
    """How something is answered is no matter where something else is answered."""
    came = judgement.round_trip.outcome
    return probe.is_about_status or status(came) == status(mock.answer(readings, probe.call))


def _fitting(mock: Mock, readings: Readings, key: str, asked: _Asked) -> list[str]:
    """The values under which the mock answers as the service did; where none does, what came, if it may be one."""
    silence = SILENCES[silence_of(key)]
    came = dict.fromkeys(pattern(judgement.round_trip.outcome) for _, judgement in asked) if silence.also else {}

    def fits(value: str) -> bool:
        taken = readings.with_values({key: value})
        return all(
            probe.view(judgement.round_trip.outcome) == probe.view(mock.answer(taken, probe.call))
            for probe, judgement in asked
        )

    return [value for value in silence.values if fits(value)] or [value for value in came if value and fits(value)]


def _by_part(mock: Mock, readings: Readings, silence: str, asked: _Asked) -> list[Observation]:
    """The value that fits most parts, and the parts that it does not fit; nothing where it fits none."""
    parts: dict[str, list[tuple[Probe, Judgement]]] = {}
    for probe, judgement in asked:
        parts.setdefault(probe.part, []).append((probe, judgement))
    fitting = {part: _fitting(mock, readings, silence, some) for part, some in parts.items()}
    values = Counter(value for some in fitting.values() for value in some if value in fitting.get("", [value]))
    if not values:
        return []
    ((value, _),) = values.most_common(1)
    others = [part for part in parts if value not in fitting[part]]
    return [Observation(silence, value), *(_part(silence, part, fitting[part], parts[part]) for part in others)]


def _part(silence: str, part: str, fitting: Sequence[str], asked: _Asked) -> Observation:
    value = fitting[0] if len(fitting) == 1 else ""
    why = f"{' and '.join(fitting)} answer alike here" if fitting else _unlike(asked)
    return Observation(f"{silence}.{part}", value, "" if value else why)


def _unlike(asked: _Asked) -> str:
    return f"{UNLIKE}: {_told(asked)}"


def _told(asked: _Asked) -> str:
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
