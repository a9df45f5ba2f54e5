"""The documented endpoint over a socket: a short way past uvicorn's tasks, and the same answers on both ways."""

from __future__ import annotations

import asyncio
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from http.client import HTTPResponse
from itertools import pairwise
from typing import Any, cast
from urllib.parse import urlsplit

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.conftest import ENDPOINT, TOKEN, VALID, Serve, request
from trackfox_mock import Readings, Reply, Request, World, create_app, parse_fault, running
from trackfox_mock.world.log import Log

BODY = orjson.dumps(VALID)


@contextmanager
def connected(url: str) -> Iterator[socket.socket]:
    parts = urlsplit(url)
    with socket.create_connection((parts.hostname or "", parts.port or 0), timeout=20) as connection:
        yield connection


def post(*fields: bytes, body: bytes = BODY, token: str = TOKEN, version: bytes = b"1.1") -> bytes:
    """A payment as bytes, with more header fields."""
    head = [b"POST %b HTTP/%b" % (ENDPOINT.encode(), version), b"Host: localhost", b"Content-Type: application/json"]
    head += [b"Authorization: Bearer " + token.encode(), *fields]
    if not any(field.lower().startswith(b"transfer-encoding") for field in fields):
        head.append(b"Content-Length: %d" % len(body))
    return b"\r\n".join(head) + b"\r\n\r\n" + body


def chunked(*pieces: bytes, trailer: bytes = b"") -> bytes:
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n" + trailer + b"\r\n"


class Shared:
    """A connection from which one answer after the other is read: http.client would close it after the first."""

    def __init__(self, connection: socket.socket) -> None:
        self._file = connection.makefile("rb")

    def makefile(self, _: str) -> Shared:
        return self

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def close(self) -> None:
        """Not yet."""


class Answer:
    """The next answer of a connection."""

    def __init__(self, connection: Shared) -> None:
        response = HTTPResponse(cast("socket.socket", connection), method="POST")
        response.begin()
        self.body = response.read()
        self.status = response.status
        self.fields = response.getheaders()
        self.names = {name.lower(): value for name, value in self.fields}


def answers(url: str, sent: bytes, how_many: int = 1) -> list[Answer]:
    with connected(url) as connection:
        sender = threading.Thread(target=connection.sendall, args=(sent,))
        sender.start()
        shared = Shared(connection)
        found = [Answer(shared) for _ in range(how_many)]
        sender.join()
    return found


class TwoWays:
    """An application that answers `short` directly and `long` through ASGI."""

    body_limit = 1000

    def takes(self, method: bytes, url: bytes, _: object) -> bool:
        return (method, url) == (b"POST", ENDPOINT.encode())

    def respond(self, request: Request, _: str, send: Callable[[Reply, Any], None]) -> None:
        if request.body == b"fail":
            raise RuntimeError("as told")
        send(Reply(200, ((b"content-length", b"5"),), b"short"), ())

    def settle(self) -> None:
        pass

    async def __call__(self, _: Any, receive: Any, send: Any) -> None:
        while (await receive()).get("more_body"):
            pass
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"long"})


@pytest.fixture(scope="module")
def two_ways() -> Iterator[str]:
    with running(TwoWays()) as url:
        yield url


@pytest.fixture(scope="module")
def mock() -> Iterator[str]:
    with running(create_app(World())) as url:
        yield url


@pytest.mark.parametrize(
    ("sent", "way"),
    [
        (post(), b"short"),
        (post(b"Transfer-Encoding: chunked", body=chunked(BODY)), b"short"),
        (post(b"Connection: close"), b"long"),
        (post(version=b"1.0"), b"long"),
        (post(b"Connection: keep-alive", version=b"1.0"), b"long"),
        (post(b"Expect: 100-continue"), b"long"),
        (post(b"Connection: Upgrade", b"Upgrade: h2c"), b"short"),
        (post().replace(b"POST", b"PUT"), b"long"),
        (post().replace(b" HTTP", b"?a=b HTTP"), b"long"),
    ],
    ids=["plain", "chunks", "close", "1.0", "1.0 kept alive", "expect", "upgrade", "another method", "a query"],
)
def test_only_a_request_that_needs_no_waiting_goes_the_short_way(two_ways: str, sent: bytes, way: bytes) -> None:
    if b"Expect" in sent:
        with connected(two_ways) as connection:
            connection.sendall(sent)
            assert connection.recv(25) == b"HTTP/1.1 100 Continue\r\n\r\n"
            assert Answer(Shared(connection)).body == way
    else:
        assert answers(two_ways, sent)[0].body == way


def test_answers_keep_the_order_of_the_requests_whichever_way_they_go(two_ways: str) -> None:
    another = post().replace(b"POST", b"PUT")
    sent = post() + another + post() + post() + another
    assert [answer.body for answer in answers(two_ways, sent, 5)] == [b"short", b"long", b"long", b"long", b"long"]


def test_a_request_behind_one_that_is_answered_goes_the_short_way_again(two_ways: str) -> None:
    with connected(two_ways) as connection:
        for sent, way in ((post().replace(b"POST", b"PUT"), b"long"), (post(), b"short")):
            connection.sendall(sent)
            assert Answer(Shared(connection)).body == way


def test_what_fails_is_a_500_on_a_connection_that_is_closed(two_ways: str) -> None:
    with connected(two_ways) as connection:
        connection.sendall(post(body=b"fail") + post())
        answer = Answer(Shared(connection))
        assert (answer.status, answer.names["connection"]) == (500, "close")
        assert connection.recv(1) == b""


def test_what_comes_behind_an_answer_that_ends_the_connection_is_not_looked_at() -> None:
    world = World(readings=Readings().with_values({"transport": "close"}))
    with running(create_app(world)) as url, connected(url) as connection:
        connection.sendall(post() * 3)
        assert Answer(Shared(connection)).status == 200
        assert connection.recv(1) == b""
    assert world.journal.total == 1


def test_a_client_that_says_no_more_gets_its_answers(mock: str) -> None:
    with connected(mock) as connection:
        connection.sendall(post() * 3)
        connection.shutdown(socket.SHUT_WR)
        shared = Shared(connection)
        assert [Answer(shared).status for _ in range(3)] == [200] * 3


def test_what_is_no_http_is_refused_after_the_answers_to_what_was(mock: str) -> None:
    first, second = answers(mock, post() + b"and now for something else\r\n\r\n", 2)
    assert (first.status, second.status) == (200, 400)


@pytest.mark.slow
def test_a_connection_is_closed_when_it_was_idle_for_five_seconds_and_no_earlier(mock: str) -> None:
    with connected(mock) as connection:
        for pause in (3, 3, 0):
            connection.sendall(post())
            assert Answer(Shared(connection)).status == 200
            time.sleep(pause)
        asked = time.monotonic()
        assert connection.recv(1) == b""
        assert 4 < time.monotonic() - asked < 8


def test_a_body_may_come_in_any_pieces(mock: str) -> None:
    sent = post()
    with connected(mock) as connection:
        for place in range(0, len(sent), 7):
            connection.sendall(sent[place : place + 7])
        assert Answer(Shared(connection)).status == 200


@pytest.mark.parametrize("pieces", [[120_000], [30_000, 60_000, 90_000], [100_190, 100_200, 100_300]])
def test_of_a_long_head_the_beginning_is_kept_in_whichever_pieces_it_comes(pieces: list[int]) -> None:
    world = World()
    sent = post(b"X-Long: " + b"x" * 100_000)
    with running(create_app(world)) as url, connected(url) as connection:
        for begin, end in pairwise([0, *pieces, len(sent)]):
            connection.sendall(sent[begin:end])
            time.sleep(0.05)  # so that it is read by itself
        assert Answer(Shared(connection)).status == 200
    (entry,) = world.journal
    assert sum(len(name) + len(value) for name, value in entry.request.headers) < 2000


def test_a_trailer_field_is_no_header_field(mock: str) -> None:
    body = chunked(BODY, trailer=b"Authorization: Bearer " + TOKEN.encode() + b"\r\n")
    sent = post(b"Transfer-Encoding: chunked", body=body).replace(b"Authorization: Bearer", b"X-Nothing:", 1)
    assert answers(mock, sent)[0].status == 401


def test_of_a_body_that_is_too_large_only_the_size_counts(mock: str) -> None:
    first, second = answers(mock, post(body=b" " * (3 << 20)) + post(), 2)
    assert (first.status, second.status) == (413, 200)


def test_a_client_that_reads_nothing_for_long_gets_every_answer(mock: str) -> None:
    how_many = 5_000
    with connected(mock) as connection:
        sender = threading.Thread(target=connection.sendall, args=(post() * how_many,))
        sender.start()
        sender.join(0.3)
        shared = Shared(connection)
        assert {Answer(shared).status for _ in range(how_many)} == {200}
        sender.join()


def test_a_request_that_has_begun_is_answered_before_the_server_stops() -> None:
    sent = post()
    with running(create_app(World())) as url:
        connection = socket.create_connection((urlsplit(url).hostname or "", urlsplit(url).port or 0), timeout=20)
        connection.sendall(sent[:-20])
        # A request behind it on another connection is answered only after what came before was read.
        answers(url, post())
        finish = threading.Timer(0.3, connection.sendall, (sent[-20:],))
        finish.start()
    with connection:
        answer = Answer(Shared(connection))
        assert (answer.status, answer.names["connection"]) == (200, "close")


def test_a_fault_and_a_preference_go_the_long_way_and_hit() -> None:
    world = World()
    with running(create_app(world)) as url:
        assert answers(url, post(b"Prefer: code=503"))[0].status == 503
        world.faults.add(parse_fault("code=502"), 0.0)
        assert answers(url, post())[0].status == 502


@pytest.mark.parametrize("transport", ["plain", "chunked", "close", "gzip", "title-case"])
def test_every_reading_of_the_transport_is_sent_so(transport: str) -> None:
    world = World(readings=Readings().with_values({"transport": transport}))
    with running(create_app(world)) as url:
        (answer,) = answers(url, post(b"Accept-Encoding: gzip"))
    assert answer.status == 200
    seen = {
        "plain": "content-length" in answer.names,
        "chunked": answer.names.get("transfer-encoding") == "chunked",
        "close": answer.names.get("connection") == "close",
        "gzip": answer.names.get("content-encoding") == "gzip",
        "title-case": "Content-Type" in dict(answer.fields),
    }
    assert seen[transport]


def test_title_case_names_are_those_of_every_answer_of_the_service() -> None:
    world = World(readings=Readings().with_values({"transport": "title-case", "other-method": "404"}))
    with running(create_app(world)) as url:
        for request in (post(), post(token="tf_nobody"), b"GET" + post().removeprefix(b"POST"), b"PUT" + post()[4:]):
            (answer,) = answers(url, request)
            assert {"Content-Type", "Content-Length"} <= dict(answer.fields).keys(), request


values = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
bodies = st.binary(max_size=60) | st.fixed_dictionaries(
    {}, optional={name: values | st.just(value) for name, value in VALID.items()}
).map(lambda fields: orjson.dumps({**VALID, **fields}, option=orjson.OPT_NON_STR_KEYS) if _fits(fields) else b"{}")


def _fits(fields: dict[str, Any]) -> bool:
    return all(not isinstance(value, int) or -(2**63) <= value < 2**64 for value in fields.values())


@given(body=bodies, token=st.sampled_from([TOKEN, "tf_nobody", ""]), in_chunks=st.booleans())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_both_ways_give_the_same_answer(mock: str, body: bytes, token: str, *, in_chunks: bool) -> None:
    fields, content = ([b"Transfer-Encoding: chunked"], chunked(body)) if in_chunks and body else ([], body)
    (short,) = answers(mock, post(*fields, body=content, token=token))
    (long,) = answers(mock, post(b"Connection: close", *fields, body=content, token=token))
    assert (short.status, short.body) == (long.status, long.body)
    # The number of the request is another, and a second payment or refusal is advised about.
    ours = {"date", "link", "connection", "x-mock-advice"}
    assert {name: value for name, value in short.names.items() if name not in ours} == {
        name: value for name, value in long.names.items() if name not in ours
    }


def test_of_a_flood_a_thousand_lines_are_printed_and_then_a_hundred_a_second(world: World) -> None:
    printed: list[str] = []
    log = Log(lambda entry: f"request {entry.number}", printed.append, most=1000)

    async def flood(*seconds: int) -> int:
        before = sum(text.count("request ") for text in printed)
        for second in seconds:
            world.clock = partial(float, second)
            log(world.answer(request()))
        await asyncio.sleep(0)
        return sum(text.count("request ") for text in printed) - before

    assert asyncio.run(flood(*[7] * 1500)) == 1000
    assert asyncio.run(flood(*[8] * 300)) == 100
    assert asyncio.run(flood(*[6] * 300)) == 0  # a clock that is put back gives nothing back
    assert asyncio.run(flood(*[1000] * 1500)) == 1000
    log.flush()
    assert "1,500 more requests" in printed[-1]


def test_a_flood_is_counted_where_nobody_could_read_it(serve: Serve) -> None:
    how_many = 8_000

    def flood(url: str) -> None:
        answers(url, post() * how_many, how_many)

    with serve() as served:
        client = threading.Thread(target=flood, args=(served.url,))
        client.start()
        lines = served.lines_until("more requests")
        client.join()
        served.process.terminate()
        lines += served.process.stdout.read().splitlines()
    shown = sum("  attributed  " in line for line in lines)
    counted = sum(int(line.split()[2].replace(",", "")) for line in lines if "more requests" in line)
    assert shown + counted == how_many
