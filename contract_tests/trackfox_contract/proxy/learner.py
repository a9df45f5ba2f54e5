"""Which readings of the silences the answers that pass can be explained by."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from trackfox_contract.cases.probes import UNSEEN
from trackfox_contract.learning.mock import Mock
from trackfox_contract.oracle.known import KnownWebsites
from trackfox_contract.oracle.oracle import expect
from trackfox_contract.proxy.verdict import response_of
from trackfox_contract.request.call import Call
from trackfox_contract.wire.answers import View, shape, status, success_extra
from trackfox_mock import SILENCES, Api, Readings, Reply, Request

_VIEWS: Mapping[str, View] = {"error-body": shape, "success-extra": success_extra}
_UNSEEN = frozenset(
    {*UNSEEN, "transport", "rate-limit"}
)  # a proxy's connections are its own, and its pace its clients'

Learnt = Callable[[str, str, str], None]
"""Is told of a silence, the reading that is left of it, and the evidence."""


class Learner:
    """Narrows down the readings of each silence, with every answer that the readings explain differently.

    Args:
        api: the document.
        known: the websites that the service is known to have.
        readings: what is read so far.
        on_learnt: is told when one reading is left.
        tell: is told of a contradiction, in a sentence.
    """

    def __init__(
        self, api: Api, known: KnownWebsites, readings: Readings, on_learnt: Learnt, tell: Callable[[str], None]
    ) -> None:
        self._mock = Mock(api, known.websites)
        self._known, self._readings = known, readings
        self._on_learnt, self._tell = on_learnt, tell
        self._left = {silence: set(SILENCES[silence].values) for silence in SILENCES if silence not in _UNSEEN}
        self._contradicted: set[str] = set()
        self.evidence: dict[str, str] = {}

    @property
    def learnt(self) -> dict[str, str]:
        """The silences of which one reading is left, with it."""
        return {silence: next(iter(left)) for silence, left in self._left.items() if self._is_learnt(silence)}

    def _is_learnt(self, silence: str) -> bool:
        return silence in self.evidence and len(self._left[silence]) == 1

    def __call__(self, request: Request, call: Call, reply: Reply) -> None:
        """Look at one answer."""
        expectation = expect(self._known, call)
        ordinary = not expectation.faults and not expectation.also and not expectation.undecided
        for silence in ["success-extra"] if ordinary else self._left:
            self._look(silence, request, call, reply)

    def _look(self, silence: str, request: Request, call: Call, reply: Reply) -> None:
        view = _VIEWS.get(silence, status)
        came = view(response_of(reply))
        views = {
            value: view(self._mock.answer(self._readings.with_values({silence: value}), call))
            for value in SILENCES[silence].values
        }
        fitting = {value for value, seen in views.items() if seen == came}
        if len(set(views.values())) == 1 or not fitting:
            return  # this request does not show it, or nothing that is legal explains the answer
        left = self._left[silence] & fitting
        if not left:
            self._contradiction(silence, came, fitting)
        elif left != self._left[silence]:
            self._left[silence] = left
            self.evidence[silence] = f"{came} to {request.method} {request.path}"
            if len(left) == 1:
                self._on_learnt(silence, next(iter(left)), self.evidence[silence])

    def _contradiction(self, silence: str, came: str, fitting: set[str]) -> None:
        if silence not in self._contradicted:
            self._contradicted.add(silence)
            before = " or ".join(sorted(self._left[silence]))
            self._tell(
                f"{silence} was seen as {before} before ({self.evidence[silence]}), and now as "
                f"{' or '.join(sorted(fitting))} ({came}): the first one stays"
            )
