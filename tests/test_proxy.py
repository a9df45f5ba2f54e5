"""`trackfox-mock proxy`: the mock before the real service, which another mock plays here."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from tests.conftest import ENDPOINT, KITES_TOKEN, LAMPS, LAMPS_TOKEN, Serve, run_command
from trackfox_contract.oracle.document import Document
from trackfox_contract.oracle.oracle import KnownWebsites
from trackfox_contract.proxy.recording import masked
from trackfox_contract.proxy.relay import Relay
from trackfox_contract.proxy.upstream import Upstream, passed_on
from trackfox_mock import AddressKind, Entry, Readings, World, classify_address, create_app, running
from trackfox_mock.assets import fixtures_path


@contextmanager
def proxied(url: str, **options: Any) -> Iterator[tuple[str, World]]:
    """A proxy before a service: its address, and the world that it writes into."""
    world = World()
    known = KnownWebsites(Document.of(world.api), world.fixtures)
    timeout = options.pop("timeout", 5.0)
    relay = Relay(world, known, Upstream(url, timeout=timeout), **options)
    with running(create_app(world, answering=relay)) as base_url:
        yield base_url, world


@pytest.fixture
def staging() -> Iterator[tuple[str, World]]:
    """A service that keeps the contract: its address, and what it knows."""
    world = World()
    with running(create_app(world)) as url:
        yield url, world


def pay(url: str, body: object = None, *, token: str = LAMPS_TOKEN, headers: dict[str, str] | None = None, **fields: Any
        ) -> httpx2.Response:  # fmt: skip
    """Send a payment of Lumen Lamps, with other fields."""
    content = body if isinstance(body, bytes) else json.dumps(LAMPS | fields).encode()
    sent = {"authorization": f"Bearer {token}", "content-type": "application/json", **(headers or {})}
    return httpx2.post(url + ENDPOINT, content=content, headers=sent, timeout=20)


def last(world: World) -> Entry:
    return list(world.journal)[-1]


@pytest.fixture
def upstream() -> Iterator[Callable[..., str]]:
    """A service made of bytes: it reads a request and sends these, in pieces; gives its address."""
    listeners: list[socket.socket] = []

    def serve(*pieces: bytes, hold: bool = False, endless: bool = False) -> str:
        listener = socket.create_server(("127.0.0.1", 0))
        listeners.append(listener)

        def answer() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                try:
                    for piece in pieces:
                        connection.sendall(piece)
                    while endless:
                        connection.sendall(pieces[-1])
                    if hold:
                        connection.recv(1)
                except OSError:
                    pass

        threading.Thread(target=answer, daemon=True).start()
        return f"http://127.0.0.1:{listener.getsockname()[1]}"

    yield serve
    for listener in listeners:
        listener.close()


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


def test_a_broken_clause_is_called_so(upstream: Callable[..., str]) -> None:
    with proxied(upstream(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n{}")) as (proxy, world):
        assert pay(proxy, revenue=-1).status_code == 200
    relayed = last(world).relayed
    assert relayed is not None
    assert relayed.verdict == "broken"
    assert "revenue.positive-integer" in relayed.clauses
    assert "expected 400" in relayed.sentence


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
def test_an_answer_that_is_none_is_a_502_of_ours_with_the_cause(
    pieces: Sequence[bytes], upstream: Callable[..., str]
) -> None:
    with proxied(upstream(*pieces)) as (proxy, world):
        answer = pay(proxy)
    assert answer.status_code == 502
    assert "gave no answer that could be passed on" in answer.text
    assert "Whether it recorded the payment is not known" in answer.text
    relayed = last(world).relayed
    assert relayed is not None
    assert relayed.verdict == "none"


def test_a_service_that_streams_for_ever_is_cut_off(upstream: Callable[..., str]) -> None:
    head = b"HTTP/1.1 200 OK\r\n\r\n"
    with proxied(upstream(head, b"x" * 65536, endless=True), timeout=20) as (proxy, _):
        assert "more than 8 MiB" in pay(proxy).text


def test_a_service_that_is_slow_is_a_504(upstream: Callable[..., str]) -> None:
    with proxied(upstream(b"HTTP/1.1 200 OK\r\n", hold=True), timeout=0.3) as (proxy, _):
        answer = pay(proxy)
    assert (answer.status_code, "within 0.3 seconds" in answer.text) == (504, True)


def test_a_service_that_is_down_is_a_502() -> None:
    with proxied("http://127.0.0.1:9") as (proxy, _):
        answer = pay(proxy)
    assert answer.status_code == 502
    assert "refused" in answer.text.lower()


def test_no_redirect_is_followed(upstream: Callable[..., str], staging: tuple[str, World]) -> None:
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


# The command


@pytest.fixture
def proxy(tmp_path: Path) -> Serve:
    """Start `trackfox-mock proxy URL --port 0` with more options; gives the process and its address."""

    @contextmanager
    def start(url: str, *options: str) -> Iterator[tuple[subprocess.Popen[str], str, list[str]]]:
        arguments = ["proxy", url, "--port", "0", "--fixtures", str(fixtures_path()), *options]
        process = subprocess.Popen([sys.executable, "-m", "trackfox_mock", *arguments], cwd=tmp_path,
                                   stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)  # fmt: skip
        with process:
            assert process.stdout is not None
            lines: list[str] = []
            try:
                for line in process.stdout:
                    lines.append(line)
                    if line.startswith("trackfox-mock ready on "):
                        break
                yield process, lines[-1].split()[-1], lines
            finally:
                process.terminate()
                process.wait(20)

    return start


def test_each_call_is_a_line_without_a_secret(proxy: Serve, staging: tuple[str, World]) -> None:
    with proxy(staging[0]) as (process, url, first):
        pay(url)
        pay(url, token=KITES_TOKEN)
        lines = [process.stdout.readline() for _ in range(2)]
    assert "is passed on to" in first[0]
    assert "attributed  9900 cents" in lines[0]
    assert "kept endpoint" in lines[0]
    assert "kept auth.website" in lines[1]
    assert not re.search(f"{LAMPS_TOKEN}|{KITES_TOKEN}|ada@example", "".join(lines))


def test_the_real_service_needs_a_word() -> None:
    arguments = ("proxy", "https://trackfox.app", "--fixtures", str(fixtures_path()))
    done = run_command(*arguments)
    assert done.returncode == 2
    assert "is the real service" in done.stderr
    assert "add --production" in done.stderr


AFTERNOON: list[dict[str, Any]] = [
    {},
    {"revenue": 1250, "email": "eve+shop@example.com"},
    {"revenue": -1},
    {"email": "nobody"},
    {"email": "ada@localhost"},
    {"session_id": "nobody"},
    {"session_id": ""},
    {"session_id": 12},
    {"order_id": "1"},
    {"revenue": 9900.0},
    {"website_id": "web_unknown"},
]


def test_a_recorded_afternoon_is_replayed_the_same_way(proxy: Serve, serve: Serve, tmp_path: Path) -> None:
    odd = {"extra-property": "refused", "unknown-website": "404", "error-body": "nested", "integral-float": "refused"}
    world = World(readings=Readings().with_values(odd))
    with running(create_app(world)) as url, proxy(url, "--record", "afternoon") as (process, address, _):
        for fields in AFTERNOON:
            pay(address, **fields)
        pay(address, token="tf_of_nobody_0123456789")
        pay(address, b"{")
        process.terminate()
        process.wait(20)
    folder = tmp_path / "afternoon"
    written = "".join(file.read_text() for file in folder.iterdir())
    assert not re.search(f"{LAMPS_TOKEN}|ada@example|eve\\+shop", written)
    token = yaml.safe_load((folder / "websites.yaml").read_text())["websites"]
    variables = {site["api_token"][2:-1]: _token_of(site["website_id"]) for site in token}
    files = ("--fixtures", str(folder / "websites.yaml"), "--readings", str(folder / "readings.yaml"))
    differing = []
    with serve(*files, env=variables) as served:
        for entry in json.loads((folder / "exchanges.har").read_text())["log"]["entries"]:
            answer = _replayed(served.url, entry, variables)
            came = (entry["response"]["status"], entry["response"]["content"]["text"])
            if (answer.status_code, answer.text) != came:
                differing.append((came, answer.status_code, answer.text))
    assert differing == []


def _token_of(website_id: str) -> str:
    tokens = {website.website_id: website.api_token for website in World().fixtures}
    return tokens[website_id]


def _replayed(url: str, entry: dict[str, Any], variables: dict[str, str]) -> httpx2.Response:
    def filled(text: str) -> str:
        for name, value in variables.items():
            text = text.replace(f"${{{name}}}", value)
        return text

    sent = entry["request"]
    headers = {field["name"]: filled(field["value"]) for field in sent["headers"]}
    content = filled(sent["postData"]["text"]).encode("utf-8", "surrogateescape")
    return httpx2.request(sent["method"], url + ENDPOINT, content=content, headers=headers)


def test_with_learn_the_mock_reads_as_the_service_does_and_a_contradiction_is_told(
    proxy: Serve, staging: tuple[str, World]
) -> None:
    url, service = staging
    service.services.change(None, {"extra-property": "refused"})
    with proxy(url, "--learn") as (process, address, _):
        pay(address, order_id="1")
        learnt = [process.stdout.readline(), process.stdout.readline()]
        readings = httpx2.get(f"{address}/__admin/readings").json()
        service.services.change(None, {"extra-property": "ignored"})
        pay(address, order_id="1")
        told = [process.stdout.readline(), process.stdout.readline()]
    assert "learnt: extra-property is refused" in "".join(learnt)
    assert "observed" in json.dumps(readings)
    assert "extra-property was seen as refused before" in "".join(told)
