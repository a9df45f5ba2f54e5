"""An answer that got lost on the way is asked for again; a service that loses many is accused."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest

from tests.services.examine import broken, examine
from tests.services.service import Refused, Request, Send, Service
from trackfox_contract.request.call import Call
from trackfox_contract.wire.client import Client, RoundTrip, connect


class LosesAnswers(Service):
    """As a proxy does that is before it: some answers never come, or come without a body."""

    every = 700
    kind = "502"

    async def handle(self, request: Request, send: Send) -> None:
        self.memory["n"] = self.memory.get("n", 0) + 1
        lost = self.memory["n"] % self.every == 0
        if lost and self.kind == "502":
            await self.respond(send, 502, b"<html>Bad Gateway</html>", {"content-type": "text/html"})
        elif lost and self.kind == "empty" and request.method == "POST":
            await self.respond(send, 200, b"", {"content-type": "application/json"})
        elif lost and self.kind == "dropped":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        else:
            await super().handle(request, send)


def losing(kind: str, every: int) -> LosesAnswers:
    service = LosesAnswers()
    service.kind, service.every = kind, every
    return service


@pytest.mark.parametrize(
    "kind", ["502", *(pytest.param(kind, marks=pytest.mark.slow) for kind in ("empty", "dropped"))]
)
def test_an_answer_that_is_lost_once_in_a_while_blames_no_clause(kind: str) -> None:
    seen = examine(losing(kind, 700))
    assert seen.findings == []
    assert seen.unstable > 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["502", "dropped"])
def test_a_service_that_loses_many_is_accused(kind: str) -> None:
    assert "error.status" in broken(examine(losing(kind, 25), looking_for="error.status"))


class RefusesWhatNobodySent(Service):
    """Fails once in a while by itself, with an error of its own: that is no proxy's."""

    def match(self, state: dict[str, Any]) -> None:
        if self.count % 200 == 0:
            raise Refused(500)
        super().match(state)


@pytest.mark.slow
def test_an_error_of_the_service_itself_is_no_matter_of_chance() -> None:
    assert "error.status" in broken(examine(RefusesWhatNobodySent(), looking_for="error.status"))


BAD_GATEWAY, LONG = b"<html>Bad Gateway</html>", b'{"a": "' + b"a" * 100_000 + b'"}'


class BehindAProxyThatGivesUp(Service):
    """The proxy loses so many answers in a row to each body that was not answered yet, as nginx does to long ones."""

    in_a_row = 3

    async def handle(self, request: Request, send: Send) -> None:
        lost = self.memory[request.body] = self.memory.get(request.body, 0) + 1
        if request.body and lost <= self.in_a_row:
            await self.respond(send, 502, BAD_GATEWAY, {"content-type": "text/html"})
        else:
            await super().handle(request, send)


@contextmanager
def client_before(service: Service, *, patience: float) -> Iterator[Client]:
    """A client whose service has answered before, and that waits so many seconds in all for what a proxy lost."""
    with closing(Client(connect(service, 1.0))) as client:
        client.lost.patience = patience
        client.send(call(b"", method="GET"))
        yield client


def call(body: bytes, method: str = "POST") -> Call:
    return Call(method, "/api/v1/attribute-payment", (("Content-Type", "application/json"),), body)


def asked_of(in_a_row: int, *bodies: bytes, patience: float = 0.0) -> tuple[list[RoundTrip], Client]:
    service = BehindAProxyThatGivesUp()
    service.in_a_row = in_a_row
    with client_before(service, patience=patience) as client:
        return [client.send(call(body)) for body in bodies], client


@pytest.mark.parametrize("in_a_row", [1, 2, 3, 4, 5])
def test_a_proxy_that_loses_some_answers_in_a_row_is_asked_until_one_comes(in_a_row: int) -> None:
    (answer,), client = asked_of(in_a_row, LONG)
    assert (answer.status, client.lost.unstable) == (401, 1)


def test_a_refusal_of_a_proxys_that_does_not_go_away_is_the_answer() -> None:
    (answer,), client = asked_of(100, LONG)
    assert (answer.status, client.lost.unstable) == (502, 0)


def test_waiting_for_a_proxy_ends_with_the_patience_for_a_run() -> None:
    _, client = asked_of(100, LONG, LONG + b" ", LONG + b"  ", patience=0.1)
    assert client.lost.patience == 0


def test_answers_to_long_bodies_may_be_lost_as_often_as_a_proxy_likes() -> None:
    answers, client = asked_of(1, *(LONG + b" " * number for number in range(20)))
    assert {answer.status for answer in answers} == {401}
    assert client.lost.unstable == 20


def test_of_answers_to_short_bodies_few_may_be_lost() -> None:
    answers, client = asked_of(1, *(b"{}" + b" " * number for number in range(20)))
    assert [answer.status for answer in answers].count(502) > 10
    assert client.lost.unstable < 10
