"""What passes through the proxy: to the real service, which another mock plays here, and back."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Iterator, Sequence
from contextlib import closing

import httpx2
import pytest

from tests.conftest import ENDPOINT
from tests.proxying import Upstreams, pay, proxied, upstreams
from trackfox_contract.oracle.document import Document
from trackfox_contract.oracle.known import KnownWebsites
from trackfox_contract.proxy.recording import masked
from trackfox_contract.proxy.relay import Relay
from trackfox_contract.proxy.upstream import Upstream, passed_on
from trackfox_mock import AddressKind, Entry, Request, World, classify_address, create_app, running


@pytest.fixture
def upstream() -> Iterator[Upstreams]:
    """Starts services made of bytes."""
    with upstreams() as start:
        yield start


def last(world: World) -> Entry:
    return list(world.journal)[-1]


def test_a_payment_reaches_the_service_and_its_answer_comes_back(staging: tuple[str, World]) -> None:
    url, service = staging
    with proxied(url) as (proxy, world):
        answer = pay(proxy)
    assert (answer.status_code, answer.json()) == (200, {"message": "Payment event attributed successfully."})
    assert [payment.revenue for payment in service.store.payments("web_lumen_lamps")] == [9900]
    entry = last(world)
    assert entry.relayed is not None
    assert (entry.relayed.verdict, entry.outcome) == ("kept", "attributed")


def test_a_refusal_of_the_service_is_judged_by_its_clause(staging: tuple[str, World]) -> None:
    with proxied(staging[0]) as (proxy, world):
        assert pay(proxy, session_id="nobody").status_code == 404
        shown = httpx2.get(f"{proxy}/__admin/requests").json()["requests"][0]["relayed"]
    assert (shown["verdict"], shown["would"]["status"]) == ("kept", 404)
    assert shown["clauses"] == ["match.session"]
    assert last(world).outcome == "refused"


def test_what_the_document_leaves_open_is_open_and_the_difference_is_told_once(
    staging: tuple[str, World],
) -> None:
    staging[1].services.change(None, {"extra-property": "refused"})
    with proxied(staging[0]) as (proxy, world):
        assert [pay(proxy, order_id="1").status_code for _ in range(2)] == [400, 400]
    first, second = [entry.relayed for entry in world.journal]
    assert first is not None
    assert second is not None
    assert first.verdict == "open"
    assert "the service answered 400, and this mock would answer 200" in first.sentence
    assert "differs as before" in second.sentence


def test_a_broken_clause_is_called_so(upstream: Upstreams) -> None:
    with proxied(upstream(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")) as (proxy, world):
        assert pay(proxy, revenue=-1).status_code == 200
    relayed = last(world).relayed
    assert relayed is not None
    assert relayed.verdict == "broken"
    assert "revenue.positive-integer" in relayed.clauses
    assert "expected 400" in relayed.sentence


def test_a_row_of_the_page_tells_the_verdict_and_why(staging: tuple[str, World]) -> None:
    staging[1].services.change(None, {"extra-property": "refused"})
    with proxied(staging[0]) as (proxy, _):
        pay(proxy)
        pay(proxy, order_id="1")
        pay(proxy, revenue=29.99)
        dollars, extra, ordinary = httpx2.get(f"{proxy}/__admin/rows").json()["rows"]
    assert (ordinary["verdict"], ordinary["outcome"]) == ("kept", "attributed")
    assert ordinary["why"].endswith("the service answered 200, as this mock would")
    assert (extra["verdict"], extra["slip"]) == ("open", None)
    assert extra["why"].startswith("open: the service answered 400, and this mock would answer 200")
    assert (dollars["verdict"], dollars["slip"]) == ("kept", "revenue.dollars")


def test_with_errors_what_breaks_the_document_never_reaches_the_service(staging: tuple[str, World]) -> None:
    url, service = staging
    with proxied(url, refuses_errors=True) as (proxy, _):
        assert pay(proxy, revenue=0).status_code == 400
        assert service.journal.total == 0
        assert pay(proxy, session_id="nobody").status_code == 404
        assert service.journal.total == 1


def test_only_the_documented_endpoint_is_passed_on(staging: tuple[str, World]) -> None:
    url, service = staging
    with proxied(url) as (proxy, _):
        assert httpx2.get(f"{proxy}{ENDPOINT}").status_code == 405
        assert httpx2.post(f"{proxy}/somewhere/else").status_code == 404
        assert httpx2.get(f"{proxy}/__admin/requests").status_code == 200
    assert service.journal.total == 0


def test_a_body_that_is_too_large_to_be_passed_on_is_refused_by_us(staging: tuple[str, World]) -> None:
    url, service = staging
    with proxied(url) as (proxy, world):
        assert pay(proxy, note="x" * 3_000_000).status_code == 413
    assert service.journal.total == 0
    relayed = last(world).relayed
    assert relayed is not None
    assert "its body is larger than what is passed on" in relayed.sentence


def test_a_fault_after_commit_lets_the_service_record_and_loses_its_answer(staging: tuple[str, World]) -> None:
    url, service = staging
    with proxied(url) as (proxy, _):
        assert pay(proxy, headers={"prefer": "code=503; phase=after-commit"}).status_code == 503
        assert len(list(service.store.payments("web_lumen_lamps"))) == 1
        assert pay(proxy, headers={"prefer": "code=503"}).status_code == 503
        with pytest.raises(httpx2.TransportError):
            pay(proxy, headers={"prefer": "fault=EMPTY_RESPONSE; phase=after-commit"}, revenue=1)
    assert len(list(service.store.payments("web_lumen_lamps"))) == 2
    assert not any(b"prefer" in dict(entry.request.headers) for entry in service.journal)


WRONG_ANSWERS = {
    "nothing": [b""],
    "no HTTP": [b"\x16\x03\x01 hello"],
    "half an answer": [b"HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{}"],
    "two lengths": [b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}"],
    "a broken chunk": [b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"],
    "an endless head": [b"HTTP/1.1 200 OK\r\n", b"x-a: b\r\n" * 50_000],
}


@pytest.mark.parametrize("pieces", WRONG_ANSWERS.values(), ids=list(WRONG_ANSWERS))
def test_an_answer_that_is_none_is_a_502_of_ours_with_the_cause(pieces: Sequence[bytes], upstream: Upstreams) -> None:
    with proxied(upstream(*pieces)) as (proxy, world):
        answer = pay(proxy)
    assert answer.status_code == 502
    assert "gave no answer that could be passed on" in answer.text
    assert "Whether it recorded the payment is not known" in answer.text
    relayed = last(world).relayed
    assert relayed is not None
    assert relayed.verdict == "none"


ANSWER = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}"
FORGED = b"HTTP/1.1 401 Unauthorized\r\ncontent-length: 0\r\n\r\n"


@pytest.mark.parametrize("pieces", [[ANSWER + FORGED], [ANSWER, FORGED]], ids=["at once", "later"])
def test_what_a_service_says_beyond_its_answer_is_no_answer_to_the_next_request(pieces: list[bytes]) -> None:
    async def statuses() -> list[int]:
        is_said = asyncio.Event()

        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with closing(writer):
                await reader.readuntil(b"\r\n\r\n")
                for piece in pieces:
                    writer.write(piece)
                    await asyncio.sleep(0.05)
                is_said.set()
                await reader.read()

        async with await asyncio.start_server(serve, "127.0.0.1") as service:
            upstream = Upstream(f"http://127.0.0.1:{service.sockets[0].getsockname()[1]}")
            request = Request("POST", ENDPOINT, (), b"", b"", 0)
            first = await upstream.send(request)
            await is_said.wait()
            await _turns(10)
            second = await upstream.send(request)
            upstream.close()
            await _turns(10)
        return [first.status, second.status]

    assert asyncio.run(statuses()) == [200, 200]


async def _turns(number: int) -> None:
    """Let the event loop take in what has come."""
    for _ in range(number):
        await asyncio.sleep(0.005)


def test_a_service_that_streams_for_ever_is_cut_off(upstream: Upstreams) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with proxied(upstream(head, b"x" * 65536, endless=True), timeout=20) as (proxy, _):
        assert "more than 8 MiB" in pay(proxy).text


def test_a_service_that_is_slow_is_a_504(upstream: Upstreams) -> None:
    with proxied(upstream(b"HTTP/1.1 200 OK\r\n", hold=True), timeout=0.3) as (proxy, _):
        answer = pay(proxy)
    assert (answer.status_code, "within 0.3 seconds" in answer.text) == (504, True)


def test_a_service_that_is_down_is_a_502() -> None:
    with proxied("http://127.0.0.1:9") as (proxy, _):
        answer = pay(proxy)
    assert answer.status_code == 502
    assert "refused" in answer.text.lower()


def test_no_redirect_is_followed(upstream: Upstreams, staging: tuple[str, World]) -> None:
    away = f"HTTP/1.1 307 Away\r\nlocation: {staging[0]}{ENDPOINT}\r\ncontent-length: 0\r\n\r\n".encode()
    with proxied(upstream(away)) as (proxy, _):
        assert pay(proxy).status_code == 307
    assert staging[1].journal.total == 0


def test_a_proxy_before_itself_ends_at_once() -> None:
    world = World()
    known = KnownWebsites(Document.of(world.api), world.fixtures)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    relay = Relay(world, known, Upstream(f"http://127.0.0.1:{port}"))
    with running(create_app(world, answering=relay), port=port) as url:
        assert pay(url).status_code == 508


def test_what_concerns_neighbours_alone_is_not_passed_on() -> None:
    fields = [(b"Connection", b"close, X-Mine"), (b"x-mine", b"1"), (b"te", b"trailers"), (b"accept", b"*/*"),
              (b"transfer-encoding", b"chunked"), (b"proxy-authorization", b"Basic eDp5"), (b"host", b"h")]  # fmt: skip
    assert passed_on(fields) == [(b"accept", b"*/*")]


def test_an_address_is_masked_by_one_of_its_kind() -> None:
    assert re.fullmatch(r"masked-[0-9a-f]{8}@example\.com", masked("ada@example.com"))
    assert masked("ada@example.com") != masked("eve@example.com")
    for address in ("contract-check@localhost", '"quoted address"@example.com', "two@@example.com"):
        assert classify_address(masked(address)).kind is classify_address(address).kind
    assert classify_address(masked("ada@example.com")).kind is AddressKind.PLAIN
