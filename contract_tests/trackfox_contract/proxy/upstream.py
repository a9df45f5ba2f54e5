"""The service that a proxy stands before: one request out, one whole answer back, everything bounded."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Iterable
from typing import NamedTuple
from urllib.parse import urlsplit

import h11

from trackfox_contract.wire.transport import LARGEST_BODY
from trackfox_mock import Reply, Request

_LARGEST_HEAD = 1 << 18
_CHUNK = 1 << 16
_IDLE_SECONDS = 2.0  # who keeps connections open does so for five seconds or more
_MOST_IDLE = 32
# RFC 9110, 7.6.1, and what concerns this proxy alone.
_BETWEEN_NEIGHBOURS = frozenset({
    b"connection", b"keep-alive", b"proxy-connection", b"proxy-authorization", b"proxy-authenticate", b"te",
    b"trailer", b"transfer-encoding", b"upgrade",
})  # fmt: skip
_OURS = frozenset({b"host", b"content-length", b"expect", b"prefer", b"via"})
VIA = b"trackfox-mock-proxy"
"""What this proxy calls itself in `Via`."""


class UpstreamError(Exception):
    """The service gave no answer that could be passed on.

    Args:
        status: 502 or 504.
        reason: in words.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason


class _Link(NamedTuple):
    """A connection; where it waits for the next request, since when, and what listens for what comes unasked."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    protocol: h11.Connection
    since: float = 0.0
    unasked: asyncio.Task[bytes] | None = None

    async def is_usable(self) -> bool:
        """Whether nothing came since the last answer, neither an end nor what would pass for the next answer."""
        unasked = self.unasked
        if unasked is None or unasked.done() or time.monotonic() - self.since > _IDLE_SECONDS:
            return False
        unasked.cancel()
        await asyncio.wait([unasked])
        return unasked.cancelled() and not self.writer.is_closing()

    def close(self) -> None:
        """Close it, and listen no more."""
        if self.unasked is not None:
            self.unasked.cancel()
        self.writer.close()


class Upstream:
    """One origin, and connections to it.

    Args:
        origin: as `https://staging.example`.
        insecure: whether its certificate is not looked at.
        timeout: seconds until a whole answer must be there.
    """

    def __init__(self, origin: str, *, insecure: bool = False, timeout: float = 30.0) -> None:
        parts = urlsplit(origin)
        self.host, self._timeout = parts.hostname or "", timeout
        self._port = parts.port or (443 if parts.scheme == "https" else 80)
        self._authority = parts.netloc.rpartition("@")[2].encode("ascii")
        self._context = _context(insecure=insecure) if parts.scheme == "https" else None
        self._idle: list[_Link] = []

    async def send(self, request: Request) -> Reply:
        """Pass a request on; no redirect is followed, and nothing is ever sent twice.

        Raises:
            UpstreamError: no answer came, or none that is HTTP.
        """
        link: _Link | None = None
        try:
            async with asyncio.timeout(self._timeout):
                link = await self._waiting() or await self._opened()
                reply = await self._exchange(link, request)
        except TimeoutError:
            self._drop(link)
            raise UpstreamError(504, f"no whole answer came within {self._timeout:g} seconds") from None
        except (h11.RemoteProtocolError, h11.LocalProtocolError) as problem:
            self._drop(link)
            raise UpstreamError(502, f"what came is no whole HTTP answer ({problem})") from None
        except ssl.SSLError as problem:
            self._drop(link)
            raise UpstreamError(
                502, f"TLS failed ({problem.reason or problem}); --insecure looks at no certificate"
            ) from None
        except OSError as problem:
            self._drop(link)
            raise UpstreamError(502, _told(problem)) from None
        except BaseException:
            self._drop(link)
            raise
        self._keep(link)
        return reply

    async def _opened(self) -> _Link:
        name = self.host if self._context else None
        reader, writer = await asyncio.open_connection(
            self.host, self._port, ssl=self._context, server_hostname=name, limit=_LARGEST_HEAD
        )
        return _Link(reader, writer, _protocol())

    async def _waiting(self) -> _Link | None:
        while self._idle:
            link = self._idle.pop()
            if await link.is_usable():
                return link
            link.close()
        return None

    def _keep(self, link: _Link) -> None:
        protocol = link.protocol
        is_done = protocol.our_state is h11.DONE and protocol.their_state is h11.DONE
        if is_done and not protocol.trailing_data[0] and len(self._idle) < _MOST_IDLE:
            protocol.start_next_cycle()
            unasked = asyncio.get_running_loop().create_task(link.reader.read(1))
            self._idle.append(link._replace(since=time.monotonic(), unasked=unasked))
        else:
            link.close()

    def _drop(self, link: _Link | None) -> None:
        if link is not None:
            link.writer.transport.abort()

    def close(self) -> None:
        """Close what waits."""
        while self._idle:
            self._idle.pop().close()

    async def _exchange(self, link: _Link, request: Request) -> Reply:
        protocol, writer = link.protocol, link.writer
        target = request.path.encode("ascii", "replace") + (b"?" + request.query if request.query else b"")
        headers = [(b"host", self._authority), *passed_on(request.headers), (b"via", b"1.1 " + VIA)]
        headers.append((b"content-length", b"%d" % len(request.body)))
        head = protocol.send(h11.Request(method=request.method, target=target, headers=headers))
        data = protocol.send(h11.Data(data=request.body)) if request.body else b""
        end = protocol.send(h11.EndOfMessage())
        writer.write((head or b"") + (data or b"") + (end or b""))
        return await self._answer(link)

    async def _answer(self, link: _Link) -> Reply:
        response: h11.Response | None = None
        parts: list[bytes] = []
        size = 0
        while True:
            event = link.protocol.next_event()
            if event is h11.NEED_DATA:
                link.protocol.receive_data(await link.reader.read(_CHUNK))
            elif isinstance(event, h11.Response):
                response = event
            elif isinstance(event, h11.Data):
                size += len(event.data)
                if size > LARGEST_BODY:
                    raise OSError("its answer has more than 8 MiB")
                parts.append(bytes(event.data))
            elif isinstance(event, h11.EndOfMessage) and response is not None:
                return _reply(response, b"".join(parts))
            elif isinstance(event, h11.ConnectionClosed) or event is h11.PAUSED:
                raise OSError("it closed the connection without an answer")


def passed_on(headers: Iterable[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """The header fields that concern who is asked or who asked, and nobody between."""
    fields = [(name.lower(), value) for name, value in headers]
    named = {name.strip().lower() for key, value in fields if key == b"connection" for name in value.split(b",")}
    return [(name, value) for name, value in fields if name not in _BETWEEN_NEIGHBOURS | _OURS | named]


def _reply(response: h11.Response, body: bytes) -> Reply:
    headers = [*passed_on(response.headers), (b"content-length", b"%d" % len(body)), (b"via", b"1.1 " + VIA)]
    return Reply(response.status_code, tuple(headers), body)


def _protocol() -> h11.Connection:
    return h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)


def _context(*, insecure: bool) -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.set_alpn_protocols(["http/1.1"])
    if insecure:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return context


def _told(problem: OSError) -> str:
    return str(problem.strerror or problem or type(problem).__name__).rstrip(".")
