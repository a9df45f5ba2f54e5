"""One run over one service: what it is made of, and the one thing that all its parts do, to send and to judge."""

from __future__ import annotations

from typing import TYPE_CHECKING

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.engine.pace import Pace
from trackfox_contract.engine.recorder import Recorder
from trackfox_contract.judgement.judge import Judge, Judgement
from trackfox_contract.wire.client import Client, RoundTrip, connect
from trackfox_contract.wire.guarded import GuardedTransport
from trackfox_contract.wire.safety import SafetyGuard, UnsafeCallError
from trackfox_contract.wire.tripwire import Tripwire

if TYPE_CHECKING:
    from trackfox_contract.engine.settings import Settings
    from trackfox_contract.judgement.evidence import Evidence
    from trackfox_contract.request.call import Call
    from trackfox_contract.wire.transport import Transport


class Check:
    """One run. `table.send_table`, `generation.explore` and `minimize.walk` are the ways in which it asks.

    Args:
        settings: what is checked and how far.

    Attributes:
        settings: the same.
        builders: what builds requests, one for each website; the first website that has a session comes first.
        guarded: in safe mode the transport, which asks before it sends; None with writes.
        client: what sends them.
        judge: what says whether an answer is legal.
        recorder: what keeps the evidence.
        pace: what there is time for.
        broken_from_the_start: whether valid calls failed before any error was provoked.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.builders = _builders(settings)
        self.guarded = None if settings.allow_writes else _guarded(settings, self.builders)
        self.client = Client(self.guarded or _transport(settings), settings.document.method)
        self.judge = Judge(settings.known)
        self.recorder = Recorder(settings)
        self.pace = Pace(settings, self.client)
        self.broken_from_the_start = False
        self._success_is_told = False

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
        try:
            if self.guarded is not None:
                self.guarded.check(call)
        except UnsafeCallError:
            return False
        return True

    @property
    def is_stopped(self) -> bool:
        """Whether a call in safe mode was answered with success, so that nothing is sent that could be, too."""
        return self.guarded is not None and self.guarded.tripwire.success is not None

    @property
    def warning(self) -> str:
        """What was recorded where nothing should be, and how to find it; empty when there is nothing to say."""
        return self.recorder.redactor.text(self.guarded.tripwire.warning) if self.guarded is not None else ""

    def tell_success(self) -> None:
        """Keeps the one success in safe mode as a finding, unless whoever sent it has."""
        if self.guarded is None or self.guarded.tripwire.success is None or self._success_is_told:
            return
        self._success_is_told = True
        call, reply = self.guarded.tripwire.success
        if not self.recorder.has_told(call):
            clause_id = self.judge.expect(call).clauses[0]
            self.recorder.report(self.judge.judge(RoundTrip(call, reply), clause_id), "a call of safe mode")

    def take(self) -> Evidence:
        """The evidence since the last time, with the client's counts."""
        self.tell_success()
        taken = self.recorder.take()
        taken.statuses = +self.client.statuses_by_name()
        taken.payments, taken.sent = self.client.payments, self.client.sent
        taken.waits = self.client.waits
        taken.notes += [self.warning] if self.is_stopped else []
        self.client.forget_counts()
        return taken


def _builders(settings: Settings) -> list[RequestBuilder]:
    website = next((one for one in settings.websites if one.sessions), settings.websites[0])
    session = website.sessions[0] if settings.allow_writes and website.sessions else None
    first = RequestBuilder(settings.known, website, session, f"{settings.seed}")
    others = (other for other in settings.websites if other is not website)
    return [first, *(first.at(other, other.sessions[0] if other.sessions else None) for other in others)]


def _transport(settings: Settings) -> Transport:
    return connect(settings.target, settings.timeout)


def _guarded(settings: Settings, builders: list[RequestBuilder]) -> GuardedTransport:
    document = settings.document
    others = set(document.fields) - {"session_id", "visitor_id"}
    guard = SafetyGuard(settings.websites, [builder.call() for builder in builders], others)
    tripwire = Tripwire(document.method, document.message, [website.api_token for website in settings.websites])
    return GuardedTransport(_transport(settings), guard, tripwire)
