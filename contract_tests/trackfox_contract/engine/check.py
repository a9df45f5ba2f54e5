"""One run over one service: what it is made of, and the one thing that all its parts do, to send and to judge."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.engine.pace import Pace
from trackfox_contract.engine.recorder import Recorder
from trackfox_contract.judgement.judge import Judge, Judgement
from trackfox_contract.wire.client import Client, RoundTrip, connect
from trackfox_contract.wire.guarded import GuardedTransport
from trackfox_contract.wire.probing import KindsTaken, RefusedForSure
from trackfox_contract.wire.safety import SafetyGuard, UnsafeCallError
from trackfox_contract.wire.tripwire import Tripwire, values_of

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
        guarded: without writes the transport, which asks before it sends; None with them.
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
        self._told = self._unstable = 0

    @property
    def builder(self) -> RequestBuilder:
        """The first builder: most requests are about its website and session."""
        return self.builders[0]

    @property
    def free_builder(self) -> RequestBuilder:
        """The same for requests that a right service may accept: without writes they name nobody."""
        return self.builder if self.settings.allow_writes else self.builder.of_nobody()

    @property
    def evidence(self) -> Evidence:
        """What was seen since the last `take`."""
        return self.recorder.evidence

    def send(self, call: Call, clause_id: str, connection: int = 0) -> Judgement:
        """Sends a call and judges the answer, without keeping anything."""
        return self.judge.judge(self.client.send(call, connection), clause_id)

    def is_safe(self, call: Call) -> bool:
        """Whether a call may be sent: any with writes, without them only what the guards let pass."""
        return self.why_unsafe(call) is None

    def why_unsafe(self, call: Call) -> UnsafeCallError | None:
        """Why a call may not be sent; None when it may."""
        try:
            if self.guarded is not None:
                self.guarded.check(call)
        except UnsafeCallError as problem:
            return problem
        return None

    @property
    def is_stopped(self) -> bool:
        """Whether a call in safe mode was answered with success, so that nothing is sent that could be, too."""
        return self.guarded is not None and self.guarded.tripwire.is_closed

    @property
    def warning(self) -> str:
        """What was recorded where nothing should be, and how to find it; empty when there is nothing to say."""
        return self.recorder.redactor.text(self.guarded.tripwire.warning) if self.guarded is not None else ""

    def tell_successes(self) -> None:
        """Keeps what was answered with success, where nothing should be, as findings, unless whoever sent it has."""
        untold = self.guarded.tripwire.successes[self._told :] if self.guarded is not None else []
        self._told += len(untold)
        for call, reply in untold:
            self.evidence.recorded.append(self.recorder.redactor.values(values_of(call)))
            if not self.recorder.has_told(call):
                clause_id = self.judge.expect(call).clauses[0]
                self.recorder.report(self.judge.judge(RoundTrip(call, reply), clause_id), _special(call, clause_id))

    def note_recorded(self, call: Call) -> None:
        """Notes that a call was recorded though it was refused; without writes nothing more of its kind is sent."""
        if self.guarded is not None and isinstance(self.guarded.tripwire, KindsTaken):
            self.guarded.tripwire.recorded_all_the_same(call)
            self.evidence.recorded.append(self.recorder.redactor.values(values_of(call)))

    def take(self) -> Evidence:
        """The evidence since the last time, with the client's counts."""
        self.tell_successes()
        taken = self.recorder.take()
        taken.statuses = +self.client.statuses_by_name()
        taken.payments, taken.sent = self.client.payments, self.client.sent
        taken.waits = self.client.waits
        unstable = self.client.lost.unstable
        taken.unstable, self._unstable = unstable - self._unstable, unstable
        taken.warning = self.warning
        self.client.forget_counts()
        return taken


def _special(call: Call, clause_id: str) -> str:
    """What was special about a call, in words."""
    field, values = clause_id.partition(".")[0], values_of(call)
    value = json.dumps(values.get(field), ensure_ascii=False)
    return f"{field} is {value}" if field in values else "a call that has to be refused"


def _builders(settings: Settings) -> list[RequestBuilder]:
    websites = settings.known.asked_about
    website = next((one for one in websites if one.sessions), websites[0])
    session = website.sessions[0] if settings.names_sessions and website.sessions else None
    first = RequestBuilder(settings.known, website, session, f"{settings.seed}")
    others = (other for other in websites if other is not website)
    return [first, *(first.at(other, other.sessions[0] if other.sessions else None) for other in others)]


def _transport(settings: Settings) -> Transport:
    return connect(settings.target, settings.timeout)


def _guarded(settings: Settings, builders: list[RequestBuilder]) -> GuardedTransport:
    document, tokens = settings.document, [website.api_token for website in settings.websites]
    if settings.probe_existing:
        refused = RefusedForSure(settings.known)
        kinds = KindsTaken(document.method, document.message, tokens, refused)
        return GuardedTransport(_transport(settings), refused, kinds)
    others = set(document.fields) - {"session_id", "visitor_id"}
    guard = SafetyGuard(settings.websites, [builder.call() for builder in builders], others)
    tripwire = Tripwire(document.method, document.message, tokens)
    return GuardedTransport(_transport(settings), guard, tripwire)
