"""The outbox: what is tried again, what never is, and what a crash leaves."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import anyio
import pytest
from outbox import Outbox
from payment import Payment
from shop import create_app
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from trackfox_mock import Trackfox, running


@pytest.fixture
def payment(trackfox: Trackfox) -> Payment:
    return Payment(
        id="order-1",
        cents=9900,
        currency="USD",
        session_id=trackfox.session.session_id,
        visitor_id=trackfox.session.visitor_id,
        email="customer@example.com",
    )


def row(outbox: Outbox) -> tuple[str, int, str]:
    """State, attempts and note of the only payment."""
    with closing(outbox.connect()) as database:
        found: tuple[str, int, str] = database.execute("SELECT state, attempts, note FROM payments").fetchone()
    return found


@pytest.fixture
def nobody() -> Iterator[str]:
    """The address of a port where nobody listens: bound, so that no one else takes it meanwhile."""
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{bound.getsockname()[1]}"


def test_a_payment_that_could_not_be_sent_is_tried_a_bounded_number_of_times(
    outbox: Outbox, payment: Payment, nobody: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKFOX_BASE_URL", nobody)
    outbox.add(payment)
    outbox.deliver()
    state, attempts, note = row(outbox)
    assert (state, attempts) == ("failed", 3)
    assert note.startswith("not reached: ")


@contextmanager
def answering(*statuses: int) -> Iterator[str]:
    """A TrackFox that gives these answers, one after the other; its address."""
    left = list(statuses)

    async def answer(_: Request) -> Response:
        return PlainTextResponse("sorry", status_code=left.pop(0))

    with running(Starlette(routes=[Route("/api/v1/attribute-payment", answer, methods=["POST"])])) as base_url:
        yield base_url
    assert left == []


@pytest.mark.parametrize(
    ("answers", "state"),
    [
        ([429, 429, 200], "attributed"),
        ([429, 429, 429], "failed"),
        ([500], "unknown"),
        ([503], "unknown"),
        ([400], "refused"),
        ([404], "refused"),
        ([302], "refused"),
    ],
)
def test_the_status_decides_what_is_tried_again(
    outbox: Outbox, payment: Payment, monkeypatch: pytest.MonkeyPatch, answers: list[int], state: str
) -> None:
    with answering(*answers) as base_url:
        monkeypatch.setenv("TRACKFOX_BASE_URL", base_url)
        outbox.add(payment)
        outbox.deliver()
        outbox.deliver()
    assert row(outbox) == (state, len(answers), f"{answers[-1]} sorry")


def test_an_answer_that_never_comes_leaves_the_outcome_unknown(
    outbox: Outbox, payment: Payment, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("attribution.TIMEOUT", 0.05)
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        monkeypatch.setenv("TRACKFOX_BASE_URL", f"http://127.0.0.1:{silent.getsockname()[1]}")
        outbox.add(payment)
        outbox.deliver()
    state, attempts, note = row(outbox)
    assert (state, attempts) == ("unknown", 1)
    assert note.startswith("sent, and no answer came: ReadTimeout")


def test_what_was_being_sent_in_a_crash_is_not_sent_again(outbox: Outbox, payment: Payment, trackfox: Trackfox) -> None:
    outbox.add(payment)
    with closing(outbox.connect()) as database:
        database.execute("UPDATE payments SET state = 'sending'")
    outbox.recover()
    outbox.deliver()
    assert row(outbox)[0] == "unknown"
    assert trackfox.requests == []


def test_a_crash_is_looked_into_at_the_next_start(outbox: Outbox, payment: Payment, trackfox: Trackfox) -> None:
    outbox.add(payment)
    with closing(outbox.connect()) as database:
        database.execute("UPDATE payments SET state = 'sending'")
    with TestClient(create_app(lambda _headers, _body: None, outbox)):
        assert row(outbox)[0] == "unknown"
    assert trackfox.requests == []


def test_what_waited_in_a_crash_is_sent_at_the_next_start(outbox: Outbox, payment: Payment, trackfox: Trackfox) -> None:
    outbox.add(payment)
    with TestClient(create_app(lambda _headers, _body: None, outbox)):
        trackfox.assert_attributed_once()


def test_an_e_mail_that_cannot_be_had_yet_is_asked_for_again(
    tmp_path: Path, payment: Payment, trackfox: Trackfox, monkeypatch: pytest.MonkeyPatch
) -> None:
    trackfox.setenv(monkeypatch)
    asked: list[str] = []

    def find_email(customer: str) -> str:
        asked.append(customer)
        if len(asked) == 1:
            raise OSError("the provider is away")
        return "customer@example.com"

    outbox = Outbox(tmp_path / "outbox.db", find_email=find_email, pause=0)
    outbox.add(replace(payment, email=None, email_from="ctm_1"))
    outbox.deliver()
    assert asked == ["ctm_1", "ctm_1"]
    assert row(outbox)[:2] == ("attributed", 2)
    trackfox.assert_attributed(revenue=9900, email="customer@example.com")


def test_two_workers_send_a_payment_once(outbox: Outbox, payment: Payment, trackfox: Trackfox) -> None:
    outbox.add(payment)
    workers = [threading.Thread(target=outbox.deliver) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    trackfox.assert_attributed_once()
    assert len(trackfox.requests) == 1


def test_two_deliveries_in_the_same_instant_are_one_row(outbox: Outbox, payment: Payment) -> None:
    added: list[bool] = []
    workers = [threading.Thread(target=lambda: added.append(outbox.add(payment))) for _ in range(8)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(added) == [False] * 7 + [True]


def test_the_provider_is_answered_before_trackfox_is_told(outbox: Outbox, payment: Payment, trackfox: Trackfox) -> None:
    told_when_answered: list[int] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": b"{}", "more_body": False}

    async def send(message: Any) -> None:
        if message["type"] == "http.response.body":
            told_when_answered.append(len(trackfox.requests))

    scope = {"type": "http", "method": "POST", "path": "/webhook", "headers": [], "query_string": b""}
    app = create_app(lambda _headers, _body: payment, outbox)
    anyio.run(app, scope, receive, send)
    assert told_when_answered == [0]
    trackfox.assert_attributed_once()
