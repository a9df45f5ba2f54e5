"""What the oracle says of one answer, by clause."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote

from trackfox_contract.judgement.judge import breaches, describe
from trackfox_contract.oracle.known import KnownWebsites
from trackfox_contract.oracle.oracle import expect
from trackfox_contract.request.call import Call, Wire
from trackfox_contract.wire.client import RoundTrip
from trackfox_contract.wire.transport import Response
from trackfox_mock import Reply, Request

_NOT_OF_A_CALL = frozenset({b"host", b"content-length", b"connection", b"transfer-encoding"})


@dataclass(frozen=True, slots=True)
class Verdict:
    """What an answer means for the contract.

    Attributes:
        kind: `kept`, `broken`, or `open` where the document leaves it to the service.
        clauses: those that it is about.
        expected: what is legal, in words.
    """

    kind: str
    clauses: tuple[str, ...]
    expected: str

    def __str__(self) -> str:
        return f"{self.kind} {', '.join(self.clauses)}".rstrip()


def verdict(known: KnownWebsites, call: Call, reply: Reply) -> Verdict:
    """Judge an answer.

    Args:
        known: the document, and the websites that the service is known to have.
        call: what was sent.
        reply: what came.
    """
    expectation = expect(known, call)
    outcome = response_of(reply)
    expected = describe(expectation)
    broken = breaches(known.document, expectation, RoundTrip(call, outcome), expectation.clauses[0])
    if broken:
        return Verdict("broken", tuple(breach.clause_id for breach in broken), expected)
    if expectation.undecided or expectation.other_method:
        return Verdict("open", (), expected)
    if expectation.faults:
        kept = tuple(dict.fromkeys(one.clause_id for one in expectation.faults if reply.status in one.statuses))
    else:
        kept = ("endpoint", "success.status", "success.body") if reply.status == expectation.success else ()
    return Verdict("kept" if kept else "open", kept, expected)


def call_of(request: Request) -> Call:
    """A request that arrived, as the oracle reads one."""
    target = quote(request.path) + (f"?{request.query.decode('latin-1')}" if request.query else "")
    fields = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers]
    kept = tuple(field for field in fields if field[0].encode("latin-1").lower() not in _NOT_OF_A_CALL)
    chunked = any(name.lower() == b"transfer-encoding" for name, _ in request.headers)
    return Call(request.method, target, kept, request.body, Wire(chunked=chunked))


def response_of(reply: Reply) -> Response:
    """An answer as the check has it."""
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in reply.headers)
    return Response(reply.status, headers, reply.body)
