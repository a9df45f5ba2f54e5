"""Sends what is generated, and looks for the smallest that is answered wrongly.

Whatever is generated is sent by our own transport and judged by the oracle, so an example may be valid, wrong or odd.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from unittest import SkipTest

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from trackfox_contract.cases.scenarios import Scenario
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.minimize import shortest_history
from trackfox_contract.judgement.judge import ANY_CLAUSE, Judgement
from trackfox_contract.request.call import Call
from trackfox_contract.wire.safety import UnsafeCallError

_STEPS = 15
_SHRINKING = 1.0  # seconds more for making a failing request smaller


class _BrokenError(Exception):
    """An answer was wrong: Hypothesis is to look for a smaller request."""


def explore(check: Check, calls: st.SearchStrategy[Call], title: str, until: float) -> None:
    """Sends generated calls; the first wrong answer is shrunk to the smallest call that shows it.

    Args:
        check: the run.
        calls: what may be sent; each is judged by the oracle.
        title: what is generated, for the report.
        until: when to stop, by the monotonic clock.
    """
    if check.is_stopped:
        return
    broken: list[Judgement] = []

    def is_wrong(call: Call) -> bool:
        try:
            judgement = check.send(call, ANY_CLAUSE)
        except UnsafeCallError:
            return False
        check.recorder.count(judgement, judgement.expectation.clauses[0])
        if judgement.breaches:
            broken.append(judgement)
        return bool(judgement.breaches)

    if not shrink(calls, is_wrong, check.settings.seed, check.settings.budget.examples, until):
        check.evidence.cut_short(title)
    if broken:
        check.recorder.report(min(broken, key=lambda judgement: len(judgement.round_trip.call.body)), title)


def shrink(
    calls: st.SearchStrategy[Call], shows: Callable[[Call], bool], chance: int, examples: int, until: float
) -> bool:
    """Asks about generated calls until one shows what is looked for, and then about smaller and smaller ones.

    Args:
        calls: what is generated.
        shows: whether a call shows it; whoever asks keeps those that do.
        chance: the same number generates the same calls.
        examples: how many are generated.
        until: when to stop, by the monotonic clock.

    Returns:
        whether it came to its end before that.
    """
    shown: list[Call] = []

    @seed(chance)
    @settings(_quiet(), max_examples=examples)
    @given(calls)
    def holds(call: Call) -> None:
        _end_after(until + (_SHRINKING if shown else 0))
        if shows(call):
            shown.append(call)
            raise _BrokenError

    return _run(holds)


def _quiet() -> settings:
    return settings(
        database=None,
        deadline=None,
        derandomize=False,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
        print_blob=False,
        report_multiple_bugs=False,
    )


def _end_after(moment: float) -> None:
    if time.monotonic() > moment:
        raise SkipTest("its time is over")  # at this one Hypothesis stops; after a return it would generate on


def _run(test: Callable[[], None]) -> bool:
    """Runs a Hypothesis test whose failures are kept elsewhere (one that fails now and then is flaky).

    Returns:
        whether it came to its end before its time was over.
    """
    try:
        test()
    except SkipTest:
        return False
    except Exception as problem:
        names = {type(inner).__name__ for inner in getattr(problem, "exceptions", (problem,))}
        if not names & {"_BrokenError", "Flaky", "FlakyFailure", "FlakyReplay", "FlakyStrategyDefinition"}:
            raise
    return True


# What one request does to the next


def walk_at_random(check: Check, scenarios: Sequence[Scenario], until: float) -> None:
    """Walks of a Hypothesis state machine: any scenario after any other, on one connection, another, or a new one."""
    broken: list[tuple[list[Scenario], Scenario, Judgement]] = []

    class Walk(RuleBasedStateMachine):
        """The model is that nothing changes: each answer is what the request deserves by itself."""

        def __init__(self) -> None:
            super().__init__()
            self.history: list[Scenario] = []

        @rule(scenario=st.sampled_from(scenarios), connection=st.integers(11, 13), fresh=st.booleans())
        def step(self, scenario: Scenario, connection: int, fresh: bool) -> None:  # noqa: FBT001 - Hypothesis passes by name
            _end_after(until + (_SHRINKING if broken else 0))
            try:
                judgement = check.send(scenario.call.on(fresh=fresh), scenario.clause_id, connection)
            except UnsafeCallError:
                return
            check.recorder.count(judgement, scenario.clause_id)
            if judgement.breaches:
                broken.append((list(self.history), scenario, judgement))
                raise _BrokenError
            self.history.append(scenario)

    limits = settings(_quiet(), max_examples=check.settings.budget.walks, stateful_step_count=_STEPS)
    walked = _run(
        lambda: run_state_machine_as_test(seed(check.settings.seed)(Walk), settings=limits, _min_steps=_STEPS)
    )
    if not walked:
        check.evidence.cut_short("a walk at random")
    if broken:
        shortest_history(check, *min(broken, key=lambda walk: len(walk[0])))
