"""What a service answers to the contract check: judged, compared and told, whatever it is."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterator
from contextlib import closing
from functools import cache
from typing import Any
from unittest.mock import patch

from tests.conftest import ENDPOINT, TOKEN
from tests.fuzz.hastened import at_once
from tests.services.examine import websites
from tests.test_contract_report import reported, written
from trackfox_contract.judgement.cause import cause_of
from trackfox_contract.judgement.judge import ANY_CLAUSE, Judge
from trackfox_contract.oracle.document import Document
from trackfox_contract.oracle.known import KnownWebsites
from trackfox_contract.request.call import Call
from trackfox_contract.wire import answers, transport
from trackfox_contract.wire.client import Client, RoundTrip, TooManyRequestsError
from trackfox_contract.wire.transport import HttpTransport, Outcome, Response
from trackfox_mock import Request, World, load_spec

_CALL = Call("POST", "/api/v1/attribute-payment", (("Content-Type", "application/json"),), b"{}")
_NOT_GIVEN = frozenset({"prefer", "content-length", "transfer-encoding", "expect", "upgrade", "connection", "host"})
_VIEWS = (
    *(answers.status, answers.is_invalid, answers.shape, answers.pattern, answers.success_extra, answers.body),
    *(answers.carriage, answers.told),
)


class _Writer:
    """Takes what is written, and forgets it."""

    def __init__(self) -> None:
        self.transport = self

    def write(self, data: bytes) -> None: ...

    def close(self) -> None: ...

    def get_extra_info(self, _: str) -> None: ...

    def get_write_buffer_size(self) -> int:
        return 0


@cache
def _judge() -> Judge:
    return Judge(KnownWebsites(Document.of(load_spec()), websites()))


def answered(data: bytes) -> None:
    """The quick reading of an answer is that of h11; it is judged, compared and told, and nothing is raised."""
    outcome = _heard(data)
    with patch.object(transport, "read_head", lambda _: None):
        assert _heard(data) == outcome
    for view in _VIEWS:
        view(outcome).encode("utf-8", "backslashreplace")
    judgement = _judge().judge(RoundTrip(_CALL, outcome), "auth.invalid")
    if judgement.breaches:
        cause_of(_judge().known.document, judgement)
    if isinstance(outcome, Response) and len(data) % 16 == 0:
        assert all("\x1b" not in text.replace("\x1b[", "") for text in written(reported(_CALL, outcome.body)))
    if data.startswith(b"HTTP/1.1 429 "):
        _asked_to_wait(data)


def _heard(data: bytes) -> Outcome:
    return at_once(_exchange(data))


async def _exchange(data: bytes) -> Outcome:
    async def connected(*_: Any, **__: Any) -> Any:
        reader = asyncio.StreamReader()
        reader.feed_data(data)
        reader.feed_eof()
        return reader, _Writer()

    with patch("asyncio.open_connection", connected):
        return await HttpTransport("http://127.0.0.1:1", 5.0).exchange(_CALL, 0)


def _asked_to_wait(data: bytes) -> None:
    """How long is waited is bounded, whatever `Retry-After` says."""

    class Again:
        timeout, connections = 5.0, 1

        async def exchange(self, call: Call, number: int) -> Outcome:
            del call, number
            return await _exchange(data)

        async def close(self) -> None: ...

    asking: Any = Again()
    patient = Client(asking)
    with closing(patient), patch("trackfox_contract.wire.client.asyncio.sleep", _at_once):
        try:
            patient.send(_CALL)
        except TooManyRequestsError as problem:
            assert str(problem)  # noqa: PT017 - it is answered or given up, both are right


def verdicts(data: bytes) -> None:
    """What the mock answers is legal to the check, which reads the same bytes by rules of its own.

    An input is header fields beside the usual ones, an empty line, and a body.
    """
    head, _, body = data.rpartition(b"\n\n")
    lines = [line.partition(b":") for line in head.split(b"\n") if line.strip()]
    named = [(name.strip().decode("latin-1"), value.strip().decode("latin-1")) for name, _, value in lines]
    fields = tuple((name, value) for name, value in named if _is_field(name, value))
    call = Call("POST", ENDPOINT, (*_usual({name.lower() for name, _ in fields}), *fields), body)
    request = Request(
        "POST", ENDPOINT, [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in call.headers],
        body, b"", len(body),
    )  # fmt: skip
    reply = _world().answer(request).decision.reply
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in reply.headers)
    judgement = _of_the_mock().judge(RoundTrip(call, Response(reply.status, headers, reply.body)), ANY_CLAUSE)
    assert not judgement.breaches, judgement


def _is_field(name: str, value: str) -> bool:
    """Whether it could come as a header field that says nothing of how the request is sent or answered."""
    is_token = re.fullmatch(r"[\w!#$%&'*+.^`|~-]+", name, re.ASCII) is not None
    return is_token and value.isprintable() and name.lower() not in _NOT_GIVEN


def _usual(given: Collection[str]) -> Iterator[tuple[str, str]]:
    for name, value in (("Content-Type", "application/json"), ("Authorization", f"Bearer {TOKEN}")):
        if name.lower() not in given:
            yield name, value


@cache
def _world() -> World:
    return World(journal_size=2, payments_limit=2)


@cache
def _of_the_mock() -> Judge:
    return Judge(KnownWebsites(Document.of(_world().api), _world().fixtures))


async def _at_once(seconds: float) -> None:
    assert 0 < seconds < 600
