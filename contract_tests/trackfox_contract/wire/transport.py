"""HTTP/1.1 over sockets: a request out byte by byte, a response or the reason why there is none back."""

from __future__ import annotations

import asyncio
import socket
import ssl
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol
from urllib.parse import urlsplit

import h11

from trackfox_contract.request.call import on_the_wire, sent_headers
from trackfox_contract.wire.plain_http import read_head

if TYPE_CHECKING:
    from trackfox_contract.request.call import Call

_CHUNK = 65536
_LARGEST_HEAD = 1 << 18

LARGEST_BODY = 8 << 20
"""Bytes of an answer's body, as it comes and without its compression; of a larger one nothing is kept."""

_QUICK_ACK: int | None = getattr(socket, "TCP_QUICKACK", None)  # Linux alone has it
_CONNECTIONS = 4
_READABLE = (["gzip"], ["x-gzip"], ["deflate"])


@dataclass(frozen=True, slots=True)
class Response:
    """What came back: the status, the headers as they were written, the whole body, and the HTTP version."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    version: str = "1.1"

    def header(self, name: str) -> str:
        """The first value of a header, by its name in lower case, or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def codings(self) -> list[str]:
        """The body's content codings in lower case, without `identity`, which is none."""
        names = (name.strip().lower() for name in self.header("content-encoding").split(","))
        return [name for name in names if name not in ("", "identity")]

    @property
    def is_readable(self) -> bool:
        """Whether the body's coding is one that we can undo."""
        return not self.codings or self.codings in _READABLE

    def text(self) -> str:
        """The body as text, its compression undone.

        Raises:
            ValueError: the body is not what its headers say.
        """
        return (_unpacked(self.body) if self.codings else self.body).decode("utf-8-sig")


def _unpacked(body: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=47)
    try:
        unpacked = unpacking.decompress(body, LARGEST_BODY)
    except zlib.error as problem:
        raise ValueError(str(problem)) from None
    if not unpacking.eof:
        raise ValueError("its compression ends too early, or hides more than 8 MiB")
    return unpacked


@dataclass(frozen=True, slots=True)
class NoResponse:
    """What came instead of a reply.

    Attributes:
        kind: `refused` (no connection), `dropped`, `gone` (dropped, and refused ever after), `hang`, `garbage` (not
            HTTP) or `endless` (too large a body).
        detail: in words.
    """

    kind: str
    detail: str


class EndlessError(Exception):
    """An answer's body is larger than `LARGEST_BODY`."""


def demand_an_end(size: int) -> None:
    """Raise an `EndlessError` where a body of so many bytes is larger than what is looked at."""
    if size > LARGEST_BODY:
        raise EndlessError


ENDLESS = NoResponse("endless", "the answer has more than 8 MiB; the rest was not read")

Outcome = Response | NoResponse
GONE = NoResponse("gone", "the connection was dropped, and nobody listens any more")
"""What a request gets after which, or under way beside which, the service ended."""


def is_of_kind(outcome: Outcome, kind: str) -> bool:
    """Whether no answer came, for that reason."""
    return isinstance(outcome, NoResponse) and outcome.kind == kind


Guard = "Callable[[Call], None]"


class Transport(Protocol):
    """Sends one request at a time on each of some connections that are kept open, known by their number.

    Attributes:
        timeout: seconds that one request may take.
    """

    timeout: float

    @property
    def connections(self) -> int:
        """How many connections are worth having at once with a service that is quick."""

    async def exchange(self, call: Call, number: int) -> Outcome:
        """Sends a request on the connection of that number and waits for the outcome."""

    async def close(self) -> None:
        """Closes what is open."""


class _Connection:
    """One open connection. Plain answers are read here; at the first that is not, h11 takes over for good."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._protocol: h11.Connection | None = None
        self._all_was_sent = True

    async def converse(self, call: Call, head: bytes) -> Response:
        first, *others = _pieces(call)
        self.writer.write(head + first)  # not waited for: a service may answer before it has read everything
        sending = asyncio.ensure_future(self._send(others, call.wire.pause)) if others else None
        try:
            reply = await self._receive(call.method)
            unsent = self.writer.transport.get_write_buffer_size()
            self._all_was_sent = not unsent and (sending is None or sending.done())
            return reply
        finally:
            if sending is not None:
                sending.cancel()
                await asyncio.gather(sending, return_exceptions=True)

    async def _send(self, pieces: list[bytes], pause: float) -> None:
        for piece in pieces:
            await self.writer.drain()
            await asyncio.sleep(pause)
            self.writer.write(piece)
        await self.writer.drain()

    async def _read(self) -> bytes:
        """The next bytes. They are acknowledged at once: a server that writes head and body apart waits for it."""
        connection = self.writer.get_extra_info("socket")
        if _QUICK_ACK is not None and connection is not None:
            connection.setsockopt(socket.IPPROTO_TCP, _QUICK_ACK, 1)
        return await self.reader.read(_CHUNK)

    async def _receive(self, method: str) -> Response:
        if self._protocol is not None:
            return await self._receive_by(self._protocol, method)
        data = await self._read()
        head = read_head(data) if method != "HEAD" else None
        if head:
            demand_an_end(head.end - head.size)
        while head and len(data) < head.end and (more := await self._read()):
            data += more
        if head and len(data) == head.end:
            return Response(head.status, head.headers, data[head.size :])
        self._protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
        return await self._receive_by(self._protocol, method, data)

    async def _receive_by(self, protocol: h11.Connection, method: str, data: bytes | None = None) -> Response:
        protocol.send(h11.Request(method=method, target="/", headers=[("Host", "-"), ("Content-Length", "0")]))
        protocol.send(h11.EndOfMessage())
        if data is not None:
            protocol.receive_data(data)
        headers: tuple[tuple[str, str], ...] = ()
        status, body, version = 0, bytearray(), "1.1"
        while True:
            event = protocol.next_event()
            if event is h11.NEED_DATA:
                protocol.receive_data(await self._read())
            elif isinstance(event, h11.Response):
                status, version = event.status_code, event.http_version.decode()
                headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in event.headers.raw_items())
            elif isinstance(event, h11.Data):
                body += event.data
                demand_an_end(len(body))
            elif isinstance(event, h11.EndOfMessage):
                return Response(status, headers, bytes(body), version)
            elif isinstance(event, (h11.ConnectionClosed, type(h11.PAUSED))):
                raise ConnectionResetError("the connection was closed before a reply")

    def reusable(self) -> bool:
        if not self._all_was_sent or self._protocol is None:
            return self._all_was_sent
        if self._protocol.our_state is h11.DONE and self._protocol.their_state is h11.DONE:
            self._protocol.start_next_cycle()
            return True
        return False


def _pieces(call: Call) -> list[bytes]:
    count = max(1, min(call.wire.pieces, len(call.body) or 1))
    size = -(-len(call.body) // count) or 1
    parts = [call.body[start : start + size] for start in range(0, len(call.body), size)] or [b""]
    if call.wire.chunked:
        parts = [b"%x\r\n%b\r\n" % (len(part), part) for part in parts if part] + [b"0\r\n\r\n"]
    return parts


class HttpTransport:
    """Plain HTTP/1.1 over sockets, written byte by byte so that any request can be sent as it is.

    Args:
        base_url: where the service is; a path in it stands before the document's path.
        timeout: seconds that one request may take.
    """

    def __init__(self, base_url: str, timeout: float) -> None:
        parts = urlsplit(base_url)
        self.host = parts.hostname or ""
        self.port = parts.port or (443 if parts.scheme == "https" else 80)
        self.authority = parts.netloc.rpartition("@")[2]
        self.prefix = parts.path.rstrip("/")
        self.tls = ssl.create_default_context() if parts.scheme == "https" else None
        self.timeout = timeout
        self._open: dict[int, _Connection] = {}
        self._knows_chunks = True
        self._one_at_a_time = False

    @property
    def connections(self) -> int:
        """A few, so that the service works while we do; one, where the server takes no more."""
        return 1 if self._one_at_a_time else _CONNECTIONS

    async def exchange(self, call: Call, number: int) -> Outcome:
        """Sends a request on the connection of that number, or on a new one if it is not open or not wanted."""
        if call.wire.chunked and not self._knows_chunks:
            call = call.on(chunked=False)  # an HTTP/1.0 server must not be sent chunks
        kept = None if call.wire.fresh else self._kept(number)
        if kept is not None:
            outcome = await self._try(kept, call, number)
            if not is_of_kind(outcome, "dropped"):
                return outcome  # a kept connection may be closed by the server at any time: that is asked again
        outcome = await self._anew(call, number)
        if kept is not None and is_of_kind(outcome, "refused"):
            return GONE
        if is_of_kind(outcome, "hang") and self._open:
            # A server may well serve one connection at a time, and wait for the next request of one that we keep open.
            await self.close()
            outcome = await self._anew(call, number)
            self._one_at_a_time = isinstance(outcome, Response)
        return outcome

    def _kept(self, number: int) -> _Connection | None:
        """The connection of that number, if it is still open."""
        kept = self._open.pop(number, None)
        if kept is not None and kept.reader.at_eof():
            kept.writer.close()
            return None
        return kept

    async def _anew(self, call: Call, number: int) -> Outcome:
        try:
            async with asyncio.timeout(self.timeout):
                reader, writer = await asyncio.open_connection(self.host, self.port, ssl=self.tls)
        except TimeoutError:
            return NoResponse("refused", f"no connection within {self.timeout:g} s")
        except OSError as problem:
            return NoResponse("refused", problem.strerror or str(problem))
        return await self._try(_Connection(reader, writer), call, number)

    async def _try(self, connection: _Connection, call: Call, number: int) -> Outcome:
        try:
            async with asyncio.timeout(self.timeout):
                reply = await connection.converse(call, self._head(call))
        except TimeoutError:
            connection.writer.close()
            return NoResponse("hang", f"no whole answer within {self.timeout:g} s")
        except EndlessError:
            connection.writer.transport.abort()
            return ENDLESS
        except h11.RemoteProtocolError as problem:
            connection.writer.close()
            dropped = connection.reader.at_eof()
            return NoResponse("dropped" if dropped else "garbage", str(problem))
        except OSError as problem:
            connection.writer.close()
            return NoResponse("dropped", str(problem))
        self._knows_chunks = reply.version != "1.0"
        keep = not call.wire.fresh and not self._one_at_a_time and number not in self._open
        if connection.reusable() and keep:
            self._open[number] = connection
        else:
            connection.writer.close()
        return reply

    def _head(self, call: Call) -> bytes:
        lines = [f"{call.method} {self.prefix}{call.target} HTTP/1.1", f"Host: {self.authority}"]
        lines += [f"{name}: {value}" for name, value in sent_headers(call.headers)]
        if call.wire.chunked:
            lines.append("Transfer-Encoding: chunked")
        elif call.body or call.method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(call.body)}")
        return b"\r\n".join(map(on_the_wire, lines)) + b"\r\n\r\n"

    async def close(self) -> None:
        """Closes every connection."""
        for connection in self._open.values():
            connection.writer.close()
        self._open.clear()
