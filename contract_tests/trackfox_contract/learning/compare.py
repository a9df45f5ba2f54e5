"""One request sent to two services, over and over, and the smallest requests on which their answers differ."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from hypothesis import strategies as st

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.cases.probes import PROBES
from trackfox_contract.cases.scenarios import scenarios_of
from trackfox_contract.cases.strategies import bytes_edited, header_changed, ids_changed, one_field_changed, written
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.generation import shrink
from trackfox_contract.judgement.judge import ANY_CLAUSE, Judgement
from trackfox_contract.learning.mock import Mock
from trackfox_contract.learning.observe import observe
from trackfox_contract.request.call import Call
from trackfox_contract.wire.answers import body, carriage, status
from trackfox_contract.wire.safety import UnsafeCallError
from trackfox_contract.wire.tripwire import StoppedError
from trackfox_mock import SILENCES, Readings

_KINDS = 6  # of generated requests


@dataclass(frozen=True, slots=True)
class Difference:
    """A request that two services answer differently.

    Attributes:
        about: the silences that the two read differently, else the clauses that are at stake.
        call: the request.
        judgements: the two answers, and whether each keeps the contract.
        readings: how each of the two was seen to read the silences.
    """

    about: tuple[str, ...]
    call: Call
    judgements: tuple[Judgement, Judgement]
    readings: tuple[Readings, Readings]


def compare(
    first: Check, second: Check, mock: Mock, phase: Callable[[str, int, int], None] = lambda *_: None
) -> Iterator[Difference]:
    """Finds what two services answer differently, each difference once: first what shows the silences, then at random.

    Args:
        first: a run; its settings say how far to go.
        second: the same for the other service, with the same websites.
        mock: the mock with the same document and websites.
        phase: is told what comes next, which part it is, and of how many.

    Raises:
        InconclusiveError: one of them is not there, or does not know the fixtures.
        TooManyRequestsError: one asked us to wait for longer than anybody would.
    """
    pair = _Pair(first, second, mock)
    known = list(_known_calls(first))
    for at, (call, about) in enumerate(known):
        phase(f"requests that show a silence or a clause: {about}".rstrip(": "), at, 2 * len(known))
        for difference in pair.new(call, about):
            yield pair.keep(difference)
    settings = first.settings
    until = time.monotonic() + settings.budget.seconds
    phase("requests made by chance", len(known), 2 * len(known))
    for chance in range(settings.seed, settings.seed + len(SILENCES)):
        found = pair.search(_calls(first.builder), chance, settings.budget.examples * _KINDS, until)
        if found is None:
            return
        yield pair.keep(found)


def _known_calls(check: Check) -> Iterator[tuple[Call, str]]:
    """What shows the silences, and the call of every scenario, each with the silence or clause that it is about."""
    builders = [check.builder.of_nobody(), *([check.builder] if check.builder.writes else [])]
    for silence, probes in PROBES.items():
        for builder in builders:
            if not probes.field or probes.field in builder.document.fields:
                yield from ((probe.call, silence if probe.view is status else "") for probe in probes.ask(builder))
    for builder in check.builders:
        yield from ((scenario.call, scenario.clause_id) for scenario in scenarios_of(builder))


def _calls(builder: RequestBuilder) -> st.SearchStrategy[Call]:
    fields, headers = one_field_changed(builder), header_changed(builder)
    both = st.builds(
        lambda call, header: call.with_header("Authorization", *header.header_values("Authorization")), fields, headers
    )
    return st.one_of(written(builder), fields, headers, ids_changed(builder), bytes_edited(builder), both)


class _Pair:
    """Two services that are asked the same, and what is known of their differences."""

    def __init__(self, first: Check, second: Check, mock: Mock) -> None:
        self._checks, self._mock = (first, second), mock
        self._readings = observe(first, mock).readings, observe(second, mock).readings
        self._known: set[str] = set()

    def new(self, call: Call, hint: str = "") -> list[Difference]:
        """The differences that one call shows, and shows again, and that are not known; `hint` is its silence."""
        try:
            verdicts = self._send(call)
        except UnsafeCallError:
            return []
        abouts = [about for about in self._differences(verdicts, hint) if not self._known.issuperset(about)]
        if not abouts:
            return []
        try:
            again = self._send(call.on(fresh=True))
        except StoppedError:  # one of them has answered with success what it should refuse: once is enough
            return [Difference(about, call, verdicts, self._readings) for about in abouts]
        shown = self._differences(again, hint)
        return [Difference(about, call, again, self._readings) for about in abouts if about in shown]

    def keep(self, difference: Difference) -> Difference:
        """Makes a difference known, so that it is not found again."""
        self._known.update(difference.about)
        return difference

    def search(self, calls: st.SearchStrategy[Call], chance: int, examples: int, until: float) -> Difference | None:
        """The smallest generated call that shows a difference that is not known."""
        found: list[Difference] = []

        def differs(call: Call) -> bool:
            fresh = [one for one in self._plainest(call) if not found or one.about == found[0].about]
            found.extend(fresh[:1])
            return bool(fresh)

        shrink(calls, differs, chance, examples, until)
        return found[-1] if found else None  # each that Hypothesis finds is smaller than the one before

    def _plainest(self, call: Call) -> list[Difference]:
        """What a call shows; what it also shows with a length is no matter of its being chunked."""
        plain = call.on(chunked=False)
        if call.wire.chunked and self._differ(plain):
            return self.new(plain)
        return self.new(call)

    def _differ(self, call: Call) -> bool:
        try:
            return bool(self._differences(self._send(call), ""))
        except (StoppedError, UnsafeCallError):
            return False

    def _send(self, call: Call) -> tuple[Judgement, Judgement]:
        first, second = self._checks
        return first.send(call, ANY_CLAUSE), second.send(call, ANY_CLAUSE)

    def _differences(self, judgements: tuple[Judgement, Judgement], hint: str) -> list[tuple[str, ...]]:
        """What two answers differ in; where the status differs the body does as well, which is nothing more."""
        one, other = (judgement.round_trip.outcome for judgement in judgements)
        if status(one) != status(other):
            return [tuple(sorted(set(self._about_status(judgements, hint))))]
        shape = "success-extra" if status(one).startswith("2") else "error-body"
        found = [(shape,)] if body(one) != body(other) else []
        return [*found, *([("transport",)] if carriage(one) != carriage(other) else [])]

    def _about_status(self, judgements: tuple[Judgement, Judgement], hint: str) -> Iterable[str]:
        """The clauses that one of them breaks, else the silences that turn the mock's answer from one to the other."""
        breaches = [breach.clause_id for judgement in judgements for breach in judgement.breaches]
        if breaches:
            return breaches
        call, expectation = judgements[0].round_trip.call, judgements[0].expectation
        one, other = (status(judgement.round_trip.outcome) for judgement in judgements)
        there = self._turning(call, self._readings[0], one, other)
        back = self._turning(call, self._readings[1], other, one)
        several = {"order"} if len(expectation.faults) > 1 else set[str]()
        return there & back or there | back or ({hint} if hint else several) or expectation.clauses

    def _turning(self, call: Call, readings: Readings, came: str, other: str) -> set[str]:
        """The silences that alone, read otherwise, make the mock answer the other status."""
        if status(self._mock.answer(readings, call)) != came:
            return set()
        return {
            silence.id
            for silence in SILENCES.values()
            for value in silence.values
            for key in (silence.id, *readings.parts_of(silence.id))
            if status(self._mock.answer(readings.with_values({key: value}), call)) == other
        }
