"""One run: sends calls, has each answer judged by the oracle, and keeps the evidence."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain

from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.cases.table import Case
from trackfox_contract.engine.evidence import Evidence, Finding
from trackfox_contract.engine.judge import Breach, judge
from trackfox_contract.engine.settings import Settings
from trackfox_contract.oracle.expectation import Expectation, Stage
from trackfox_contract.oracle.oracle import expect
from trackfox_contract.request.call import Call
from trackfox_contract.request.redaction import Redactor
from trackfox_contract.wire.client import Client, RoundTrip, connect
from trackfox_contract.wire.safety import GuardedTransport, SafetyGuard, UnsafeCallError
from trackfox_contract.wire.transport import NoResponse, Response

_FEWEST_ROWS, _TABLES, _PATIENCE = 25, 20, 4
_LANES = 8
_REPEATS = 2
ANY_CLAUSE = "error.status"
"""Cases that are about this clause alone: a wrong answer below 500 breaks the clause that the oracle names."""

NEEDS_WRITES = "it names an existing session; needs --allow-writes"
_LOOKS_UP_FIRST = "the service looks for a match before it checks this; needs --allow-writes"


@dataclass(frozen=True, slots=True)
class Judgement:
    """One exchange and what was found about it."""

    exchange: RoundTrip
    expectation: Expectation
    breaches: Sequence[Breach]


class Check:
    """Everything that a test needs to check one service.

    Args:
        settings: what is checked and how far.

    Attributes:
        evidence: what was seen since the last `take`.
        broken_from_the_start: whether valid calls failed before any error was provoked.
        answered_first: the stages that this service is known to check before it looks for a match (safe mode).
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        transport = connect(settings.target, settings.timeout)
        if not settings.allow_writes:
            transport = GuardedTransport(transport, self._guard())
        self.client = Client(transport, settings.document.method)
        self.redactor = Redactor(settings.websites)
        self.evidence = Evidence()
        self.broken_from_the_start = False
        self.answered_first: set[Stage] = set()
        self._started = time.monotonic()
        self._sent = 0

    def _guard(self) -> SafetyGuard:
        others = set(self.settings.document.fields) - {"session_id", "visitor_id"}
        return SafetyGuard(self.settings.websites, [ground.call() for ground in self.grounds()], others)

    # The ground

    @property
    def ground(self) -> RequestBuilder:
        """The first website that has a session, and its first session."""
        website = next((one for one in self.settings.websites if one.sessions), self.settings.websites[0])
        session = website.sessions[0] if self.settings.allow_writes and website.sessions else None
        return RequestBuilder(self.settings.facts, website, session, f"{self.settings.seed}")

    def grounds(self) -> list[RequestBuilder]:
        """A ground for each website."""
        first = self.ground
        return [
            first,
            *(
                first.at(w, w.sessions[0] if w.sessions else None)
                for w in self.settings.websites
                if w is not first.website
            ),
        ]

    def random(self, purpose: str) -> random.Random:
        """A source of chance that is the same for the same seed and purpose."""
        return random.Random(f"{self.settings.seed}/{purpose}")  # noqa: S311 - not for secrets

    # Sending and judging

    def expect(self, call: Call) -> Expectation:
        """What is legal, with what is known of this service's order in safe mode."""
        return expect(self.settings.facts, call, self.answered_first)

    def send(self, call: Call, clause_id: str, lane: int = 0) -> Judgement:
        """Sends a call and judges the answer, without keeping anything."""
        return self.weigh(self.client.send(call, lane), clause_id)

    def weigh(self, exchange: RoundTrip, clause_id: str) -> Judgement:
        """Judges an exchange that was had."""
        expectation = self.expect(exchange.call)
        about = expectation.clauses[0] if clause_id == ANY_CLAUSE and (exchange.status or 500) < 500 else clause_id
        return Judgement(exchange, expectation, judge(self.settings.document, expectation, exchange, about))

    def table(self, *cases: Iterable[Case]) -> None:
        """Sends rows of the table: none depends on another, so some are under way at once, more to a slow service."""
        rows = [case for case in chain(*cases) if self._may_send(case)]
        rows = self._affordable(rows)
        lanes = _LANES if self.client.is_slow else self.client.transport.lanes
        for row, exchange in zip(rows, self.client.send_all([row.call for row in rows], lanes), strict=True):
            if exchange is None:
                self.evidence.leave_out(row.clause_id, "the service hung too often")
            else:
                self._keep(row, exchange)

    def _affordable(self, rows: list[Case]) -> list[Case]:
        """All rows, or for a slow service the first ones and a sample of the others."""
        rate = (self._sent + self.client.sent) / max(time.monotonic() - self._started, 0.001)
        most = max(_FEWEST_ROWS, int(rate * self.settings.budget.seconds * _PATIENCE / _TABLES))
        if not self.client.is_slow or len(rows) <= most:
            return rows
        first, rest = rows[: most // 2], rows[most // 2 :]
        kept = set(self.random("sample").sample(range(len(rest)), most - len(first)))
        for index, row in enumerate(rest):
            if index not in kept:
                self.evidence.leave_out(row.clause_id, "the service is too slow for all of them")
        return first + [row for index, row in enumerate(rest) if index in kept]

    def _may_send(self, case: Case) -> bool:
        if self.is_safe(case.call):
            return True
        self.evidence.leave_out(case.clause_id, NEEDS_WRITES)
        return False

    def is_safe(self, call: Call) -> bool:
        """Whether a call may be sent: any with writes, in safe mode only one that comes near no known session."""
        guard = getattr(self.client.transport, "guard", None)
        try:
            return guard is None or guard.check(call) is None
        except UnsafeCallError:
            return False

    def _keep(self, case: Case, exchange: RoundTrip) -> None:
        verdict = self.weigh(exchange, case.clause_id)
        self.count(verdict, case.clause_id)
        if verdict.breaches:
            self.report(verdict, case.name, seen=self._again(case, verdict))

    def _again(self, case: Case, verdict: Judgement) -> str:
        """Whether it happens again on a new connection; not asked of a service that hangs."""
        if isinstance(verdict.exchange.outcome, NoResponse):
            return ""
        repeats = [self.send(case.call.on(fresh=True), case.clause_id) for _ in range(_REPEATS)]
        return f"{1 + sum(bool(again.breaches) for again in repeats)} of {1 + _REPEATS}"

    def count(self, verdict: Judgement, clause_id: str) -> None:
        """Keeps count of a verdict: whether it decided about its clause."""
        outcome = verdict.exchange.outcome
        status = verdict.exchange.status
        faults = verdict.expectation.faults
        masked = status == 404 and any(f.stage == "match" for f in faults) and any(f.stage != "match" for f in faults)
        (self.evidence.undecided if masked and not verdict.breaches else self.evidence.requests)[clause_id] += 1
        if isinstance(outcome, Response) and not verdict.breaches and status == verdict.expectation.success:
            for also in ("success.status", "success.body"):
                self.evidence.requests[also] += 1
        if isinstance(outcome, Response):
            self.evidence.requests["error.status"] += clause_id != "error.status"

    def report(
        self, verdict: Judgement, name: str, *, seen: str = "", before: Sequence[Call] = (), about: str = ""
    ) -> None:
        """Keeps the breaches of a verdict as findings; `about` names another clause than the one that was judged."""
        base = self.settings.target if isinstance(self.settings.target, str) else "$TRACKFOX_BASE_URL"
        for breach in verdict.breaches:
            self.evidence.findings.append(
                Finding(
                    clause_id=about or breach.clause_id,
                    case=self.redactor.text(name),
                    came=self.redactor.text(breach.came),
                    expected=breach.expected,
                    curl=self.redactor.curl(base, verdict.exchange.call),
                    before=tuple(self.redactor.curl(base, call) for call in before),
                    seen=seen,
                )
            )

    def take(self) -> Evidence:
        """The evidence since the last time, with the client's counts."""
        taken, self.evidence = self.evidence, Evidence()
        taken.statuses = +self.client.statuses_by_name()
        self._sent += self.client.sent
        taken.payments, taken.sent = self.client.payments, self.client.sent
        taken.waits = self.client.waits
        self.client.forget_counts()
        return taken

    # Time

    def share(self, part: float) -> float:
        """The moment at which a generated phase that may take this part of the budget has to end; all make up 1."""
        return time.monotonic() + self.settings.budget.seconds * part
