"""`trackfox-mock webhook`, against an application that keeps what it was sent."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import stripe
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from trackfox_mock import running
from trackfox_mock.cli import main
from trackfox_mock.webhooks import PROVIDERS

Command = Callable[..., tuple[int, str, str]]


class Receiver:
    """An application's webhook: it keeps every event, and answers with the statuses that it is told to."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []
        self.headers: list[Any] = []
        self.bodies: list[bytes] = []
        self.statuses: list[int] = []
        self.location = ""
        self.url = ""

    async def __call__(self, request: Request) -> Response:
        self.bodies.append(await request.body())
        self.headers.append(request.headers)
        self.events.append(await request.json())
        status = self.statuses.pop(0) if self.statuses else 200
        return PlainTextResponse("thanks\nfor all", status, {"location": self.location} if self.location else None)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    with running(Starlette(routes=[Route("/hook", receiver.__call__, methods=["POST"])])) as base_url:
        receiver.url = f"{base_url}/hook?from=provider"
        yield receiver


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """Runs `trackfox-mock webhook …`; returns exit code, output and complaints."""

    def run(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["trackfox-mock", "webhook", *arguments])
        with pytest.raises(SystemExit) as leave:
            main()
        said = capsys.readouterr()
        return int(leave.value.code or 0), said.out, said.err

    return run


@contextmanager
def hosts_contacted() -> Iterator[set[tuple[str, int]]]:
    """The addresses that anything in this process connects to while the block lasts."""
    contacted: set[tuple[str, int]] = set()
    watching = [True]

    def hear(event: str, arguments: tuple[Any, ...]) -> None:
        if event == "socket.connect" and watching:
            contacted.add(arguments[1][:2])

    sys.addaudithook(hear)  # it cannot be taken away again, only made deaf
    try:
        yield contacted
    finally:
        watching.clear()


def test_it_says_in_a_line_what_was_sent_and_what_came_back(command: Command, receiver: Receiver) -> None:
    code, said, _ = command("stripe", "--to", receiver.url, "--payment-id", "cs_test_1")
    assert code == 0
    assert re.fullmatch(r'stripe checkout\.session\.completed \(paid, cs_test_1\): 200 in \d+ ms: "thanks"\n', said)


def test_the_official_sdk_verifies_what_arrives(command: Command, receiver: Receiver) -> None:
    command("stripe", "--to", receiver.url, "--secret", "whsec_mine", "--amount", "2500", "--session", "ses_ada")
    signature = receiver.headers[0]["stripe-signature"]
    event = stripe.Webhook.construct_event(receiver.bodies[0], signature, "whsec_mine")
    assert event.data.object["amount_total"] == 2500
    assert event.data.object["metadata"]["session_id"] == "ses_ada"


def test_the_secret_and_the_ids_may_come_from_the_environment(
    command: Command, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_env")
    monkeypatch.setenv("TRACKFOX_SESSION_ID", "ses_env")
    monkeypatch.setenv("TRACKFOX_VISITOR_ID", "vis_env")
    command("stripe", "--to", receiver.url)
    event = stripe.Webhook.construct_event(receiver.bodies[0], receiver.headers[0]["stripe-signature"], "whsec_env")
    assert event.data.object["metadata"].to_dict() == {"session_id": "ses_env", "visitor_id": "vis_env"}


def test_variants_are_sent_in_their_order(command: Command, receiver: Receiver) -> None:
    code, said, _ = command("paddle", "--to", receiver.url, "--variant", "paid", "--variant", "twin")
    assert code == 0
    assert [event["event_type"] for event in receiver.events] == ["transaction.completed", "transaction.paid"]
    assert len(said.splitlines()) == 2


@pytest.mark.parametrize("status", [301, 400, 404, 500])
def test_any_answer_but_2xx_is_a_finding(command: Command, receiver: Receiver, status: int) -> None:
    receiver.statuses = [status, 200]
    code, said, _ = command("lemonsqueezy", "--to", receiver.url, "--variant", "paid", "--variant", "duplicate")
    assert code == 1
    assert f": {status} in" in said
    assert len(receiver.events) == 2


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed_and_nobody_but_the_address_of_to_is_contacted(
    command: Command, receiver: Receiver, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as elsewhere:
        elsewhere.settimeout(0.05)
        other = f"http://127.0.0.1:{elsewhere.getsockname()[1]}/"
        for variable in ("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY"):
            monkeypatch.setenv(variable, other)
        receiver.statuses, receiver.location = [status], other
        with hosts_contacted() as contacted:
            code, said, _ = command("stripe", "--to", receiver.url)
        with pytest.raises(TimeoutError):
            elsewhere.accept()
    assert (code, len(receiver.events)) == (1, 1)
    assert f": {status} in" in said
    assert contacted == {("127.0.0.1", urlsplit(receiver.url).port)}


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_refusal_says_which_secret_it_was_signed_with(command: Command, receiver: Receiver, provider: str) -> None:
    receiver.statuses = [400]
    _, _, complaint = command(provider, "--to", receiver.url)
    sender = PROVIDERS[provider]
    assert f"{sender.SECRET_VARIABLE}={sender.SECRET}" in complaint


def test_ones_own_secret_is_never_printed(command: Command, receiver: Receiver) -> None:
    receiver.statuses = [400]
    _, said, complaint = command("stripe", "--to", receiver.url, "--secret", "whsec_mine")
    assert "whsec_mine" not in said + complaint


def test_nobody_there_is_told_and_exits_with_3(command: Command) -> None:
    with closing(socket.socket()) as bound:
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}/webhook"
        code, _, complaint = command("stripe", "--to", url)
    assert code == 3
    assert complaint.startswith(f"trackfox-mock: Nobody listens at {url}: stripe checkout.session.completed")
    assert "Start the application, or correct --to." in complaint


def test_an_application_that_never_answers_is_a_finding(command: Command) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/"
        code, said, _ = command("stripe", "--to", url, "--timeout", "0.1", "--payment-id", "cs_1")
    assert code == 1
    assert said == "stripe checkout.session.completed (paid, cs_1): no answer within 0.1 s\n"


def test_paypals_certificate_is_kept_for_the_application_to_verify_with(
    command: Command, receiver: Receiver, tmp_path: Path
) -> None:
    kept = tmp_path / "paypal.pem"
    assert command("paypal", "--to", receiver.url, "--certificate", str(kept))[0] == 0
    assert kept.read_bytes().startswith(b"-----BEGIN CERTIFICATE-----")


def test_metadata_may_be_named_as_the_checkout_names_it(command: Command, receiver: Receiver) -> None:
    command("lemonsqueezy", "--to", receiver.url, "--metadata", "tf_session=ses=1", "--metadata", "tf_visitor=v")
    assert receiver.events[0]["meta"]["custom_data"] == {"tf_session": "ses=1", "tf_visitor": "v"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("stripe",), "Missing option '--to'"),
        (("stripe", "--to", "localhost:3000"), "expected one such as http://localhost:3000/webhook"),
        (("own", "--to", "http://localhost"), "'own' is not one of 'stripe', 'paddle', 'lemonsqueezy', 'paypal'"),
        (("stripe", "--to", "http://localhost", "--metadata", "x"), "'x' has no '='; expected KEY=VALUE"),
    ],
)
def test_wrong_usage_exits_with_2_and_says_what_was_expected(
    command: Command, arguments: tuple[str, ...], sentence: str
) -> None:
    code, _, complaint = command(*arguments)
    assert code == 2
    assert sentence in complaint
