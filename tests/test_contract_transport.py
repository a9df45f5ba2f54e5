"""What the contract check makes of a server's bytes: answers in every form, servers that misbehave, few connections."""

from __future__ import annotations

import gzip
import socket
import threading
import tracemalloc
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from trackfox_contract.request.call import Call, Headers
from trackfox_contract.wire.answers import pattern
from trackfox_contract.wire.asgi import AsgiTransport
from trackfox_contract.wire.client import Client
from trackfox_contract.wire.plain_http import read_head
from trackfox_contract.wire.transport import ENDLESS, LARGEST_BODY, HttpTransport, NoResponse, Outcome, Response

CALL = Call("POST", "/", (("Content-Type", "application/json"),), b"{}")
BODY = b'{"error": "refused"}'
HEAD = b"HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: 20\r\n\r\n"
PLAIN = HEAD + BODY
CHUNKED = HEAD.replace(b"Content-Length: 20", b"Transfer-Encoding: chunked") + b"14\r\n" + BODY + b"\r\n0\r\n\r\n"


@contextmanager
def server(*answers: bytes, closing: bool) -> Iterator[str]:
    """A server of one connection that gives these answers, one a request, and then closes, or waits for the client."""
    listener = socket.create_server(("127.0.0.1", 0))
    listener.settimeout(10)

    def serve() -> None:
        connection, _ = listener.accept()
        with connection:
            for answer in answers:
                connection.recv(65536)
                connection.sendall(answer)
            while not closing and connection.recv(65536):
                pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        thread.join()
        listener.close()


def outcomes(*answers: bytes, closing: bool = False) -> list[Outcome]:
    """What comes of a call for each of the answers, on one connection."""
    with server(*answers, closing=closing) as url:
        client = Client(HttpTransport(url, timeout=5))
        try:
            return [client.send(CALL).outcome for _ in answers]
        finally:
            client.close()


@pytest.mark.parametrize(
    "answer",
    [
        PLAIN,
        PLAIN.replace(b"\r\n\r\n", b"\r\nConnection: keep-alive\r\n\r\n"),
        PLAIN.replace(b"1.1", b"1.0"),
        PLAIN.replace(b"Content-Length: 20", b"Content-Length: 20\r\nX-Name: L\xf8v"),
        b"HTTP/1.1 100 Continue\r\n\r\n" + PLAIN,
        CHUNKED,
    ],
    ids=["plain", "kept", "HTTP/1.0", "Latin-1", "interim", "chunked"],
)
def test_an_answer_is_the_same_in_every_form(answer: bytes) -> None:
    (reply,) = outcomes(answer)
    assert isinstance(reply, Response)
    assert (reply.status, reply.body, reply.header("content-type")) == (400, BODY, "application/json")


def test_an_answer_without_a_length_ends_with_the_connection() -> None:
    (reply,) = outcomes(PLAIN.replace(b"Content-Length: 20\r\n", b""), closing=True)
    assert isinstance(reply, Response)
    assert reply.body == BODY


def test_a_connection_is_used_again_after_answers_of_either_form() -> None:
    assert all(isinstance(outcome, Response) for outcome in outcomes(PLAIN, CHUNKED, PLAIN))


@pytest.mark.parametrize(
    "answer",
    [
        b"SSH-2.0-OpenSSH_9.2\r\n\r\n",
        PLAIN.replace(b"Content-Length: 20", b"Content-Length: twenty"),
        PLAIN.replace(b"Content-Length: 20", b"Content-Length: 20\r\nContent-Length: 21"),
    ],
    ids=["no HTTP", "no number", "two lengths"],
)
def test_what_is_not_http_is_garbage(answer: bytes) -> None:
    (outcome,) = outcomes(answer)
    assert isinstance(outcome, NoResponse)
    assert outcome.kind == "garbage"


@pytest.mark.parametrize("answer", [PLAIN[:-5], PLAIN[:30], b""], ids=["a short body", "half a head", "nothing"])
def test_an_answer_that_ends_too_early_was_dropped(answer: bytes) -> None:
    (outcome,) = outcomes(answer, closing=True)
    assert isinstance(outcome, NoResponse)
    assert outcome.kind == "dropped"


def endless(start: bytes, more: bytes) -> Outcome:
    """What comes of a call to a server that goes on and on."""
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        connection, _ = listener.accept()
        with connection, suppress(OSError):
            connection.recv(65536)
            connection.sendall(start)
            while True:
                connection.sendall(more)

    thread = threading.Thread(target=serve)
    thread.start()
    client = Client(HttpTransport(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=1))
    try:
        return client.send(CALL).outcome
    finally:
        client.close()
        thread.join()
        listener.close()


@pytest.mark.parametrize(
    ("start", "more"),
    [
        (PLAIN.replace(b"Content-Length: 20", b"Content-Length: 999999999"), b" " * 65536),
        (HEAD.replace(b"Content-Length: 20\r\n", b""), b" " * 65536),
        (HEAD.replace(b"Content-Length: 20", b"Transfer-Encoding: chunked"), b"10000\r\n" + b" " * 65536 + b"\r\n"),
    ],
    ids=["a gigabyte", "without a length", "in chunks"],
)
def test_of_an_answer_without_end_no_more_is_read_than_is_looked_at(start: bytes, more: bytes) -> None:
    outcome = endless(start, more)
    assert isinstance(outcome, NoResponse)
    assert (outcome.kind, outcome.detail) == ("endless", "the answer has more than 8 MiB; the rest was not read")


@pytest.mark.parametrize(
    "more", [b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: "], ids=["interim", "a field"]
)
def test_a_head_without_end_is_given_up(more: bytes) -> None:
    outcome = endless(b"", more)
    assert isinstance(outcome, NoResponse)
    assert outcome.kind in ("hang", "garbage")


def test_a_small_body_that_unpacks_to_a_large_one_is_not_unpacked() -> None:
    packed = gzip.compress(b" " * (100 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(ValueError, match="hides more than 8 MiB"):
            Response(200, (("Content-Encoding", "gzip"),), packed).text()
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 3 * LARGEST_BODY


def test_an_app_that_sends_without_end_is_ended() -> None:
    async def app(_: Any, __: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        while True:
            await send({"type": "http.response.body", "body": b" " * 65536, "more_body": True})

    client = Client(AsgiTransport(app, timeout=5))
    outcome = client.send(CALL).outcome
    client.close()
    assert outcome == ENDLESS


@pytest.mark.parametrize(
    ("given", "sent"),
    [((), [b"trackfox-mock"]), ((("user-agent", "shop/1"),), [b"shop/1"])],
    ids=["none of its own", "one of its own"],
)
def test_a_call_names_a_user_agent_once(given: Headers, sent: list[bytes]) -> None:
    seen: list[bytes] = []

    async def app(scope: Any, _: Any, send: Any) -> None:
        seen.extend(value for name, value in scope["headers"] if name == b"user-agent")
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    client = Client(AsgiTransport(app, timeout=5))
    client.send(Call("POST", "/", given, b"{}"))
    client.close()
    assert seen == sent


@pytest.mark.parametrize("call", [CALL, CALL.on(fresh=True)], ids=["on one connection", "on one each"])
def test_a_request_at_which_a_service_ends_is_told_from_those_after_it(call: Call) -> None:
    listener = socket.create_server(("127.0.0.1", 0))

    def serve_one_and_end_at_the_second() -> None:
        connection, _ = listener.accept()
        connection.recv(65536)
        connection.sendall(PLAIN)
        if call.wire.fresh:
            connection.close()
            connection, _ = listener.accept()
        connection.recv(65536)
        listener.close()
        connection.close()

    thread = threading.Thread(target=serve_one_and_end_at_the_second)
    thread.start()
    with closing(Client(HttpTransport(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=5))) as client:
        outcomes = [client.send(call).outcome for _ in range(4)]
    thread.join()
    kinds = [outcome.kind if isinstance(outcome, NoResponse) else outcome.status for outcome in outcomes]
    assert kinds == [400, "gone", "refused", "refused"]


def test_bytes_after_an_answer_spoil_the_next_one() -> None:
    first, second = outcomes(PLAIN + b"more", PLAIN)
    assert isinstance(first, Response)
    assert isinstance(second, NoResponse)


def test_a_head_is_plain_only_when_all_of_it_is_there() -> None:
    heads = [read_head(PLAIN[:size]) for size in range(len(PLAIN) + 1)]
    assert not any(heads[: len(HEAD)])
    assert {(head.size, head.end) for head in heads[len(HEAD) :] if head} == {(len(HEAD), len(PLAIN))}


class _KeepsOne(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(400)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_: Any) -> None:
        """Says nothing."""


@pytest.fixture
def served_alone() -> Iterator[str]:
    """A server that looks at the next connection when the one before it is closed."""
    httpd = HTTPServer(("127.0.0.1", 0), _KeepsOne)
    thread = threading.Thread(target=httpd.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{httpd.server_port}"
    httpd.shutdown()
    thread.join()
    httpd.server_close()


def test_a_server_of_one_connection_is_sent_one_request_at_a_time(served_alone: str) -> None:
    transport = HttpTransport(served_alone, timeout=0.5)
    client = Client(transport)
    assert transport.connections > 1
    client.send(CALL)
    client.send_all([CALL] * 2, connections=2)
    assert transport.connections == 1
    assert [round_trip.status for round_trip in client.send_all([CALL] * 2) if round_trip] == [400, 400]
    client.close()


@pytest.mark.parametrize("media_type", ["[odd", "{odd", "application/json"])
def test_an_answer_has_a_pattern_only_where_it_is_json_and_says_so(media_type: str) -> None:
    assert pattern(Response(400, (("Content-Type", media_type),), b'{"a": \xc7}')) == ""
    said = '{"a": [0]}' if media_type == "application/json" else ""
    assert pattern(Response(400, (("Content-Type", media_type),), b'{"a": [1, 2]}')) == said


@pytest.mark.parametrize("asked", [b"0", b"\xb2", b"-1", b"1e9", b"Wed, 21 Oct 2026 07:28:00 GMT", b""])
def test_a_service_that_asks_for_time_is_asked_again_whatever_time_it_names(asked: bytes) -> None:
    busy = b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: " + asked + b"\r\nContent-Length: 0\r\n\r\n"
    with server(busy, PLAIN, closing=False) as url:
        client = Client(HttpTransport(url, timeout=5))
        try:
            answer = client.send(CALL).outcome
            assert isinstance(answer, Response)
            assert (answer.status, client.waits) == (400, 1)
        finally:
            client.close()
