"""Answers that got lost on the way, as between a proxy and its backend: which they are, and when to ask again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackfox_contract.wire.transport import NoResponse, Response

if TYPE_CHECKING:
    from collections.abc import Iterator

    from trackfox_contract.request.call import Call
    from trackfox_contract.wire.transport import Outcome

OF_A_PROXY = (502, 503, 504)
_AT_ONCE = (0.0, 0.0)
_IN_A_WHILE = (0.05, 0.2, 0.5, 1.0, 1.5)
_PATIENCE = 15.0
_FEW, _LONG_BODY = 4, 1 << 16


class LostAnswers:
    """Counts what got lost and was found again, and says when to ask again.

    Attributes:
        unstable: how many answers got lost and came when they were asked for again.
        patience: seconds that are left, in the whole run, to wait before a proxy is asked again.
    """

    def __init__(self) -> None:
        self.unstable = 0
        self.patience = _PATIENCE

    def may_be_chance(self, call: Call, outcome: Outcome, sent: int) -> bool:
        """Whether chance explains what came; a service that loses one answer in a hundred is broken.

        To a long body as many may be lost as like: many a proxy gives up on a backend that answers before it has read
        all, which is its right.

        Args:
            call: what was sent.
            outcome: what came.
            sent: how many requests were sent so far.
        """
        are_few = self.unstable < max(_FEW, sent // 100)
        return is_lost(call, outcome) and (are_few or len(call.body) > _LONG_BODY)

    def pauses(self, outcome: Outcome) -> Iterator[float]:
        """Seconds to wait before each repeat: a proxy that lost one answer loses the next few as well, for a moment."""
        for pause in _IN_A_WHILE if _is_of_a_proxy(outcome) else _AT_ONCE:
            waited = min(pause, self.patience)
            self.patience -= waited
            yield waited


def is_lost(call: Call, outcome: Outcome) -> bool:
    """Whether what came may be the work of chance: no answer, a proxy's, or one whose body is gone."""
    if isinstance(outcome, NoResponse):
        return outcome.kind == "dropped"
    return _is_of_a_proxy(outcome) or (outcome.status == 200 and not outcome.body and call.method == "POST")


def _is_of_a_proxy(outcome: Outcome) -> bool:
    return isinstance(outcome, Response) and outcome.status in OF_A_PROXY
