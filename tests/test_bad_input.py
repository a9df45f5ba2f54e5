"""Whatever a client sends, it gets a documented answer or is dropped; never a 5xx, a traceback or a hang."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from urllib.parse import urlsplit

import orjson
import psutil
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ENDPOINT, TOKEN, VALID, Serve, request
from trackfox_mock import Request, World, create_app, running

BODY = orjson.dumps(VALID)
HEAD = f"Host: localhost\r\nAuthorization: Bearer {TOKEN}\r\nContent-Type: application/json\r\n".encode()


@pytest.fixture(scope="module")
def address() -> Iterator[tuple[str, int]]:
    """Where a mock listens."""
    with running(create_app(World())) as url:
        parts = urlsplit(url)
        assert parts.hostname is not None
        assert parts.port is not None
        yield parts.hostname, parts.port


def exchange(address: tuple[str, int], *pieces: bytes, finish: bool = True) -> bytes:
    """Send pieces over one connection and return all that comes back until the other side hangs up."""
    with socket.create_connection(address, timeout=20) as connection:
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            for piece in pieces:
                connection.sendall(piece)
            if finish:
                connection.shutdown(socket.SHUT_WR)
        return received(connection)


def received(connection: socket.socket) -> bytes:
    parts = []
    with contextlib.suppress(ConnectionResetError):
        while part := connection.recv(65536):
            parts.append(part)
            if b"content-length: 52" in part and part.endswith(b"}"):
                break
    return b"".join(parts)


def post(body: bytes, head: bytes = HEAD) -> bytes:
    return b"POST %s HTTP/1.1\r\n%sConnection: close\r\nContent-Length: %d\r\n\r\n%s" % (
        ENDPOINT.encode(),
        head,
        len(body),
        body,
    )


def status_line(answer: bytes) -> bytes:
    return answer.split(b"\r\n", 1)[0]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", b"400"),
        (b"{", b"400"),
        (b"[" * 100_000, b"400"),
        (b'{"a":' * 100_000, b"400"),
        (b"\x00" * 100, b"400"),
        (b"\xff\xfe{}", b"400"),
        (BODY.decode().encode("utf-16"), b"400"),
        (BODY.replace(b"tf_session_id", b"\\ud800"), b"404"),
        (BODY.replace(b"customer@", b"\\ud800@"), b"200"),
        (BODY.replace(b"tf_session_id", b"a\\u0000b"), b"404"),
        (BODY.replace(b"9900", b"1" * 5000), b"400"),
        (BODY.replace(b"9900", b"1e999"), b"400"),
        (BODY.replace(b"9900", b"NaN"), b"400"),
        (BODY.replace(b"9900", b"-Infinity"), b"400"),
        (BODY + BODY, b"400"),
        (BODY[:-1] + b',"revenue":0}', b"400"),
    ],
)
def test_a_strange_body_gets_a_documented_answer(address: tuple[str, int], body: bytes, status: bytes) -> None:
    assert status_line(exchange(address, post(body))).split()[1] == status


def test_a_header_of_64_kib_is_answered_and_an_endless_one_is_hung_up_on(address: tuple[str, int]) -> None:
    assert b" 200 " in status_line(exchange(address, post(BODY, HEAD + b"X-Long: " + b"a" * 65536 + b"\r\n")))
    endless = [b"POST / HTTP/1.1\r\nX-Endless: ", *[b"a" * 65536] * 8]
    assert status_line(exchange(address, *endless, finish=False)) in (
        b"HTTP/1.1 431 Request Header Fields Too Large",
        b"",
    )


def test_bytes_that_are_no_http_are_refused(address: tuple[str, int]) -> None:
    for junk in (b"\x16\x03\x01\x02\x00\x01\x00", b"hello\r\n\r\n", b"POST /\xff\xff HTTP/1.1\r\nHost: x\r\n\r\n"):
        assert b" 400 " in status_line(exchange(address, junk))


def test_a_body_may_come_in_chunks_and_slowly(address: tuple[str, int]) -> None:
    chunks = [b"%x\r\n%c\r\n" % (1, byte) for byte in BODY]
    start = b"POST %s HTTP/1.1\r\n%sTransfer-Encoding: chunked\r\n\r\n" % (ENDPOINT.encode(), HEAD)
    assert b" 200 " in status_line(exchange(address, start, *chunks, b"0\r\n\r\n", finish=False))


def test_a_client_that_goes_away_half_way_leaves_nothing_behind(address: tuple[str, int]) -> None:
    for _ in range(20):
        with socket.create_connection(address, timeout=5) as connection:
            connection.sendall(post(BODY)[:-10])
    assert b" 200 " in status_line(exchange(address, post(BODY)))


def test_slow_clients_do_not_keep_others_waiting(address: tuple[str, int]) -> None:
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            slow = stack.enter_context(socket.create_connection(address, timeout=5))
            slow.sendall(post(BODY)[:40])
        assert b" 200 " in status_line(exchange(address, post(BODY)))


def test_a_hundred_mebibytes_are_refused_and_not_kept(serve: Serve) -> None:
    with serve() as served:
        served.post()
        process = psutil.Process(served.process.pid)
        before = process.memory_info().rss
        parts = urlsplit(served.url)
        assert parts.port is not None
        mebibyte = b"a" * 1024 * 1024
        head = b"POST %s HTTP/1.1\r\n%sContent-Length: %d\r\n\r\n" % (ENDPOINT.encode(), HEAD, 100 * len(mebibyte))
        peak = [before]
        done = threading.Event()

        def watch() -> None:
            while not done.wait(0.01):
                peak.append(process.memory_info().rss)

        watcher = threading.Thread(target=watch)
        watcher.start()
        answer = exchange(("127.0.0.1", parts.port), head, *[mebibyte] * 100)
        done.set()
        watcher.join()
        assert status_line(answer) == b"HTTP/1.1 413 Request Entity Too Large"
        assert max(peak) - before < 20 * 1024 * 1024
        assert served.post().status_code == 200


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
edited = st.dictionaries(st.sampled_from([*VALID, "x"]), anything)
bodies = st.one_of(
    st.binary(max_size=200),
    edited.map(lambda fields: json.dumps(VALID | fields).encode()),
    st.integers(0, len(BODY)).map(lambda cut: BODY[:cut]),
    st.tuples(st.integers(0, len(BODY) - 1), st.integers(0, 255)).map(
        lambda edit: BODY[: edit[0]] + bytes([edit[1]]) + BODY[edit[0] + 1 :]
    ),
)
header_values = st.one_of(st.binary(max_size=60), st.sampled_from([f"Bearer {TOKEN}".encode(), b"bearer x", b"Bearer"]))


@given(
    body=bodies,
    authorization=st.none() | header_values,
    content_type=st.none() | header_values,
    path=st.sampled_from([ENDPOINT, "/", "//", ENDPOINT + "/"]) | st.text(max_size=20),
    method=st.sampled_from(["POST", "GET", "PUT", "HEAD", "OPTIONS", "BREW"]),
)
@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_no_request_at_all_is_answered_with_a_5xx(  # noqa: PLR0917 - Hypothesis fills them in by name
    world: World, body: bytes, authorization: bytes | None, content_type: bytes | None, path: str, method: str
) -> None:
    headers = [(b"authorization", authorization), (b"content-type", content_type)]
    sent = Request(method, path, [(name, value) for name, value in headers if value is not None], body, b"", len(body))
    reply = world.answer(sent).decision.reply
    assert reply.status in (200, 400, 401, 404, 405)
    assert dict(reply.headers)[b"content-length"] == b"%d" % len(reply.body)


@given(st.lists(st.sampled_from([0, 1, 50, 9900]), max_size=30))
@settings(deadline=None)
def test_events_are_created_by_success_only(revenues: list[int]) -> None:
    world = World()
    for revenue in revenues:
        world.answer(request(revenue=revenue))
    recorded = [payment.revenue for payment in world.store.payments("your_website_id")]
    assert recorded == [revenue for revenue in revenues if revenue > 0]
