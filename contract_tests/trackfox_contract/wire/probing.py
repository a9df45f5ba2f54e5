"""The guards of `--probe-existing`: existing sessions are named, in calls alone that a right service refuses.

A right service records nothing. A broken one may pay for such a call: after that no call is sent that is wrong in the
same way alone. Every success so closes a kind that was open, and there are no more of them than there are kinds.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from trackfox_contract.wire.safety import UnsafeCallError
from trackfox_contract.wire.tripwire import StoppedError, Tripwire, named

if TYPE_CHECKING:
    from collections.abc import Iterable

    from trackfox_contract.oracle.known import KnownWebsites
    from trackfox_contract.request.call import Call
    from trackfox_contract.wire.transport import Outcome

PROBING = (
    "Names existing sessions, in calls alone that a right service refuses: it records nothing. A broken one may record "
    "one payment of each kind that it takes, which the report lists; nothing more of that kind is sent then."
)
"""What `verify --probe-existing` says before it starts."""

MAY_BE_TAKEN = "a right service may accept it; needs --allow-writes"
TAKEN = "a call that is wrong in this way was answered with success, and no other one is sent"

_ANOTHER_METHOD = "another method"
_FREE_METHODS = ("HEAD", "OPTIONS")
_REMEMBERED = 64


class RefusedForSure:
    """Lets a call pass if every legal service refuses it, however it reads what the document leaves open.

    Args:
        known: the document, and the websites that the service knows.
    """

    def __init__(self, known: KnownWebsites) -> None:
        self._known = known
        # A call is asked about when it is built and when it is sent.
        self.kinds_of = lru_cache(_REMEMBERED)(self._kinds_of)

    def _kinds_of(self, call: Call) -> frozenset[str]:
        """The ways in which a call is wrong, as clauses; empty when a right service might accept it."""
        expectation = self._known.expect(call)
        if expectation.other_method:
            return frozenset() if call.method in _FREE_METHODS else frozenset({_ANOTHER_METHOD})
        if expectation.undecided and all(fault.stage != "match" for fault in expectation.faults):
            return frozenset()  # as a compressed body, which says another thing when it is undone
        return frozenset(fault.clause_id for fault in expectation.faults)

    def check(self, call: Call) -> None:
        """Lets a request pass, or refuses it.

        Raises:
            UnsafeCallError: a right service might accept it.
        """
        if not self.kinds_of(call):
            raise UnsafeCallError(MAY_BE_TAKEN)


class KindsTaken(Tripwire):
    """Watches which kinds of wrong calls are answered with success, and lets none of those pass again.

    Args:
        method: the documented method.
        message: the text that a success carries.
        tokens: the known tokens.
        guard: who knows in which ways a call is wrong.
    """

    def __init__(self, method: str, message: str, tokens: Iterable[str], guard: RefusedForSure) -> None:
        super().__init__(method, message, tokens)
        self._guard = guard
        self._taken: set[str] = set()
        self._recorded: list[Call] = []

    @property
    def is_closed(self) -> bool:
        """Never: a call that is wrong in another way may still be sent."""
        return False

    @property
    def warning(self) -> str:
        """What was answered with success, and how to find what it may have recorded; empty when nothing was."""
        calls = [*(call for call, _ in self.successes), *self._recorded]
        if not calls:
            return ""
        payments = "1 payment" if len(calls) == 1 else f"up to {len(calls)} payments"
        listed = "; ".join(f"({number}) {named(call)}" for number, call in enumerate(calls, 1))
        return f"{payments} may have been recorded that a right service refuses; to remove them, look for: {listed}"

    def recorded_all_the_same(self, call: Call) -> None:
        """Learns that a call was recorded though it was refused."""
        self._recorded.append(call)
        self._taken |= self._guard.kinds_of(call)

    def demand(self, call: Call) -> None:
        """Lets a call pass, or not.

        Raises:
            StoppedError: one that is wrong in this way was answered with success before.
        """
        if self._guard.kinds_of(call) <= self._taken:
            raise StoppedError(TAKEN)

    def was_refused(self, call: Call) -> bool:
        """Whether the very same was sent and refused before, so that it need not be sent alone."""
        return self._is_known_as_refused(call)

    def watch(self, call: Call, outcome: Outcome) -> None:
        """Learns from an answer."""
        before = len(self.successes)
        super().watch(call, outcome)
        if len(self.successes) > before:
            self._taken |= self._guard.kinds_of(call)
