"""The wire: bytes out, a reply back, over sockets or straight into an ASGI app. Nothing passes without the guard."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote, urlsplit

import h11

from contract_tests.calls import on_the_wire, sent_headers

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, MutableMapping

    from contract_tests.calls import Call

_CHUNK = 65536
_LARGEST_HEAD = 1 << 18


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back: the status, the headers as they were written, the whole body, and the HTTP version."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    version: str = "1.1"

    def header(self, name: str) -> str:
        """The first value of a header, by its name in lower case, or an empty text."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    def text(self) -> str:
        """The body as text, its compression undone.

        Raises:
            ValueError: the body is not what its headers say.
        """
        coding = self.header("content-encoding").strip().lower()
        try:
            body = zlib.decompress(self.body, wbits=47) if coding in ("gzip", "x-gzip", "deflate") else self.body
        except zlib.error as problem:
            raise ValueError(str(problem)) from None
        return body.decode("utf-8-sig")


@dataclass(frozen=True, slots=True)
class NoReply:
    """What came instead of a reply.

    Attributes:
        kind: `refused` (no connection), `dropped`, `hang` or `garbage` (not HTTP).
        detail: in words.
    """

    kind: str
    detail: str


Outcome = Reply | NoReply
Guard = "Callable[[Call], None]"


class Transport(Protocol):
    """Sends one request on a lane; a lane is a connection that is kept open.

    Attributes:
        timeout: seconds that one request may take.
    """

    timeout: float

    async def exchange(self, call: Call, lane: int) -> Outcome:
        """Sends a request and waits for the outcome."""

    async def close(self) -> None:
        """Closes what is open."""


class _Connection:
    """One open connection and what h11 knows about it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self.protocol = h11.Connection(h11.CLIENT, max_incomplete_event_size=_LARGEST_HEAD)
        self.used = False

    async def send(self, call: Call, head: bytes) -> None:
        pieces = _pieces(call)
        self.writer.write(head + pieces[0])
        for piece in pieces[1:]:
            await self.writer.drain()
            await asyncio.sleep(call.wire.pause)
            self.writer.write(piece)
        await self.writer.drain()

    async def receive(self, method: str) -> Reply:
        self.protocol.send(h11.Request(method=method, target="/", headers=[("Host", "-"), ("Content-Length", "0")]))
        self.protocol.send(h11.EndOfMessage())
        headers: tuple[tuple[str, str], ...] = ()
        status, body, version = 0, bytearray(), "1.1"
        while True:
            event = self.protocol.next_event()
            if event is h11.NEED_DATA:
                self.protocol.receive_data(await self.reader.read(_CHUNK))
            elif isinstance(event, h11.Response):
                status, version = event.status_code, event.http_version.decode()
                headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in event.headers.raw_items())
            elif isinstance(event, h11.Data):
                body += event.data
            elif isinstance(event, h11.EndOfMessage):
                return Reply(status, headers, bytes(body), version)
            elif isinstance(event, (h11.ConnectionClosed, type(h11.PAUSED))):
                raise ConnectionResetError("the connection was closed before a reply")

    def reusable(self) -> bool:
        if self.protocol.our_state is h11.DONE and self.protocol.their_state is h11.DONE:
            self.protocol.start_next_cycle()
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

    async def exchange(self, call: Call, lane: int) -> Outcome:
        """Sends a request on a lane's connection, or on a new one if the lane has none or the call wants its own."""
        if call.wire.chunked and not self._knows_chunks:
            call = call.on(chunked=False)  # an HTTP/1.0 server must not be sent chunks
        kept = None if call.wire.fresh else self._open.pop(lane, None)
        if kept is not None:
            outcome = await self._try(kept, call, lane)
            if not (isinstance(outcome, NoReply) and outcome.kind == "dropped"):
                return outcome  # a kept connection may be closed by the server at any time: that is asked again
        outcome = await self._anew(call, lane)
        if isinstance(outcome, NoReply) and outcome.kind == "hang" and self._open:
            # A server may well serve one connection at a time, and wait for the next request of one that we keep open.
            await self.close()
            outcome = await self._anew(call, lane)
            self._one_at_a_time = isinstance(outcome, Reply)
        return outcome

    async def _anew(self, call: Call, lane: int) -> Outcome:
        try:
            async with asyncio.timeout(self.timeout):
                reader, writer = await asyncio.open_connection(self.host, self.port, ssl=self.tls)
        except TimeoutError:
            return NoReply("refused", f"no connection within {self.timeout:g} s")
        except OSError as problem:
            return NoReply("refused", problem.strerror or str(problem))
        return await self._try(_Connection(reader, writer), call, lane)

    async def _try(self, connection: _Connection, call: Call, lane: int) -> Outcome:
        try:
            async with asyncio.timeout(self.timeout):
                reply = await self._converse(connection, call)
        except TimeoutError:
            connection.writer.close()
            return NoReply("hang", f"no whole answer within {self.timeout:g} s")
        except h11.RemoteProtocolError as problem:
            connection.writer.close()
            dropped = connection.reader.at_eof()
            return NoReply("dropped" if dropped else "garbage", str(problem))
        except OSError as problem:
            connection.writer.close()
            return NoReply("dropped", str(problem))
        self._knows_chunks = reply.version != "1.0"
        keep = not call.wire.fresh and not self._one_at_a_time and lane not in self._open
        if connection.reusable() and keep:
            self._open[lane] = connection
        else:
            connection.writer.close()
        return reply

    async def _converse(self, connection: _Connection, call: Call) -> Reply:
        sending = asyncio.ensure_future(connection.send(call, self._head(call)))
        try:
            reply = await connection.receive(call.method)
            if not sending.done():
                sending.cancel()
                connection.protocol.send_failed()
            return reply
        finally:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)

    def _head(self, call: Call) -> bytes:
        lines = [f"{call.method} {self.prefix}{call.target} HTTP/1.1", f"Host: {self.authority}"]
        lines += [f"{name}: {value}" for name, value in sent_headers(call)]
        if call.wire.chunked:
            lines.append("Transfer-Encoding: chunked")
        elif call.body or call.method in ("POST", "PUT", "PATCH"):
            lines.append(f"Content-Length: {len(call.body)}")
        return b"\r\n".join(map(on_the_wire, lines)) + b"\r\n\r\n"

    async def close(self) -> None:
        """Closes every lane."""
        for connection in self._open.values():
            connection.writer.close()
        self._open.clear()


Scope = "MutableMapping[str, Any]"
App = "Callable[[Any, Any, Any], Awaitable[None]]"


class AsgiTransport:
    """The same requests, handed to an ASGI app in this process. An exception counts as the 500 a server makes of it.

    Args:
        app: the ASGI app.
        timeout: seconds that one request may take.
    """

    def __init__(self, app: Callable[[Any, Any, Any], Awaitable[None]], timeout: float) -> None:
        self.app, self.timeout = app, timeout
        self._clients: dict[int, int] = {}

    async def exchange(self, call: Call, lane: int) -> Outcome:
        """Calls the app once; a lane shows as the client's port, which stays the same."""
        if call.wire.fresh:
            self._clients[lane] = self._clients.get(lane, 40000 + lane) + 100
        gone = asyncio.Event()
        parts = _asgi_parts(call)
        sent: list[MutableMapping[str, Any]] = []

        async def receive() -> dict[str, Any]:
            if call.wire.pieces > 1:
                await asyncio.sleep(call.wire.pause and 0)
            if not parts:
                await gone.wait()
                return {"type": "http.disconnect"}
            return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

        async def send(message: MutableMapping[str, Any]) -> None:
            sent.append(message)
            if message["type"] == "http.response.body" and not message.get("more_body"):
                gone.set()

        try:
            async with asyncio.timeout(self.timeout):
                await self.app(self._scope(call, lane), receive, send)
        except TimeoutError:
            return NoReply("hang", f"no whole answer within {self.timeout:g} s")
        except Exception as problem:  # noqa: BLE001 - a server answers 500 to whatever an app raises
            if not sent:
                return Reply(500, (("content-type", "text/plain"),), type(problem).__name__.encode())
            return NoReply("dropped", f"the app raised {type(problem).__name__}")
        return _asgi_reply(sent)

    def _scope(self, call: Call, lane: int) -> dict[str, Any]:
        path, _, query = call.target.partition("?")
        headers = [(b"host", b"testserver")]
        headers += [(k.lower().encode("latin-1"), on_the_wire(v.strip(" \t"))) for k, v in sent_headers(call)]
        if call.wire.chunked:
            headers.append((b"transfer-encoding", b"chunked"))
        elif call.body or call.method in ("POST", "PUT", "PATCH"):
            headers.append((b"content-length", str(len(call.body)).encode()))
        return {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": call.method,
            "scheme": "http",
            "path": unquote(path),
            "raw_path": path.encode("latin-1"),
            "query_string": query.encode("latin-1"),
            "root_path": "",
            "headers": headers,
            "client": ("127.0.0.1", self._clients.get(lane, 40000 + lane)),
            "server": ("testserver", 80),
        }

    async def close(self) -> None:
        """Nothing is kept open."""


def _asgi_parts(call: Call) -> list[bytes]:
    if call.wire.pieces <= 1:
        return [call.body]
    count = max(1, min(call.wire.pieces, len(call.body) or 1))
    size = -(-len(call.body) // count) or 1
    return [call.body[start : start + size] for start in range(0, len(call.body), size)] or [b""]


def _asgi_reply(sent: list[MutableMapping[str, Any]]) -> Outcome:
    if not sent or sent[0]["type"] != "http.response.start":
        return NoReply("dropped", "the app ended without an answer")
    bodies = [message for message in sent[1:] if message["type"] == "http.response.body"]
    if not bodies or bodies[-1].get("more_body"):
        return NoReply("dropped", "the app ended in the middle of an answer")
    headers = tuple((k.decode("latin-1"), v.decode("latin-1")) for k, v in sent[0].get("headers", ()))
    return Reply(sent[0]["status"], headers, b"".join(message.get("body", b"") for message in bodies))
