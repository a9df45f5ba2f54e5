"""Safe mode's second guard: at the first answer of success, nothing more is sent that could be answered so again.

Ids of nobody are refused only where they are looked up. A service that does not look pays for the first call that
nothing else speaks against. That is one payment, and there must not be a second one.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from trackfox_contract.wire.safety import UnsafeCallError
from trackfox_contract.wire.transport import Response

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackfox_contract.request.call import Call
    from trackfox_contract.wire.transport import Outcome

_LONG = 200
STOPPED = "a call in safe mode was answered with success, and nothing is sent any more that could be, too"


class StoppedError(UnsafeCallError):
    """Something was answered with success before, and this call could be, too."""


class Tripwire:
    """Watches for the first answer of success, and says what may be sent after it.

    Args:
        method: the documented method; a 2xx to it is a success, to another one only with the documented message.
        message: the text that a success carries.
        tokens: the known tokens. After a success those calls may be sent that hold none of them, if one had been
            refused for that before.

    Attributes:
        successes: the calls that were answered with success, and the answers, in order.
    """

    def __init__(self, method: str, message: str, tokens: Iterable[str]) -> None:
        self._method, self._message = method, message.encode()
        self._tokens = [token.encode() for token in tokens]
        self._refused: set[int] = set()
        self._shut_out: Call | None = None
        self.successes: list[tuple[Call, Response]] = []

    @property
    def is_closed(self) -> bool:
        """Whether there was a success, so that nothing passes any more that could be another one."""
        return bool(self.successes)

    @property
    def warning(self) -> str:
        """What was answered with success, and how to find what it may have recorded; empty when nothing was."""
        if not self.successes:
            return ""
        return (
            "a call in safe mode was answered with success, which a right service refuses: if a payment was recorded, "
            f"it is one, with {named(self.successes[0][0])}; look for that to remove it. Nothing was sent any more "
            "that could have made a second one, so much is not checked; mend this first"
        )

    def demand(self, call: Call) -> None:
        """Lets a call pass, or not.

        Raises:
            StoppedError: there was a success, and this call could be another one.
        """
        if self.is_closed and not self._is_shut_out(call):
            raise StoppedError(STOPPED)

    def was_refused(self, call: Call) -> bool:
        """Whether the very same was sent and refused before, so that it need not be sent alone."""
        return not self.is_closed and self._is_known_as_refused(call)

    def _is_known_as_refused(self, call: Call) -> bool:
        return _identity(call) in self._refused

    def watch(self, call: Call, outcome: Outcome) -> None:
        """Learns from an answer."""
        if not isinstance(outcome, Response):
            return
        if self._is_success(call, outcome):
            self.successes.append((call, outcome))
            if call.header("Authorization") is None:
                self._shut_out = None
        elif 400 <= outcome.status < 500 and outcome.status != 429:
            self._refused.add(_identity(call))
            if outcome.status == 401 and not self.is_closed and self._names_no_token(call):
                self._shut_out = self._shut_out or call

    def _is_success(self, call: Call, reply: Response) -> bool:
        return 200 <= reply.status < 300 and (
            call.method == self._method or bool(self._message and self._message in reply.body)
        )

    def _is_shut_out(self, call: Call) -> bool:
        """Whether a call differs in its body alone from one that was refused for want of a token."""
        known = self._shut_out
        return known is not None and _head(call) == _head(known) and self._names_no_token(call)

    def _names_no_token(self, call: Call) -> bool:
        return call.header("Authorization") is None and not any(token in call.body for token in self._tokens)


def values_of(call: Call) -> dict[str, Any]:
    """The values by which a payment can be found: those of the body that are plain and short."""
    try:
        body = json.loads(call.body)
    except (ValueError, RecursionError):
        return {}
    if not isinstance(body, dict):
        return {}
    return {
        name: value
        for name, value in body.items()
        if isinstance(value, (str, int)) and len(str(value)) < _LONG and name.isprintable()
    }


def named(call: Call) -> str:
    """The values by which a payment can be found, in words."""
    values = values_of(call)
    if not values:
        return "no ids, since its body was none of JSON that names any"
    told = ", ".join(f"{name} {json.dumps(value)}" for name, value in values.items() if name != "revenue")
    return f"{_amount(values.get('revenue'))}{told}"


def _amount(revenue: Any) -> str:
    if revenue is None:
        return ""
    unit = " cent" if revenue in (1, "1") and revenue is not True else " cents"
    return f"{json.dumps(revenue)}{'' if isinstance(revenue, bool) else unit}, "


def _head(call: Call) -> tuple[object, ...]:
    return call.method, call.target, call.headers


def _identity(call: Call) -> int:
    return hash((*_head(call), call.body))
