"""What a connection is, told by its first bytes: TLS, a proxy's tunnel, a proxy's request, or plain HTTP for us."""

from __future__ import annotations

import asyncio
import re
import ssl
from collections.abc import Callable
from typing import Any, cast

from msgspec import Struct

from trackfox_mock.interception import notices
from trackfox_mock.interception.hosts import LOCAL, Hosts, split_authority
from trackfox_mock.interception.notices import Notices
from trackfox_mock.interception.tls import TlsConnection
from trackfox_mock.interception.tunnel import Relay, connect
from trackfox_mock.model import phrase_of

_LARGEST_HEAD = 64 * 1024
_FIRST_BYTES_SECONDS = 30
_MOST_TUNNELS = 1000
_TLS_HANDSHAKE = 0x16  # RFC 8446, 5.1: no method of HTTP begins with it
_ABSOLUTE = re.compile(rb"([!#$%&'*+.^_`|~\w-]+) (https?)://([^/?# ]+)([^ ]*) HTTP/1\.[01]", re.IGNORECASE)
_CONNECT = re.compile(rb"CONNECT ([^ ]+) HTTP/1\.[01]")
_OUR_CONCERN = re.compile(rb"CONNECT |[^ /]+ https?://", re.IGNORECASE)
# RFC 9110, 7.6.1: fields that concern the connection to a proxy, and not what is asked through it.
_BETWEEN_NEIGHBOURS = re.compile(rb"(?im)^(?:host|(?:proxy-)?connection|keep-alive|te|upgrade|proxy-auth\w*):.*\n")
_PORTS = {"http": 80, "https": 443}

Connections = set[Any]
"""What uvicorn ends when it stops: whatever has a method `shutdown`."""

MakeHttp = Callable[[], asyncio.Protocol]


class Interception(Struct):
    """What the connections of one server share.

    Args:
        hosts: whose calls the mock answers.
        context: the certificates of these hosts, and of this machine.
        certificate: path of the file that a client is to trust.
        notices: is told what goes wrong on the way.
        is_proxy: whether tunnels and proxy requests are taken at all, or TLS alone.
        is_offline: whether calls of other hosts are refused.
        is_exposed: whether other machines can reach us; they do not get to this machine's own services.
        addresses: where we listen, host and port; filled once that is known.
        past_proxy: ports where only a client calls that asks no proxy, in a network of the command's own.
    """

    hosts: Hosts
    context: ssl.SSLContext
    certificate: str
    notices: Notices
    is_proxy: bool = False
    is_offline: bool = False
    is_exposed: bool = False
    addresses: set[tuple[str, int]] = set()
    past_proxy: frozenset[int] = frozenset()
    tunnels: set[Relay] = set()

    def is_ours(self, host: str, port: int) -> bool:
        """Whether the mock answers there: as the real service, or at its own address."""
        return host in self.hosts or self.is_ourselves(host, port)

    def is_ourselves(self, host: str, port: int) -> bool:
        """Whether this is our own address."""
        return any(port == own_port and (host == own or host in LOCAL) for own, own_port in self.addresses)


class Door(asyncio.Protocol):
    """Waits for the first bytes of a connection, and gives it to whom it concerns.

    Args:
        interception: what all connections share.
        make_http: makes the protocol that speaks HTTP with the application.
        connections: the server's connections, which are ended with it.
        tunnel_to: the host of the tunnel that this is the inside of.
    """

    def __init__(
        self, interception: Interception, make_http: MakeHttp, connections: Connections, tunnel_to: str = ""
    ) -> None:
        self._shared = interception
        self._make_http = make_http
        self._connections = connections
        self._tunnel_to = tunnel_to
        self._head = b""
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop has a class of its own
        self._connections.add(self)
        self._timer = asyncio.get_running_loop().call_later(_FIRST_BYTES_SECONDS, transport.close)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The client went away before it said what it wants."""
        self._leave()

    def shutdown(self) -> None:
        """The server is to stop."""
        self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Look at the first bytes; wait for more where they do not tell yet."""
        self._head += data
        head = self._head
        if head[0] == _TLS_HANDSHAKE:
            self._look_for_past_proxy()
            tls = TlsConnection(self._shared.context, self._make_http(), self._tls_failed, self._connections)
            self._give_to(tls)
        elif b"\n" not in head and len(head) <= _LARGEST_HEAD:
            return
        elif not (self._shared.is_proxy and _OUR_CONCERN.match(head)):
            self._look_for_past_proxy()
            self._give_to(self._make_http())
        elif _end_of_head(head):
            self._as_proxy(head)
        elif len(head) > _LARGEST_HEAD:
            self._answer(431, "the head of this request has more than 64 KiB; a proxy takes no more.")

    def _look_for_past_proxy(self) -> None:
        shared = self._shared
        if shared.past_proxy and self._transport.get_extra_info("sockname")[1] in shared.past_proxy:
            shared.notices.add(notices.past_proxy(shared.hosts.names))

    def _tls_failed(self, host: str, problem: Exception | None) -> None:
        self._shared.notices.add(_of_tls(host or self._tunnel_to, problem, self._shared.certificate))

    def _as_proxy(self, head: bytes) -> None:
        line = head.partition(b"\n")[0].rstrip(b"\r")
        opening, absolute = _CONNECT.fullmatch(line), _ABSOLUTE.fullmatch(line)
        try:
            if opening:
                self._open(*split_authority(opening[1].decode("ascii"), 443))
            elif absolute:
                scheme = absolute[2].decode().lower()
                self._forward(scheme, *split_authority(absolute[3].decode("ascii"), _PORTS[scheme]), absolute)
            else:
                self._refuse_line()
        except ValueError:
            self._refuse_line()

    def _refuse_line(self) -> None:
        self._answer(400, "expected CONNECT example.com:443 HTTP/1.1, or GET http://example.com/ HTTP/1.1.")

    def _open(self, host: str, port: int) -> None:
        """A tunnel: `CONNECT host:port`."""
        rest = self._head[_end_of_head(self._head) :]
        if self._tunnel_to:
            self._answer(508, "this is a tunnel inside a tunnel; call the host that you mean.")
        elif self._shared.is_ours(host, port):
            self._transport.write(_ESTABLISHED)
            inside = Door(self._shared, self._make_http, self._connections, host)
            self._give_to(inside, rest)
        else:
            self._tunnel(host, port, rest, _ESTABLISHED)

    def _forward(self, scheme: str, host: str, port: int, line: re.Match[bytes]) -> None:
        """A request for any host, sent whole: `GET http://host:port/`. It is the only one of its connection."""
        end = _end_of_head(self._head)
        fields = _BETWEEN_NEIGHBOURS.sub(b"", self._head[self._head.index(b"\n") + 1 : end])
        target = line[4] if line[4].startswith(b"/") else b"/" + line[4]
        head = b"%b %b HTTP/1.1\r\nHost: %b\r\nConnection: close\r\n" % (line[1], target, line[3].rpartition(b"@")[2])
        request = head + fields + self._head[end:]
        if self._shared.is_ours(host, port):
            self._give_to(self._make_http(), request)
        else:
            self._tunnel(host, port, request, b"", tls=scheme == "https")

    def _tunnel(self, host: str, port: int, first: bytes, reply: bytes, *, tls: bool = False) -> None:
        shared = self._shared
        if shared.is_offline:
            shared.notices.add(notices.refused_offline(host))
            self._answer(403, f"{host} is refused by --offline.")
        elif len(shared.tunnels) >= _MOST_TUNNELS:
            shared.notices.add(notices.too_many_tunnels(_MOST_TUNNELS))
            self._answer(503, f"{_MOST_TUNNELS} tunnels are open; close some.")
        else:
            self._stop_waiting()
            self._transport.pause_reading()
            # asyncio keeps no task by itself; the connection keeps this one.
            self._opening = asyncio.get_running_loop().create_task(self._reach(host, port, first, reply, tls=tls))

    async def _reach(self, host: str, port: int, first: bytes, reply: bytes, *, tls: bool) -> None:
        shared, client = self._shared, self._transport

        def end() -> None:
            shared.tunnels.discard(near)
            self._connections.discard(near)

        def join(transport: asyncio.Transport) -> None:
            if client.is_closing() or self._is_forbidden(transport):
                transport.abort()
                return
            if reply:
                client.write(reply)
            near.join(far)
            client.set_protocol(near)
            near.connection_made(client)
            self._connections.discard(self)
            transport.write(first)
            client.resume_reading()
            near.close_when_idle()

        near, far = Relay(on_end=end), Relay(on_open=join)
        shared.tunnels.add(near)
        self._connections.add(near)
        try:
            await connect(far, host, port, tls=tls, is_ourselves=shared.is_ourselves)
        except (OSError, UnicodeError) as problem:
            shared.notices.add(notices.unreachable(host, _reason(problem)))
            self._answer(502, f"{host} cannot be reached: {_reason(problem)}.")
        finally:
            if near.transport is None:
                end()

    def _is_forbidden(self, far: asyncio.Transport) -> bool:
        """Whether a tunnel has come out where it must not: at our own door, or at a service of this machine alone."""
        peer = far.get_extra_info("peername") or ("", 0)
        client = (self._transport.get_extra_info("peername") or ("",))[0]
        if self._shared.is_ourselves(*peer[:2]):
            self._answer(508, "this tunnel leads back to the mock itself.")
        elif self._shared.is_exposed and _is_private(peer[0]) and not _is_private(client):
            self._answer(403, "other machines cannot reach this machine's own services through the mock.")
        else:
            return False
        return True

    def _give_to(self, protocol: asyncio.Protocol, data: bytes | None = None) -> None:
        self._leave()
        self._transport.set_protocol(protocol)
        protocol.connection_made(self._transport)
        data = self._head if data is None else data
        if data:
            protocol.data_received(data)

    def _answer(self, status: int, sentence: str) -> None:
        """Refuse, in plain text, and hang up."""
        self._stop_waiting()
        text = f"trackfox-mock: {sentence}\n".encode()
        head = f"HTTP/1.1 {status} {phrase_of(status)}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        self._transport.write(f"{head}Content-Length: {len(text)}\r\nConnection: close\r\n\r\n".encode() + text)
        self._transport.close()

    def _leave(self) -> None:
        self._stop_waiting()
        self._connections.discard(self)

    def _stop_waiting(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


_ESTABLISHED = b"HTTP/1.1 200 Connection established\r\n\r\n"


def _end_of_head(data: bytes) -> int:
    """Where the body begins; 0 if the head has no end yet."""
    found = re.search(rb"\r?\n\r?\n", data)
    return found.end() if found else 0


def _reason(problem: Exception) -> str:
    return str(getattr(problem, "strerror", None) or problem or type(problem).__name__).rstrip(".")


def _is_private(address: str) -> bool:
    import ipaddress  # noqa: PLC0415 - only where other machines can reach us

    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    return ip.is_loopback or ip.is_link_local or ip.is_unspecified


def _of_tls(host: str, problem: Exception | None, certificate: str) -> str:
    if problem is None:
        return notices.unfinished(host, certificate)
    reason = (getattr(problem, "reason", None) or str(problem)).replace("_", " ").lower()
    if "alert" in reason and ("certificate" in reason or "unknown ca" in reason):
        return notices.untrusted(host, reason, certificate)
    return notices.not_tls(host, reason)
