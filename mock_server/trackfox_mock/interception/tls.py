"""TLS on a connection whose first bytes were read already: towards the network a protocol, inwards a transport.

asyncio's own `start_tls` wants a connection of which nothing was read. Here bytes go through an `ssl.SSLObject`, which
has no socket, so it does not matter where they came from: a listener, or a tunnel.
"""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Callable
from contextlib import suppress
from typing import Any, cast

_MOST_AT_ONCE = 64 * 1024
_HANDSHAKE_SECONDS = 10


class NamedSSLObject(ssl.SSLObject):
    """An `SSLObject` that knows the host that the client asked for (SNI), if it said one."""

    asked_for = ""


def serving_context(certificate: str) -> ssl.SSLContext:
    """A context for servers: TLS 1.2 and later, HTTP/1.1.

    Args:
        certificate: path of a PEM file with the private key, the certificate and its chain.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.load_cert_chain(certificate)
    # A client that offers HTTP/2 too takes this; one that offers nothing else is told by what it sends.
    context.set_alpn_protocols(["http/1.1"])
    context.sslobject_class = NamedSSLObject
    context.sni_callback = _remember_name
    return context


def _remember_name(connection: Any, name: str | None, _: ssl.SSLContext) -> None:
    connection.asked_for = name or ""


class TlsConnection(asyncio.Protocol, asyncio.Transport):
    """The server's side of TLS.

    Args:
        context: what `serving_context` made.
        application: the protocol that gets what was sent inside; it is told of its connection after the handshake.
        on_failure: is told of a handshake that failed (the error) or that no request followed (None), and the host
            that was asked for.
        connections: the server's connections; this is one of them until the application's protocol is.
    """

    def __init__(
        self,
        context: ssl.SSLContext,
        application: asyncio.Protocol,
        on_failure: Callable[[str, Exception | None], None],
        connections: set[Any],
    ) -> None:
        super().__init__()
        self._connections = connections
        self._application = application
        self._on_failure = on_failure
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        # `serving_context` said so.
        self._tls = cast("NamedSSLObject", context.wrap_bio(self._incoming, self._outgoing, server_side=True))
        self._is_open = self._has_asked = self._is_ending = self._is_mute = False
        self._timer: asyncio.TimerHandle | None = None

    # Towards the network: a protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to wait for a handshake."""
        self._network = cast("asyncio.Transport", transport)  # uvloop has a class of its own
        self._connections.add(self)
        self._timer = asyncio.get_running_loop().call_later(_HANDSHAKE_SECONDS, self.abort)

    def data_received(self, data: bytes) -> None:
        """Take encrypted bytes; after a goodbye nobody reads them."""
        if self._is_mute:
            return
        self._incoming.write(data)
        try:
            if not self._is_open:
                self._shake_hands()
            if self._is_open:
                self._hand_in()
        except ssl.SSLError as problem:
            self._flush()
            self._fail(problem)
        self._flush()

    def _shake_hands(self) -> None:
        with suppress(ssl.SSLWantReadError):
            self._tls.do_handshake()
            self._is_open = True
            self._stop_waiting()
            self._application.connection_made(self)

    def _hand_in(self) -> None:
        with suppress(ssl.SSLWantReadError):
            while not self._is_ending:
                try:
                    data = self._tls.read(_MOST_AT_ONCE)
                except ssl.SSLZeroReturnError:
                    data = b""
                if not data:
                    self.close()
                    return
                self._has_asked = True
                self._application.data_received(data)

    def _fail(self, problem: ssl.SSLError) -> None:
        if not self._is_open:
            self._has_asked = True  # it is told once
            self._on_failure(self._tls.asked_for, problem)
        self._is_ending = True
        self._network.close()

    def eof_received(self) -> bool:
        """The client sends no more, and TLS has no half-closed connections."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._stop_waiting()
        self._is_ending = True
        if self._is_open:
            if not self._has_asked:
                self._on_failure(self._tls.asked_for, None)
            self._application.connection_lost(exc)

    def pause_writing(self) -> None:
        """Too much waits to be sent."""
        self._application.pause_writing()

    def resume_writing(self) -> None:
        """Enough of it was sent."""
        self._application.resume_writing()

    def shutdown(self) -> None:
        """The server is to stop; a connection without an application yet is cut."""
        self.abort()

    def _stop_waiting(self) -> None:
        self._connections.discard(self)
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _flush(self) -> None:
        data = self._outgoing.read()
        if data and not self._network.is_closing():
            self._network.write(data)

    # Inwards: a transport

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """As of the connection below; `ssl_object` says that it is TLS."""
        return self._tls if name in ("ssl_object", "sslcontext") else self._network.get_extra_info(name, default)

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send bytes, encrypted."""
        if data and not (self._is_ending or self._is_mute):
            self._tls.write(data)
            self._flush()

    def close(self) -> None:
        """Say goodbye, and close once all is sent."""
        if not self._is_ending:
            self._is_ending = True
            self._say_goodbye()
        self._network.close()

    def _say_goodbye(self) -> None:
        if not self._is_mute:
            self._is_mute = True
            with suppress(ssl.SSLError):
                self._tls.unwrap()
            self._flush()

    def abort(self) -> None:
        """Cut the connection."""
        self._is_ending = True
        self._network.abort()

    def is_closing(self) -> bool:
        """Whether it is closed, or about to be."""
        return self._is_ending or self._network.is_closing()

    def set_protocol(self, protocol: asyncio.BaseProtocol) -> None:
        """Give what comes to another protocol from now on."""
        self._application = cast("asyncio.Protocol", protocol)

    def get_protocol(self) -> asyncio.BaseProtocol:
        """Who gets what comes."""
        return self._application

    def pause_reading(self) -> None:
        """Take no more for now."""
        self._network.pause_reading()

    def resume_reading(self) -> None:
        """Take more again."""
        self._network.resume_reading()

    def can_write_eof(self) -> bool:
        """It can say goodbye, and leave the connection below open for a while."""
        return True

    def write_eof(self) -> None:
        """Say goodbye; what still comes is not read, as TLS has no half-closed connections."""
        self._say_goodbye()
        if not self._network.is_closing():
            self._network.write_eof()

    def get_write_buffer_size(self) -> int:
        """Encrypted bytes that wait to be sent."""
        return self._network.get_write_buffer_size()

    def set_write_buffer_limits(self, high: int | None = None, low: int | None = None) -> None:
        """As of the connection below."""
        self._network.set_write_buffer_limits(high, low)
