"""Which gates a request passes, and in which order: the readings of the silence `order`, as data."""

from __future__ import annotations

from collections.abc import Mapping

from trackfox_mock.document.spec import Api, Operation

ORDERS: Mapping[str, tuple[str, ...]] = {
    "stepwise": ("route", "header", "body", "token", "match"),
    "body-first": ("route", "body", "header", "token", "match"),
    "token-first": ("route", "header", "website", "token", "body", "match"),
    "known-token-first": ("route", "header", "known-token", "body", "token", "match"),
    "match-first": ("route", "header", "body", "match", "token"),
}
"""By reading, the names of the gates (`decision/gates.py`)."""


def gates_of(operation: Operation, order: str, *, looks_at_head: bool = False) -> tuple[str, ...]:
    """The gates of one operation: a payment's under a reading of `order`, of any other those that it describes.

    Args:
        operation: the operation.
        order: the reading of that silence.
        looks_at_head: whether the gate `head` comes after `route`: by default nothing in a head is refused.
    """
    first, *others = _gates_of(operation, order)
    return (first, *(("head",) if looks_at_head else ()), *others)


def _gates_of(operation: Operation, order: str) -> tuple[str, ...]:
    if isinstance(operation, Api):
        return ORDERS[order] if operation.authenticated else ("route", "body", "match")
    token = ("header", "known-token") if operation.authenticated else ()
    return ("route", *token, *(("body",) if operation.schema else ()))
