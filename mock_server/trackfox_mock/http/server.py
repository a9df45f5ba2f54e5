"""uvicorn, in the foreground or in a thread, on a socket that is bound before anything else happens."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any, NamedTuple

import uvicorn

from trackfox_mock.errors import PortInUseError
from trackfox_mock.http.connections.patience import Patience, Watch
from trackfox_mock.http.connections.protocol import protocol_class

_GRACE_SECONDS = 2

MakeProtocol = Callable[..., asyncio.Protocol]
"""Makes the protocol of one connection, from what uvicorn gives it by name."""

Entrance = Callable[[MakeProtocol], MakeProtocol]
"""What stands before the protocol of every connection, as `trackfox_mock.interception` does."""


def address_of(host: str) -> str:
    """The address that a name stands for here; an address stands for itself.

    Raises:
        PortInUseError: it stands for none.
    """
    return str(_resolved(host, 0)[1][0])


def _resolved(host: str, port: int) -> tuple[socket.AddressFamily, tuple[Any, ...]]:
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except (socket.gaierror, UnicodeError) as problem:
        why = getattr(problem, "strerror", None) or "no name is written so"
        raise PortInUseError(f"{host!r} is not an address of this machine: {why}.") from None
    return family, address


def bind(host: str, port: int, *, is_shared: bool = False) -> socket.socket:
    """A listening address.

    Args:
        host: a name or an address; loopback unless somebody asked for more.
        port: 0 takes a free one.
        is_shared: with other processes of this mock, between whom connections are divided; see `hold`.

    Raises:
        PortInUseError: it is taken, by whom if that can be seen, or may not be used.
    """
    with _freed(_bound(host, port, is_shared=is_shared), host, port) as listener:
        # Listening already shows a second server on the same port, which binding alone may not.
        listener.listen(2048)
    listener.setblocking(False)  # noqa: FBT003 - the standard library's signature
    return listener


def hold(host: str, port: int) -> socket.socket:
    """Keep a port for processes that `bind` it as a shared one; no connection comes to who holds it.

    Raises:
        PortInUseError: see `bind`.
    """
    free = bind(host, port)
    port = free.getsockname()[1]
    free.close()
    return _bound(host, port, is_shared=True)


def _bound(host: str, port: int, *, is_shared: bool) -> socket.socket:
    family, address = _resolved(host, port)
    # The protocol is named because asyncio switches off Nagle's algorithm only where it is: 44 ms a request otherwise.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    with _freed(listener, host, port):
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if is_shared:
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        listener.bind(address)
    return listener


@contextlib.contextmanager
def _freed(listener: socket.socket, host: str, port: int) -> Iterator[socket.socket]:
    """Give an address back if it cannot be used."""
    try:
        yield listener
    except OSError as problem:
        listener.close()
        raise PortInUseError(_cannot_bind(host, port, problem)) from None


def _cannot_bind(host: str, port: int, problem: OSError) -> str:
    from errno import EACCES, EADDRINUSE  # noqa: PLC0415 - only for the sentence of a failure

    if problem.errno == EADDRINUSE:
        return (
            f"{host}:{port} is in use by {_user_of(port)}. Stop it, or choose another port; --port 0 takes a free one."
        )
    if problem.errno == EACCES:
        return f"{host}:{port} may not be used by this user. Choose a port above 1023, or --port 0 for a free one."
    return f"{host}:{port} cannot be used: {problem.strerror}. Check --host and --port."


def _user_of(port: int) -> str:
    import psutil  # noqa: PLC0415 - only for the sentence of a failure

    try:
        for connection in psutil.net_connections(kind="tcp"):
            address = connection.laddr
            if connection.status == psutil.CONN_LISTEN and address and address.port == port and connection.pid:
                process = psutil.Process(connection.pid)
                ours = any("trackfox-mock" in word or word == "trackfox_mock" for word in process.cmdline())
                return f"{'trackfox-mock' if ours else process.name()} (pid {connection.pid})"
    except psutil.Error:
        pass
    return "another program"


class _Server(uvicorn.Server):
    """A uvicorn server that says when it is ready."""

    def __init__(self, config: uvicorn.Config, on_ready: Callable[[], None], patience: Patience) -> None:
        super().__init__(config)
        self._on_ready = on_ready
        self._watch = Watch(patience)
        self._watching: asyncio.Task[None] | None = None

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=sockets)
        self._watching = asyncio.create_task(self._watch.keep(self.server_state.connections))
        open_app = getattr(self.config.app, "open", None)
        if open_app is not None:  # it does something beside answering requests
            open_app()
        self._on_ready()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._watching is not None:
            self._watching.cancel()
        await super().shutdown(sockets=sockets)
        leave = getattr(self.config.app, "leave", None)
        if leave is not None:  # it waits for what it has begun
            await leave()
        close = getattr(self.config.app, "close", None)
        if close is not None:  # it has connections of its own, which end with the event loop
            close()
            await asyncio.sleep(0)


def _config(app: Any, entrance: Entrance | None = None) -> uvicorn.Config:
    # uvicorn only calls it, so what makes a protocol is as good as a class.
    http: Any = entrance(protocol_class()) if entrance else protocol_class()
    return uvicorn.Config(
        app,
        http=http,
        ws="none",
        lifespan="off",
        proxy_headers=False,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=_GRACE_SECONDS,
    )


def run(
    app: Any,
    listeners: Sequence[socket.socket],
    on_ready: Callable[[], None],
    entrance: Entrance | None = None,
) -> None:
    """Serve in the foreground until SIGINT or SIGTERM; uvicorn then raises that signal again.

    Args:
        app: an ASGI application.
        listeners: what `bind` returned; they are closed at the end.
        on_ready: called once requests are answered, inside the event loop.
        entrance: what stands before every connection.
    """
    with contextlib.ExitStack() as closing:
        for listener in listeners:
            closing.enter_context(contextlib.closing(listener))
        _Server(_config(app, entrance), on_ready, Patience()).run(sockets=list(listeners))


class Serving(NamedTuple):
    """A server in a thread: its base URL, and the event loop that its requests are answered on."""

    base_url: str
    loop: asyncio.AbstractEventLoop


@contextlib.contextmanager
def running(app: Any, host: str = "127.0.0.1", port: int = 0) -> Iterator[str]:
    """Serve in a thread for as long as the block lasts; gives the base URL, as `http://127.0.0.1:40321`.

    Raises:
        PortInUseError: the address is taken.
    """
    with serving(app, host, port) as server:
        yield server.base_url


@contextlib.contextmanager
def serving(
    app: Any,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    listener: socket.socket | None = None,
    more: Sequence[socket.socket] = (),
    entrance: Entrance | None = None,
    patience: Patience | None = None,
) -> Iterator[Serving]:
    """The same as `running`, for who needs the event loop too.

    Args:
        app: an ASGI application.
        host: see `bind`.
        port: see `bind`.
        listener: what `bind` returned, where that was done before; it is closed at the end.
        more: further listeners.
        entrance: what stands before every connection.
        patience: how long clients may take.

    Raises:
        PortInUseError: the address is taken.
    """
    listener = listener or bind(host, port)
    ready: Future[asyncio.AbstractEventLoop] = Future()
    config, waits = _config(app, entrance), patience or Patience()
    server = _Server(config, lambda: ready.set_result(asyncio.get_running_loop()), waits)
    # A daemon, so that a test run that is killed does not hang on it.
    thread = threading.Thread(
        target=_serve_quietly, args=(server, [listener, *more]), name="trackfox-mock", daemon=True
    )
    thread.start()
    try:
        yield Serving(base_url(listener), ready.result())
    finally:
        server.should_exit = True
        thread.join()
        listener.close()


def _serve_quietly(server: _Server, listeners: list[socket.socket]) -> None:
    with asyncio.Runner(loop_factory=server.config.get_loop_factory()) as runner:
        runner.run(server.serve(sockets=listeners))


def base_url(listener: socket.socket) -> str:
    """The address of a listener as a URL that a program on this machine can call.

    Nobody can call `0.0.0.0` or `::`, which stand for every address that this machine has.
    """
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - what was bound is not changed
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
