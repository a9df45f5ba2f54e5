"""The mock inside a test: a website for each test, what arrived there, and assertions that explain themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from mock_server.spec import load_spec
from mock_server.testing.exchange import Exchange, UnexpectedRequestWarning, listed
from mock_server.testing.host import Host, in_process, served
from mock_server.testing.payment import Payment
from mock_server.testing.trackfox import Trackfox, TrackfoxApp
from mock_server.world import World

__all__ = [
    "Exchange",
    "Host",
    "Payment",
    "Trackfox",
    "TrackfoxApp",
    "UnexpectedRequestWarning",
    "in_process",
    "listed",
    "served",
    "trackfox_mock",
]


@contextmanager
def trackfox_mock(
    *, readings: Mapping[str, str] | None = None, spec: Path | None = None, port: int = 0
) -> Iterator[Trackfox]:
    """A mock of its own for as long as the block lasts, for unittest, scripts and notebooks.

    Args:
        readings: by silence, what is read otherwise than by default.
        spec: an OpenAPI document; the built-in one by default.
        port: a port of 127.0.0.1; a free one by default.

    Raises:
        PortInUseError: the port is taken.
        SpecError: the document cannot be served.
        ReadingValueError: a silence or a value does not exist.
    """
    with served(World(load_spec(spec), ()), port) as host:
        yield Trackfox(host, readings)
