"""The check's own address and amount: where a service refuses one of them, that is said first, and others are used."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from trackfox_contract.judgement.cause import OWN_VALUE

if TYPE_CHECKING:
    from trackfox_contract.engine.check import Check
    from trackfox_contract.wire.client import RoundTrip

_OTHERS: dict[str, tuple[Any, ...]] = {
    "email": ("customer@example.com", "customer@example.org"),
    "revenue": (100, 1000, 9900),
}
_CLAUSES = {"email": "email.valid", "revenue": "revenue.positive-integer"}
_NAMES = {"email": "e-mail address", "revenue": "amount"}
_NO_MATCH = 404
_SAYS_NOTHING = (401, 403, 404, 405, 429)


def choose_values(check: Check, plain: RoundTrip) -> None:
    """Looks for values that the service takes, where it refuses a plain call by a status that tells of its body.

    Args:
        check: the run; its builders build with the other values from then on.
        plain: how the plain call was answered.
    """
    judgement = check.judge.judge(plain, "endpoint")
    if not judgement.breaches or plain.status not in set(range(400, 500)) - {*_SAYS_NOTHING}:
        return
    for values in _alternatives(check):
        call = check.free_builder.with_values(**values).call()
        if not check.send(call, "endpoint").breaches:
            for name in values:
                cause = f"{OWN_VALUE} {_NAMES[name]}, {check.builder.body()[name]}"
                check.recorder.report(judgement, "a valid call", about=_CLAUSES[name], cause=cause)
            check.builders = [builder.with_values(**values) for builder in check.builders]
            return


def choose_ids(check: Check) -> None:
    """Takes ids of nobody in the shape of the known ones, where a service refuses any other before it looks."""
    invalid = check.settings.document.invalid_status
    known = replace(check.judge.known, refuses_shapes=True)
    builders = [replace(builder, known=known) for builder in check.builders]
    usual, shaped = check.builder.of_nobody().call(), builders[0].of_nobody().call()
    if not (check.is_safe(usual) and check.is_safe(shaped)) or check.client.send(usual).status != invalid:
        return
    if check.client.send(shaped).status == _NO_MATCH:
        was, now = check.builder.unknown("session"), builders[0].unknown("session")
        check.builders, check.judge.known = builders, known
        check.evidence.notes.append(_SHAPES.format(was, invalid, now))


_SHAPES = (
    "the service refuses ids of another shape than those of the fixtures, as {} of nobody, with {}; so ids of nobody "
    "look like {}, and that answer to any other shape is no finding"
)


def _alternatives(check: Check) -> Iterator[dict[str, Any]]:
    others = {name: values for name, values in _OTHERS.items() if name in check.settings.document.fields}
    for name, values in others.items():
        yield from ({name: value} for value in values)
    if len(others) > 1:
        yield {name: values[0] for name, values in others.items()}
