"""Each request to the real service and its answer back, with what the mock would have answered beside it."""

from __future__ import annotations

from collections.abc import Callable

from trackfox_contract.oracle.known import KnownWebsites
from trackfox_contract.proxy.upstream import VIA, Upstream, UpstreamError
from trackfox_contract.proxy.verdict import Verdict, call_of, verdict
from trackfox_contract.request.call import Call
from trackfox_mock import Decision, Entry, Relayed, Reply, Request, World

SUCCESS, FAULT, PREFERENCE = "success.status", "fault", "preference"
RELAYED = "relayed"
"""The rule of an entry whose answer came from the service alone."""

_ABOUT_WHO_IS_KNOWN = ("match.", "auth.invalid", "auth.website")

Watcher = Callable[[Request, Call, Reply], None]
"""Is shown every answer of the service."""


class Relay:
    """Answers in a world's place, by asking the service.

    Args:
        world: what would have answered, and where everything is written down.
        known: the document and the websites that the oracle judges by.
        upstream: the service.
        refuses_errors: whether a request that breaks the document is refused by us, and never reaches the service.
        watchers: are shown every answer of the service.
    """

    def __init__(
        self,
        world: World,
        known: KnownWebsites,
        upstream: Upstream,
        *,
        refuses_errors: bool = False,
        watchers: tuple[Watcher, ...] = (),
    ) -> None:
        self._world = world
        self._known = known
        self._upstream = upstream
        self._refuses_errors = refuses_errors
        self._watchers = watchers
        self._told: set[tuple[int, int, str]] = set()

    async def __call__(self, request: Request, client: str) -> Entry:
        """Have a request answered and written down; see `Answering` of the mock's application."""
        hit, would = self._world.foresee(request)
        if hit is None and would.rule == PREFERENCE:
            return self._ours(request, client, would, "the preference is none that there is")
        if hit is not None and would.rule == FAULT:
            return self._world.witness(request, client, would, hit, None)
        reason = self._why_not(request, would)
        if reason:
            return self._ours(request, client, would, reason)
        try:
            reply = await self._upstream.send(_without_preferences(request))
        except UpstreamError as problem:
            return self._unanswered(request, client, would, problem)
        entry = self._witness(request, client, would, reply)
        if hit is not None:
            hit.reply = reply if hit.effect.status is None else hit.reply
            entry.fault = hit
        return entry

    def close(self) -> None:
        """Close the connections to the service."""
        self._upstream.close()

    def _why_not(self, request: Request, would: Decision) -> str:
        """Why a request is not passed on; empty where it is."""
        api = self._world.api
        if (request.method, request.path) != (api.method, api.path):
            return "only the documented endpoint is passed on"
        if any(name == b"via" and VIA in value for name, value in request.headers):
            return "it came through this proxy before, which would go on for ever"
        if request.body_size > len(request.body):
            return "its body is larger than what is passed on"
        if self._refuses_errors and not would.accepted and not would.rule.startswith(_ABOUT_WHO_IS_KNOWN):
            return "it breaks the document (--errors)"
        return ""

    def _ours(self, request: Request, client: str, would: Decision, reason: str) -> Entry:
        sentence = f"answered by the proxy, and the service was not asked: {reason}"
        reply = would.reply
        if would.accepted:  # what the mock would take, and the proxy does not pass on
            status = 413 if request.body_size > len(request.body) else 508
            reply = _answer(status, sentence)
        decision = _answered(would, reply)
        return self._world.witness(request, client, decision, None, Relayed(would.reply, "none", (), sentence))

    def _unanswered(self, request: Request, client: str, would: Decision, problem: UpstreamError) -> Entry:
        sentence = (
            f"{self._upstream.host} gave no answer that could be passed on: {problem.reason}. "
            "Whether it recorded the payment is not known"
        )
        decision = _answered(would, _answer(problem.status, sentence))
        return self._world.witness(request, client, decision, None, Relayed(would.reply, "none", (), sentence))

    def _witness(self, request: Request, client: str, would: Decision, reply: Reply) -> Entry:
        call = call_of(request)
        judged = verdict(self._known, call, reply)
        relayed = Relayed(would.reply, judged.kind, judged.clauses, self._sentence(would, reply, judged))
        entry = self._world.witness(request, client, _answered(would, reply), None, relayed)
        for watcher in self._watchers:
            watcher(request, call, reply)
        return entry

    def _sentence(self, would: Decision, reply: Reply, judged: Verdict) -> str:
        expected = f"; expected {judged.expected}" if judged.kind == "broken" else ""
        if reply.status == would.reply.status:
            return f"{judged}: the service answered {reply.status}, as this mock would{expected}"
        kind = (reply.status, would.reply.status, str(judged))
        differs = f"this mock would answer {would.reply.status} ({would.rule})"
        if kind in self._told:
            return f"{judged}: differs as before"
        self._told.add(kind)
        return f"{judged}: the service answered {reply.status}, and {differs}{expected}"


def _answered(would: Decision, reply: Reply) -> Decision:
    """Our decision where the service decided alike; where it did not, its own."""
    if reply.status == would.reply.status:
        return Decision(reply, would.rule, would.gates, would.passed, would.violations, would.session)
    return Decision(reply, SUCCESS if 200 <= reply.status < 300 else RELAYED, ("service",), 0)


def _answer(status: int, sentence: str) -> Reply:
    body = f"trackfox-mock proxy: {sentence}.\n".encode()
    headers = ((b"content-type", b"text/plain; charset=utf-8"), (b"content-length", b"%d" % len(body)))
    return Reply(status, headers, body)


def _without_preferences(request: Request) -> Request:
    """What a request asks of this mock alone does not go on."""
    kept = b"&".join(part for part in request.query.split(b"&") if part and not part.startswith(b"__"))
    if kept == request.query:
        return request
    return Request(request.method, request.path, request.headers, request.body, kept, request.body_size)
