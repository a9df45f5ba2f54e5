"""A tunnel to another host: bytes from one connection to the other, unread."""

from __future__ import annotations

import asyncio
import base64
import ssl
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import cast
from urllib.parse import SplitResult, unquote, urlsplit
from urllib.request import getproxies, proxy_bypass

_CONNECT_SECONDS = 30
_IDLE_SECONDS = 600
_LARGEST_HEAD = 64 * 1024


class Relay(asyncio.Protocol):
    """One end of a tunnel: what it receives, the other end sends.

    Args:
        on_end: is called once this end is gone.
        on_open: is called with its connection, once that is there.
    """

    def __init__(
        self, on_end: Callable[[], None] = lambda: None, on_open: Callable[[asyncio.Transport], None] = lambda _: None
    ) -> None:
        self._on_end = on_end
        self._on_open = on_open
        self.other: Relay | None = None
        self.transport: asyncio.Transport | None = None
        self.last_byte_at = 0.0
        self.has_ended = False

    def join(self, other: Relay) -> None:
        """Make the two the ends of one tunnel."""
        self.other, other.other = other, self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Its connection is there."""
        self.transport = cast("asyncio.Transport", transport)  # uvloop has a class of its own
        self._on_open(self.transport)

    def data_received(self, data: bytes) -> None:
        """Have the other end send it."""
        self.last_byte_at = asyncio.get_running_loop().time()
        if self.other is not None and self.other.transport is not None:
            self.other.transport.write(data)

    def eof_received(self) -> bool:
        """The other end sends no more either; what comes back still passes, until that has ended too."""
        self.has_ended = True
        transport = self.other.transport if self.other else None
        if self.other is None or self.other.has_ended or transport is None or not transport.can_write_eof():
            return False
        with suppress(OSError, RuntimeError):
            transport.write_eof()
        return True

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - asyncio's signature
        """The other end goes too."""
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()
        self._on_end()

    def pause_writing(self) -> None:
        """This end cannot send as fast as the other receives."""
        if self.other is not None and self.other.transport is not None:
            with suppress(RuntimeError):
                self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        """It can again."""
        if self.other is not None and self.other.transport is not None:
            with suppress(RuntimeError):
                self.other.transport.resume_reading()

    def shutdown(self) -> None:
        """The server is to stop."""
        if self.transport is not None:
            self.transport.abort()

    def close_when_idle(self) -> None:
        """End the tunnel when nothing passed for ten minutes."""
        if self.transport is None or self.transport.is_closing():
            return
        loop = asyncio.get_running_loop()
        last = max(self.last_byte_at, self.other.last_byte_at if self.other else 0.0) or loop.time()
        left = last + _IDLE_SECONDS - loop.time()
        if left > 0:
            loop.call_later(left, self.close_when_idle)
        else:
            self.transport.close()


class Passage(Relay):
    """The near end of a tunnel to a port of this machine, which it opens as soon as its own connection is there.

    Args:
        port: of this machine.
    """

    def __init__(self, port: int) -> None:
        super().__init__()
        self._port = port
        self._early = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin to open the far end."""
        self.transport = near = cast("asyncio.Transport", transport)  # uvloop has a class of its own
        # asyncio keeps no task by itself; the connection keeps this one.
        self._opening = asyncio.get_running_loop().create_task(self._open(near))

    def data_received(self, data: bytes) -> None:
        """Have the far end send it, or keep it and take no more until that is there."""
        if self.other is None and self.transport is not None:
            self._early += data
            self.transport.pause_reading()  # no sooner: uvloop forgets it where nothing was read yet
        else:
            super().data_received(data)

    async def _open(self, near: asyncio.Transport) -> None:
        try:
            transport, far = await asyncio.get_running_loop().create_connection(Relay, "localhost", self._port)
        except OSError:
            near.abort()
            return
        if near.is_closing():
            transport.abort()
            return
        self.join(far)
        transport.write(self._early)
        near.resume_reading()


async def connect(relay: Relay, host: str, port: int, *, tls: bool, is_ourselves: Callable[[str, int], bool]) -> None:
    """Open the far end of a tunnel, through the proxy that this machine's environment names, if it names one.

    Args:
        relay: gets the connection, and all that ever comes over it.
        host: a name or an address.
        port: its port.
        tls: whether we are to speak TLS there, which a client asks for that sends `https://` to a proxy in the clear.
        is_ourselves: whether an address is our own: such a proxy is not asked.

    Raises:
        OSError: it cannot be reached; the text says why.
    """
    loop = asyncio.get_running_loop()
    context = ssl.create_default_context() if tls else None
    proxy = _proxy_for(host)
    if proxy is not None and is_ourselves(proxy.hostname or "", proxy.port or 80):
        proxy = None
    try:
        async with asyncio.timeout(_CONNECT_SECONDS):
            if proxy is None:
                await loop.create_connection(lambda: relay, host, port, ssl=context)
                return
            through = partial(_ThroughProxy, host, port, None if tls else relay)
            transport, asking = await loop.create_connection(
                partial(through, proxy), proxy.hostname or "", proxy.port or 80
            )
            await asking.opened
            if context is not None:
                secured = await loop.start_tls(transport, relay, context, server_hostname=host)
                if secured is None:
                    raise OSError("it closed the connection")
                relay.connection_made(secured)
    except TimeoutError:
        raise OSError(f"no answer within {_CONNECT_SECONDS} seconds") from None


def _proxy_for(host: str) -> SplitResult | None:
    """The proxy that our own environment has for other hosts."""
    url = getproxies().get("https", "")
    if not url or proxy_bypass(host):
        return None
    return urlsplit(url if "//" in url else f"http://{url}")


class _ThroughProxy(asyncio.Protocol):
    """Asks a proxy to open a tunnel; `opened` is done once it is, and then the connection is somebody else's.

    Args:
        host: where the tunnel is to lead.
        port: its port.
        then: whose the connection is then; None where nobody is to have it yet.
        proxy: its URL, with the credentials that it wants.
    """

    def __init__(self, host: str, port: int, then: asyncio.Protocol | None, proxy: SplitResult) -> None:
        self._authority = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
        self._then = then
        self._proxy = proxy
        self._head = b""
        self.opened: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast("asyncio.Transport", transport)  # uvloop has a class of its own
        lines = [f"CONNECT {self._authority} HTTP/1.1", f"Host: {self._authority}"]
        if self._proxy.username:
            credentials = f"{unquote(self._proxy.username)}:{unquote(self._proxy.password or '')}"
            lines.append(f"Proxy-Authorization: Basic {base64.b64encode(credentials.encode()).decode()}")
        self._transport.write("\r\n".join([*lines, "", ""]).encode())

    def data_received(self, data: bytes) -> None:
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if self.opened.done() or not (end or len(self._head) > _LARGEST_HEAD):
            return
        if head.split(b" ", 2)[1:2] != [b"200"]:
            status = head.partition(b"\r\n")[0][:100].decode("latin-1")
            self.opened.set_exception(OSError(f"the proxy of the environment said {status!r}"))
            self._transport.close()
            return
        if self._then is not None:
            self._transport.set_protocol(self._then)
            self._then.connection_made(self._transport)
            if rest:
                self._then.data_received(rest)
        self.opened.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.opened.done():
            self.opened.set_exception(OSError(f"the proxy of the environment hung up: {exc or 'without a word'}"))
