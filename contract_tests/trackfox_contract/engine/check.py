"""One run over one service: what it is made of, and the one thing that all its parts do, to send and to judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.engine.judge import Judge, Judgement
from trackfox_contract.engine.pace import Pace
from trackfox_contract.engine.recorder import Recorder
from trackfox_contract.wire.client import Client, connect
from trackfox_contract.wire.safety import GuardedTransport, SafetyGuard, UnsafeCallError

if TYPE_CHECKING:
    from trackfox_contract.engine.evidence import Evidence
    from trackfox_contract.engine.settings import Settings
    from trackfox_contract.request.call import Call


class Check:
    """One run. `table.send_table`, `generation.explore` and `minimize.walk` are the ways in which it asks.

    Args:
        settings: what is checked and how far.

    Attributes:
        settings: the same.
        builders: what builds requests, one for each website; the first website that has a session comes first.
        client: what sends them; in safe mode the guard stands in its transport.
        judge: what says whether an answer is legal.
        recorder: what keeps the evidence.
        pace: what there is time for.
        broken_from_the_start: whether valid calls failed before any error was provoked.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.builders = _builders(settings)
        self.client = _client(settings, self.builders)
        self.judge = Judge(settings.known)
        self.recorder = Recorder(settings)
        self.pace = Pace(settings, self.client)
        self.broken_from_the_start = False

    @property
    def builder(self) -> RequestBuilder:
        """The first builder: most requests are about its website and session."""
        return self.builders[0]

    @property
    def evidence(self) -> Evidence:
        """What was seen since the last `take`."""
        return self.recorder.evidence

    def send(self, call: Call, clause_id: str, connection: int = 0) -> Judgement:
        """Sends a call and judges the answer, without keeping anything."""
        return self.judge.judge(self.client.send(call, connection), clause_id)

    def is_safe(self, call: Call) -> bool:
        """Whether a call may be sent: any with writes, in safe mode only one that comes near no known session."""
        guard = getattr(self.client.transport, "guard", None)
        try:
            return guard is None or guard.check(call) is None
        except UnsafeCallError:
            return False

    def take(self) -> Evidence:
        """The evidence since the last time, with the client's counts."""
        taken = self.recorder.take()
        taken.statuses = +self.client.statuses_by_name()
        taken.payments, taken.sent = self.client.payments, self.client.sent
        taken.waits = self.client.waits
        self.client.forget_counts()
        return taken


def _builders(settings: Settings) -> list[RequestBuilder]:
    website = next((one for one in settings.websites if one.sessions), settings.websites[0])
    session = website.sessions[0] if settings.allow_writes and website.sessions else None
    first = RequestBuilder(settings.known, website, session, f"{settings.seed}")
    others = (other for other in settings.websites if other is not website)
    return [first, *(first.at(other, other.sessions[0] if other.sessions else None) for other in others)]


def _client(settings: Settings, builders: list[RequestBuilder]) -> Client:
    transport = connect(settings.target, settings.timeout)
    if not settings.allow_writes:
        others = set(settings.document.fields) - {"session_id", "visitor_id"}
        guard = SafetyGuard(settings.websites, [builder.call() for builder in builders], others)
        transport = GuardedTransport(transport, guard)
    return Client(transport, settings.document.method)
