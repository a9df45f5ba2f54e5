"""The mock inside a test: a website for each test, what arrived there, and assertions that explain themselves."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from trackfox_mock.document.spec import load_spec
from trackfox_mock.testing.exchange import Exchange, UnexpectedRequestWarning, listed
from trackfox_mock.testing.host import Host, in_process, served
from trackfox_mock.testing.payment import Payment
from trackfox_mock.testing.trackfox import Trackfox, TrackfoxApp
from trackfox_mock.world.world import World

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
