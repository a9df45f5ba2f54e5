"""What these tests share: the parser of HTTP that serves, and a mock behind it."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.hostile.wire import PARSERS
from trackfox_mock import World, create_app, running


@pytest.fixture(params=PARSERS)
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Each parser in turn: h11 serves where httptools is not installed, which a None among the modules makes so."""
    if request.param == "h11":
        monkeypatch.setitem(sys.modules, "uvicorn.protocols.http.httptools_impl", None)
    return str(request.param)


@pytest.fixture
def address(parser: str) -> Iterator[tuple[str, int]]:  # noqa: ARG001 - it chooses what serves
    """Host and port of a mock in this process."""
    with running(create_app(World())) as base_url:
        yield "127.0.0.1", int(base_url.rpartition(":")[2])
