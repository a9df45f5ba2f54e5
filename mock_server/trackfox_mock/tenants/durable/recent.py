"""The newest payments of a website that is in a file: as many as are remembered, to know a duplicate."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable

from trackfox_mock.model import PaymentEvent
from trackfox_mock.tenants.memory import Likeness
from trackfox_mock.tenants.store import REMEMBERED


class Recent:
    """What is remembered of the payments of one website: how many there were, and what the newest are like."""

    def __init__(self, total: int, newest: Iterable[PaymentEvent]) -> None:
        self.total = total
        self.remembered: OrderedDict[Likeness, PaymentEvent] = OrderedDict()
        for payment in newest:
            self._remember(payment)

    def add(self, payment: PaymentEvent) -> int:
        """Count a payment, and remember it; gives how many there are now."""
        self.total += 1
        self._remember(payment)
        return self.total

    def _remember(self, payment: PaymentEvent) -> None:
        self.remembered[payment.session.session_id, payment.revenue, payment.email] = payment
        if len(self.remembered) > REMEMBERED:
            self.remembered.popitem(last=False)
