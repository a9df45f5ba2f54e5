"""One world that many tests share, and how a test reaches it: over a socket, or in process."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Protocol, TypeVar

from trackfox_mock.errors import TrackfoxMockError
from trackfox_mock.http.application import Application, create_app
from trackfox_mock.http.server import serving
from trackfox_mock.testing.intercept import NO_ADDRESS
from trackfox_mock.world.world import World

Result = TypeVar("Result")


class _Call(Protocol):
    """Runs a function, gives its result, and raises what it raises."""

    def __call__(self, action: Callable[[], Result], /) -> Result: ...


class Host:
    """A world, its address, and the one way to touch it from a test.

    Args:
        world: what answers.
        app: the world as an ASGI application.
        base_url: where it is served.
        call: runs a function where nothing else touches the world meanwhile, and gives its result.
    """

    def __init__(self, world: World, app: Application, base_url: str, call: _Call) -> None:
        self.world = world
        self.app = app
        self.base_url = base_url
        self.call = call
        self.guests: list[object] = []


@contextmanager
def served(world: World, port: int = 0) -> Iterator[Host]:
    """Serve a world in a thread for as long as the block lasts.

    The world belongs to the thread that serves it. Whatever a test reads or changes is handed to that thread's event
    loop, between two requests, so no lock is needed and none is on the way of a request. It takes about 0.1 ms.

    Raises:
        PortInUseError: the port is taken.
    """
    app = create_app(world)
    with serving(app, port=port) as server:

        def call(action: Callable[[], Result]) -> Result:
            result: Future[Result] = Future()

            def run() -> None:
                try:
                    result.set_result(action())
                except Exception as problem:  # noqa: BLE001 - it is raised again, in the thread that asked
                    result.set_exception(problem)

            try:
                server.loop.call_soon_threadsafe(run)
            except RuntimeError:
                raise TrackfoxMockError("The mock has stopped; look at it while its `with` block lasts.") from None
            return result.result()

        yield Host(world, app, server.base_url, call)


def in_process(world: World) -> Host:
    """A world without a socket: requests are answered on the event loop of whoever sends them."""
    return Host(world, create_app(world), NO_ADDRESS, _at_once)


def _at_once(action: Callable[[], Result]) -> Result:
    return action()
