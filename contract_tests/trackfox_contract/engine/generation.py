"""Generated cases: Schemathesis makes bodies from the document, Hypothesis varies what must not matter or nearly fits.

Whatever is generated is sent by our own transport and judged by the oracle, so an example may be valid, wrong or odd.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any
from unittest import SkipTest

from hypothesis import HealthCheck, Phase, Verbosity, given, seed, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from trackfox_contract.cases.builder import ABSENT, RequestBuilder
from trackfox_contract.cases.scenarios import Scenario
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.minimize import shortest_history
from trackfox_contract.judgement.judge import ANY_CLAUSE, Judgement
from trackfox_contract.oracle.document import IDENTITY, Document
from trackfox_contract.request.call import Call, encode
from trackfox_contract.wire.safety import UnsafeCallError

if TYPE_CHECKING:
    from schemathesis import Case as Generated

_WHITE = st.text(" \t\r\n", max_size=3)
_PRINTABLE = st.characters(min_codepoint=32, max_codepoint=126)
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


# What must not matter


@st.composite
def written(draw: st.DrawFn, builder: RequestBuilder) -> Call:
    """A valid call in any writing: key order, white space, escapes, pieces and chunks."""
    body = builder.body(draw(st.fixed_dictionaries({}, optional=_fitting(builder))))
    names = draw(st.permutations(list(body)))
    pairs = (
        f"{draw(_WHITE)}{draw(_text(name))}{draw(_WHITE)}:{draw(_WHITE)}{draw(_text(body[name]))}{draw(_WHITE)}"
        for name in names
    )
    text = f"{draw(_WHITE)}{{{','.join(pairs)}}}{draw(_WHITE)}"
    wire = {"pieces": draw(st.integers(1, 4)), "chunked": draw(st.booleans()), "fresh": draw(st.booleans())}
    return builder.raw(text.encode()).on(**wire)


def _fitting(builder: RequestBuilder) -> dict[str, st.SearchStrategy[Any]]:
    """Further values that are surely fine, for the fields whose meaning we know."""
    letters = st.text("abcdefghijklmnopqrstuvwxyzABCXYZ0123456789", min_size=1, max_size=12)
    address = st.builds(
        "{}{}{}@{}.example.{}".format,
        letters,
        st.sampled_from(["", "+", ".", "-", "_"]),
        letters,
        letters,
        st.sampled_from(["com", "org", "co.uk", "museum"]),
    )
    fitting = {"revenue": st.integers(1, 10**8), "email": address}
    return {
        name: values
        for name, values in fitting.items()
        if name in builder.document.fields and not builder.document.fields[name].get("enum")
    }


def _text(value: Any) -> st.SearchStrategy[str]:
    """A JSON text of a value: strings with any of their letters escaped."""
    if not isinstance(value, str):
        return st.just(json.dumps(value))

    def escaped(marks: int) -> str:
        letters = (f"\\u{ord(c):04x}" if marks >> at & 1 else json.dumps(c)[1:-1] for at, c in enumerate(value))
        return '"' + "".join(letters) + '"'

    return st.integers(0, 2 ** len(value) - 1).map(escaped)


# What nearly fits


def edited(text: str, letters: st.SearchStrategy[str] = _PRINTABLE) -> st.SearchStrategy[str]:
    """A text after one or two edits: a letter more, less, another or in another case, a part alone, a part twice."""
    place = st.integers(0, len(text))
    once = st.one_of(
        st.builds(lambda at, letter: text[:at] + letter + text[at:], place, letters),
        st.builds(lambda at, letter: text[:at] + letter + text[at + 1 :], place, letters),
        st.builds(lambda at, size: text[:at] + text[at + size :], place, st.integers(1, 4)),
        st.builds(lambda at: text[:at] + text[at : at + 1].swapcase() + text[at + 1 :], place),
        st.builds(lambda start, end: text[min(start, end) : max(start, end)], place, place),
        st.builds(lambda at, size: text[:at] + text[at : at + size] + text[at:], place, st.integers(1, 8)),
        st.sampled_from([text.upper(), text.lower(), text.title(), text[::-1], text * 2]),
    )
    return st.one_of(st.just(text), once) if not text else once


@st.composite
def bytes_edited(draw: st.DrawFn, builder: RequestBuilder) -> Call:
    """A valid body after one edit of its bytes."""
    body = encode(builder.body())
    at = draw(st.integers(0, len(body)))
    piece = draw(
        st.one_of(
            st.sampled_from([bytes([code]) for code in (*range(9, 14), *range(32, 127), 0, 0x7F, 0xFF)]), st.just(b"")
        )
    )
    size = draw(st.integers(0, 2))
    return builder.raw(body[:at] + piece + body[at + size :])


def json_values() -> st.SearchStrategy[Any]:
    """Any JSON value, small ones first."""
    leaves = st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(10**12), 10**12),
        st.floats(allow_nan=False, allow_infinity=False),
        st.text(max_size=12),
    )
    return st.recursive(
        leaves,
        lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=8), inner, max_size=3)),
        max_leaves=6,
    )


@st.composite
def one_field_changed(draw: st.DrawFn, builder: RequestBuilder) -> Call:
    """A valid body with one field changed: absent, any JSON value, or nearly what it was."""
    name = draw(st.sampled_from(sorted(builder.document.fields)))
    value = builder.body().get(name)
    near = edited(value, st.one_of(_PRINTABLE, st.characters())) if isinstance(value, str) else st.floats(-10, 10)
    return builder.call({name: draw(st.one_of(st.just(ABSENT), near, json_values()))})


@st.composite
def header_changed(draw: st.DrawFn, builder: RequestBuilder) -> Call:
    """A valid call whose `Authorization` header is nearly what it was."""
    header = f"Bearer {builder.website.api_token}"
    return builder.authorized(
        draw(st.one_of(edited(header), edited(builder.website.api_token).map(lambda token: f"Bearer {token}"))).strip()
    )


@st.composite
def ids_changed(draw: st.DrawFn, builder: RequestBuilder) -> Call:
    """A valid call with one or two ids nearly what they were, or those of other sessions."""
    pool = [session for website in builder.known.websites for session in website.sessions] if builder.writes else []
    changes: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(IDENTITY), min_size=1, max_size=2, unique=True)):
        known = [getattr(session, name) for session in pool]
        own = edited(str(builder.body()[name]), st.one_of(_PRINTABLE, st.characters()))
        changes[name] = draw(st.one_of(own, st.sampled_from(known)) if known else own)
    return builder.call(changes)


# What the document makes


def from_the_document(document: Document, builder: RequestBuilder, *, valid: bool) -> st.SearchStrategy[Call]:
    """Bodies that Schemathesis makes from the document, valid or not, with the ids and the token of the fixtures."""
    import schemathesis  # noqa: PLC0415 - its import is a good part of a quick run
    from schemathesis import GenerationMode  # noqa: PLC0415 - the same
    from schemathesis.config import SchemathesisConfig  # noqa: PLC0415 - the same

    loaded = schemathesis.openapi.from_dict(dict(document.raw), config=SchemathesisConfig())
    operation = loaded[document.schema_path][document.method]
    mode = GenerationMode.POSITIVE if valid else GenerationMode.NEGATIVE
    return operation.as_strategy(generation_mode=mode).map(lambda case: _as_call(case, builder))


def _as_call(case: Generated[Any], builder: RequestBuilder) -> Call:
    body: Any = case.body
    if isinstance(body, bytes):
        return builder.raw(body)
    if isinstance(body, Mapping):
        ids = {name: builder.body()[name] for name in IDENTITY if isinstance(body.get(name), str)}
        body = {**body, **ids}
    try:
        return builder.raw(encode(body))
    except (TypeError, ValueError):  # Schemathesis has said that there is no body at all
        return builder.raw(b"")


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
