"""`trackfox.intercept()`: calls of the real host reach the mock, all others do not."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
import urllib.request
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import aiohttp
import httpx
import httpx2
import pytest
import requests
import urllib3

from trackfox_mock import Trackfox, TrackfoxApp, TrackfoxMockError, trackfox_mock

REAL = "https://trackfox.app/api/v1/attribute-payment"

Body = dict[str, Any]
Client = Callable[[str, Body, dict[str, str]], int]


def by_httpx(url: str, body: Body, headers: dict[str, str]) -> int:
    return httpx.post(url, json=body, headers=headers).status_code


def by_httpx2(url: str, body: Body, headers: dict[str, str]) -> int:
    with httpx2.Client() as client:
        return client.post(url, json=body, headers=headers).status_code


def by_requests(url: str, body: Body, headers: dict[str, str]) -> int:
    with requests.Session() as session:
        return session.post(url, json=body, headers=headers, timeout=5).status_code


def by_urllib3(url: str, body: Body, headers: dict[str, str]) -> int:
    with urllib3.PoolManager(headers=headers) as pool:
        return pool.request("POST", url, json=body).status


def by_urllib(url: str, body: Body, headers: dict[str, str]) -> int:
    request = urllib.request.Request(url, json.dumps(body).encode(), headers, method="POST")  # noqa: S310 - ours
    with urllib.request.urlopen(request) as response:  # noqa: S310 - ours
        return int(response.status)


def by_http_client(url: str, body: Body, headers: dict[str, str]) -> int:
    _, _, host, path = url.split("/", 3)
    connections = {"https": http.client.HTTPSConnection, "http": http.client.HTTPConnection}
    with closing(connections[url.partition(":")[0]](host)) as connection:
        connection.request("POST", f"/{path}", json.dumps(body), headers)
        status: int = connection.getresponse().status
        return status


async def by_async_httpx(url: str, body: Body, headers: dict[str, str]) -> int:
    async with httpx.AsyncClient() as client:
        return (await client.post(url, json=body, headers=headers)).status_code


async def by_async_httpx2(url: str, body: Body, headers: dict[str, str]) -> int:
    async with httpx2.AsyncClient() as client:
        return (await client.post(url, json=body, headers=headers)).status_code


async def by_aiohttp(url: str, body: Body, headers: dict[str, str]) -> int:
    async with aiohttp.ClientSession(headers=headers) as session, session.post(url, json=body) as response:
        return response.status


def awaited(client: Callable[[str, Body, dict[str, str]], Awaitable[int]]) -> Client:
    """An async client as a plain one, in an event loop of its own."""

    async def call(*arguments: Any) -> int:
        return await client(*arguments)

    return lambda *arguments: asyncio.run(call(*arguments))


CLIENTS: dict[str, Client] = {
    "httpx": by_httpx,
    "httpx2": by_httpx2,
    "requests": by_requests,
    "urllib3": by_urllib3,
    "urllib": by_urllib,
    "http.client": by_http_client,
    "httpx.AsyncClient": awaited(by_async_httpx),
    "httpx2.AsyncClient": awaited(by_async_httpx2),
    "aiohttp": awaited(by_aiohttp),
}

every_client = pytest.mark.parametrize("client", CLIENTS.values(), ids=list(CLIENTS))


def payment(trackfox: Trackfox) -> tuple[Body, dict[str, str]]:
    """Body and headers of a payment."""
    body = {
        "session_id": trackfox.session.session_id,
        "visitor_id": trackfox.session.visitor_id,
        "website_id": trackfox.website_id,
        "revenue": 9900,
        "email": "ada@example.com",
    }
    headers = {"authorization": f"Bearer {trackfox.api_token}", "content-type": "application/json"}
    return body, headers


@pytest.fixture
def bystander() -> Iterator[str]:
    """Another host, which answers 418 to whatever comes."""

    class Teapot(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(418)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Teapot) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@every_client
def test_a_call_of_the_real_host_reaches_the_mock(client: Client, trackfox: Trackfox) -> None:
    trackfox.expect("duplicate")
    with trackfox.intercept():
        assert client(REAL, *payment(trackfox)) == 200
        assert client(REAL, *payment(trackfox)) == 200
    assert len(trackfox.payments) == 2


@every_client
def test_a_call_of_another_host_is_left_alone(client: Client, trackfox: Trackfox, bystander: str) -> None:
    with trackfox.intercept():
        try:
            status = client(bystander, *payment(trackfox))
        except urllib.error.HTTPError as problem:
            with problem:
                status = problem.code
    assert status == 418
    assert trackfox.requests == []


@every_client
def test_a_proxy_of_the_environment_is_not_asked(
    client: Client, trackfox: Trackfox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    with trackfox.intercept():
        assert client(REAL, *payment(trackfox)) == 200


def test_everything_is_as_before_afterwards(trackfox: Trackfox) -> None:
    def changed() -> list[object]:
        return [
            httpx.HTTPTransport.handle_request,
            httpx.AsyncHTTPTransport.handle_async_request,
            httpx2.HTTPTransport.handle_request,
            httpx2.AsyncHTTPTransport.handle_async_request,
            urllib3.HTTPConnectionPool.urlopen,
            http.client.HTTPSConnection.connect,
            aiohttp.ClientSession._request,  # noqa: SLF001 - that is what is changed
        ]

    before = changed()
    with trackfox.intercept():
        assert not any(now is then for now, then in zip(changed(), before, strict=True))
    assert changed() == before


def test_everything_is_as_before_after_a_failure(trackfox: Trackfox) -> None:
    before = urllib3.HTTPConnectionPool.urlopen
    with pytest.raises(ConnectionError), trackfox.intercept():
        raise ConnectionError
    assert before is urllib3.HTTPConnectionPool.urlopen


@every_client
def test_the_innermost_interception_wins(client: Client, trackfox: Trackfox) -> None:
    with trackfox_mock() as inner, trackfox.intercept():
        with inner.intercept():
            client(REAL, *payment(inner))
        client(REAL, *payment(trackfox))
        inner.assert_attributed_once()
    trackfox.assert_attributed_once()


def test_async_code_calls_at_the_same_time(trackfox: Trackfox) -> None:
    trackfox.expect("duplicate")

    async def call_often() -> list[int]:
        calls = [by_async_httpx, by_async_httpx2, by_aiohttp] * 5
        return await asyncio.gather(*(call(REAL, *payment(trackfox)) for call in calls))

    with trackfox.intercept():
        assert asyncio.run(call_often()) == [200] * 15


def test_the_response_still_names_the_real_host(trackfox: Trackfox) -> None:
    trackfox.expect("duplicate")
    body, headers = payment(trackfox)
    with trackfox.intercept():
        assert str(httpx2.post(REAL, json=body, headers=headers).url) == REAL
        assert requests.post(REAL, json=body, headers=headers, timeout=5).url == REAL


def test_a_mock_without_a_socket_cannot_intercept(trackfox_app: TrackfoxApp) -> None:
    with pytest.raises(TrackfoxMockError, match="use the fixture trackfox"), trackfox_app.intercept():
        pass
