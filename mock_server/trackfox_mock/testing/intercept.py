"""Calls of this process to the real host: sent to the mock instead, or blocked.

Each client library is changed at the one place where every request passes with its whole URL, whatever session, pool or
proxy it belongs to. A request for another host goes on as if nothing had happened.
"""

from __future__ import annotations

import http.client
import socket
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from types import ModuleType
from typing import Any
from unittest.mock import patch
from urllib.parse import urlsplit

from trackfox_mock.errors import RealHostError

NO_ADDRESS = "http://trackfox.invalid"
"""The base URL of a mock without a socket: RFC 2606 promises that no real host has this name."""


class Detour:
    """From one origin to another.

    Args:
        origin: as `https://trackfox.app`.
        base_url: as `http://127.0.0.1:40321`.
    """

    def __init__(self, origin: str, base_url: str) -> None:
        self.real = _origin(origin)
        self.base_url = base_url
        _, self.host, self.port = _origin(base_url)

    def takes(self, scheme: str | None, host: str | None, port: int | None) -> bool:
        """Whether a request for that host is to be sent to the mock."""
        return (scheme, _name(host), port or _DEFAULT_PORTS.get(scheme or "")) == self.real


class Barrier(Detour):
    """Where no request gets through.

    Args:
        origin: as `https://trackfox.app`.
        tell: is told the origin at every call.
    """

    def __init__(self, origin: str, tell: Callable[[str], None]) -> None:
        super().__init__(origin, NO_ADDRESS)
        self.origin = origin
        self._tell = tell

    def takes(self, scheme: str | None, host: str | None, port: int | None) -> bool:
        """Never, as such a request is blocked.

        Raises:
            RealHostError: it is for that host.
        """
        if super().takes(scheme, host, port):
            raise self.refusal()
        return False

    def refusal(self) -> RealHostError:
        """What a call is answered with."""
        self._tell(self.origin)
        return RealHostError(
            f"{self.origin} is the real service, and a test that uses trackfox called it: blocked. {CURES} "
            "To let real calls through, mark the test trackfox(real_calls='allow'), or set trackfox_real_calls = allow."
        )


CURES = (
    "Where the code takes the address from TRACKFOX_BASE_URL, say trackfox.setenv(monkeypatch) before it runs; where "
    "the address stands in its text, run it inside: with trackfox.intercept()."
)
"""The two ways to have code under test call the mock."""

_DEFAULT_PORTS = {"http": 80, "https": 443}


def _origin(url: str) -> tuple[str, str, int]:
    parts = urlsplit(url)
    return parts.scheme, parts.hostname or "", parts.port or _DEFAULT_PORTS[parts.scheme]


@contextmanager
def blocked(origins: Iterable[str], tell: Callable[[str], None]) -> Iterator[None]:
    """Let no request of this process through to `origins` for as long as the block lasts; `tell` is told of each call.

    Client libraries that are imported later are stopped where they look up the host's address. What looks it up by
    itself, below Python, is not: libcurl, uvloop's streams, another process.
    """
    barriers = [Barrier(origin, tell) for origin in origins]
    with ExitStack() as changes:
        for barrier in barriers:
            for library, change in _LIBRARIES.items():
                if library in sys.modules:
                    changes.enter_context(change(sys.modules[library], barrier))
        changes.enter_context(_no_lookup({barrier.real[1]: barrier for barrier in barriers}))
        yield


@contextmanager
def _no_lookup(barriers: Mapping[str, Barrier]) -> Iterator[None]:
    def demand_another(host: Any) -> None:
        name = _name(host.decode("ascii", "replace") if isinstance(host, bytes) else host)
        if name in barriers:
            raise barriers[name].refusal()

    def looking_up(look_up: Callable[..., Any]) -> Callable[..., Any]:
        def looked_up(host: Any, *args: Any, **options: Any) -> Any:
            demand_another(host)
            return look_up(host, *args, **options)

        return looked_up

    def connecting(connect: Callable[..., Any]) -> Callable[..., Any]:
        def connected(self: socket.socket, address: Any) -> Any:
            demand_another(address[0] if isinstance(address, tuple) else None)
            return connect(self, address)

        return connected

    with ExitStack() as changes:
        for name in ("getaddrinfo", "gethostbyname", "gethostbyname_ex"):
            changes.enter_context(patch.object(socket, name, looking_up(getattr(socket, name))))
        for name in ("connect", "connect_ex"):
            changes.enter_context(patch.object(socket.socket, name, connecting(getattr(socket.socket, name))))
        yield


def _name(host: Any) -> Any:
    """A host's name as it is compared: its case counts for nothing, nor the dot at its end."""
    return host.lower().rstrip(".") if isinstance(host, str) else host


@contextmanager
def intercepted(origin: str, base_url: str) -> Iterator[None]:
    """Send this process's requests for `origin` to `base_url` for as long as the block lasts.

    The client libraries that are installed are imported: one that the code under test imported later would get past.
    """
    detour = Detour(origin, base_url)
    with ExitStack() as changes:
        for library, change in _LIBRARIES.items():
            if find_spec(library) is not None:
                changes.enter_context(change(import_module(library), detour))
        yield


@contextmanager
def _http_client(_: ModuleType, detour: Detour) -> Iterator[None]:
    """The standard library, `urllib.request` included."""
    scheme = detour.real[0]
    connection_class = http.client.HTTPSConnection if scheme == "https" else http.client.HTTPConnection
    connect = connection_class.connect

    def connect_to_mock(self: Any) -> None:
        # Behind a proxy the connection has the proxy's address, and the host that is meant is that of the tunnel.
        tunnel = getattr(self, "_tunnel_host", None)
        host, port = (tunnel, self._tunnel_port) if tunnel else (self.host, self.port)
        if detour.takes(scheme, host, port):
            self.sock = socket.create_connection((detour.host, detour.port), self.timeout)
        else:
            connect(self)

    with patch.object(connection_class, "connect", connect_to_mock):
        yield


@contextmanager
def _urllib3(urllib3: ModuleType, detour: Detour) -> Iterator[None]:
    """urllib3, and with it requests."""
    pool_class = urllib3.HTTPConnectionPool
    urlopen = pool_class.urlopen

    def urlopen_of_mock(self: Any, method: str, url: str, *args: Any, **options: Any) -> Any:
        if not detour.takes(self.scheme, self.host, self.port):
            return urlopen(self, method, url, *args, **options)
        mock = pool_class(detour.host, detour.port, timeout=self.timeout, retries=self.retries, headers=self.headers)
        # Through some proxies the whole URL is asked for.
        target = urlsplit(url)._replace(scheme="", netloc="").geturl()
        return urlopen(mock, method, target, *args, **options)

    with patch.object(pool_class, "urlopen", urlopen_of_mock):
        yield


@contextmanager
def _httpx(httpx: ModuleType, detour: Detour) -> Iterator[None]:
    """Httpx and httpx2, of one shape."""
    handle = httpx.HTTPTransport.handle_request
    handle_async = httpx.AsyncHTTPTransport.handle_async_request
    # Transports of our own, since a client's may lead through a proxy. They keep no connection, which would belong to
    # the event loop that opened it.
    plain = {"verify": False, "limits": httpx.Limits(max_keepalive_connections=0)}
    direct, direct_async = cache(lambda: httpx.HTTPTransport(**plain)), cache(lambda: httpx.AsyncHTTPTransport(**plain))

    def is_ours(request: Any) -> bool:
        return detour.takes(request.url.scheme, request.url.host, request.url.port)

    def to_mock(request: Any) -> Any:
        url = request.url.copy_with(scheme="http", host=detour.host, port=detour.port)
        return httpx.Request(
            request.method, url, headers=request.headers, stream=request.stream, extensions=request.extensions
        )

    def handle_request(self: Any, request: Any) -> Any:
        return handle(direct(), to_mock(request)) if is_ours(request) else handle(self, request)

    async def handle_async_request(self: Any, request: Any) -> Any:
        if is_ours(request):
            return await handle_async(direct_async(), to_mock(request))
        return await handle_async(self, request)

    with (
        patch.object(httpx.HTTPTransport, "handle_request", handle_request),
        patch.object(httpx.AsyncHTTPTransport, "handle_async_request", handle_async_request),
    ):
        yield


@contextmanager
def _aiohttp(aiohttp: ModuleType, detour: Detour) -> Iterator[None]:
    """Aiohttp."""
    yarl = import_module("yarl")
    request = aiohttp.ClientSession._request  # noqa: SLF001 - every method of a session ends there

    async def request_of_mock(self: Any, method: str, url: Any, **options: Any) -> Any:
        whole = self._build_url(url)
        if not detour.takes(whole.scheme, whole.host, whole.port):
            return await request(self, method, url, **options)
        ours = yarl.URL(f"{detour.base_url}{whole.raw_path_qs}", encoded=True)
        return await request(self, method, ours, **(options | {"proxy": None}))

    with patch.object(aiohttp.ClientSession, "_request", request_of_mock):
        yield


_LIBRARIES: Mapping[str, Callable[[ModuleType, Detour], Any]] = {
    "http.client": _http_client,
    "urllib3": _urllib3,
    "httpx": _httpx,
    "httpx2": _httpx,
    "aiohttp": _aiohttp,
}
