"""What clients saw, and whether it could have happened one after the other: linearizability of a log of payments.

A payment appends to the log of its website; a look reads all of it. Such a history is linearizable if and only if

1. every look shows the beginning of the log as it is in the end,
2. a look shows every payment that was acknowledged before the look began,
3. a look shows no payment that was sent after the look had ended,
4. a look that began after another had ended does not show less, and
5. a payment that was sent after another was acknowledged comes after it.

Times are of one monotonic clock, in seconds. A payment without an end was never acknowledged: it may be there or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from math import inf
from typing import NamedTuple


class Paid(NamedTuple):
    """A payment, known by its revenue, which no other has; `ended` is infinite where no answer came."""

    revenue: int
    began: float
    ended: float


class Looked(NamedTuple):
    """A look at all payments, the earliest first."""

    revenues: Sequence[int]
    began: float
    ended: float


def violations(payments: Sequence[Paid], looks: Sequence[Looked], log: Sequence[int]) -> Iterator[str]:
    """What in a history cannot have happened.

    Args:
        payments: all that were sent.
        looks: all that were taken.
        log: the revenues of the payments as they are in the end.
    """
    by_revenue = {payment.revenue: payment for payment in payments}
    for look in looks:
        yield from _of_look(look, payments, by_revenue, log)
    yield from _of_order(looks, by_revenue, log)
    yield from (f"{one.revenue} was lost" for one in payments if one.ended < inf and one.revenue not in set(log))
    if len(set(log)) < len(log):
        yield "a payment is there twice"


def _of_look(look: Looked, payments: Sequence[Paid], by_revenue: dict[int, Paid], log: Sequence[int]) -> Iterator[str]:
    shown = set(look.revenues)
    if list(look.revenues) != list(log[: len(look.revenues)]):
        yield "a look does not show the beginning of the log"
    for payment in payments:
        if payment.ended < look.began and payment.revenue not in shown:
            yield f"a look does not show {payment.revenue}, which was acknowledged before"
    for revenue in shown:
        if by_revenue[revenue].began > look.ended:
            yield f"a look shows {revenue}, which was not sent yet"


def _of_order(looks: Sequence[Looked], by_revenue: dict[int, Paid], log: Sequence[int]) -> Iterator[str]:
    most = 0
    ends = sorted(looks, key=lambda look: look.ended)
    for look in sorted(looks, key=lambda look: look.began):
        while ends and ends[0].ended < look.began:
            most = max(most, len(ends.pop(0).revenues))
        if len(look.revenues) < most:
            yield "a look shows less than an earlier one"
    latest = 0.0  # the latest beginning of the payments so far
    for revenue in log:
        if by_revenue[revenue].ended < latest:
            yield f"{revenue} comes after a payment that was sent when it was acknowledged"
        latest = max(latest, by_revenue[revenue].began)
