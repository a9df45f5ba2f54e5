"""What is to be done to a shared store in one step, whole or not at all: the words of `commit.lua`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from secrets import token_hex
from typing import NamedTuple

from trackfox_mock.model import PaymentEvent
from trackfox_mock.tenants.shared import rows
from trackfox_mock.tenants.shared.line import Word

ALL = None
"""Every one there is, where some could be named."""


class Waiting(NamedTuple):
    """A payment that has no number yet; with `once` it gets none if there is one like it."""

    payment: PaymentEvent
    once: bool


class Arrived(NamedTuple):
    """A request for the journal: its number, or 0 for the next; which payment of the transaction is its, or 0."""

    number: int
    payment: int
    row: bytes


class Transaction:
    """Everything that one turn, or one call of the control API, does."""

    def __init__(self) -> None:
        self.last_payment: list[int] = []
        self.wiped: Collection[str] | None = ()
        self.kept: dict[str, bytes] = {}
        self.changes: list[bytes] = []
        self.restored: list[PaymentEvent] = []
        self.payments: list[Waiting] = []
        self.mark = token_hex(4)
        self.dropped: Collection[int] | None = ()
        self.requests: list[Arrived] = []
        self.paying = 0
        self.counts: Counter[bytes] = Counter()

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to be done."""
        parts = (self.last_payment, self.kept, self.changes, self.payments, self.requests, self.restored, self.counts)
        return not any(parts) and self.wiped == () and self.dropped == ()

    def words(self, epoch: str, version: int, mark: str, most_payments: int, most_requests: int) -> list[Word]:
        """What `commit.lua` is given.

        Args:
            epoch: of the store, since which its data is one story.
            version: of the changes that the decision rests on.
            mark: of the last one of them.
            most_payments: that are kept of each website; 0 for all.
            most_requests: that are kept.
        """
        lists = (
            self.last_payment,
            -1 if self.wiped is ALL else [rows.key(owner) for owner in self.wiped],
            [(rows.key(name), value) for name, value in self.kept.items()],
            self.changes,
            [(*_owned(payment), payment.number, rows.payment_row(payment)) for payment in self.restored],
            [
                (*_owned(one.payment), "once" if one.once else "", rows.payment_row(one.payment))
                for one in self.payments
            ],
            -1 if self.dropped is ALL else list(self.dropped),
            self.requests,
            [(kind, more) for kind, more in self.counts.items() if more],
        )
        return [epoch, version, mark, self.mark, most_payments, most_requests, *_flat(lists)]


def _owned(payment: PaymentEvent) -> tuple[bytes, bytes]:
    return rows.key(payment.session.website_id), rows.likeness(payment)


def _flat(lists: Iterable[int | Collection[Word | tuple[Word, ...]]]) -> Iterator[Word]:
    """Every list after its length; a number stands for itself."""
    for part in lists:
        if isinstance(part, int):
            yield part
            continue
        yield len(part)
        for item in part:
            if isinstance(item, tuple):
                yield from item
            else:
                yield item
