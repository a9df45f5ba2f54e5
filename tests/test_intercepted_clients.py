"""Programs with `https://trackfox.app` written into them, in several languages, reach the mock by their environment."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import pytest

from tests.clients import CLIENTS, RUNTIMES, Client
from tests.conftest import LAMPS_TOKEN
from trackfox_mock import World
from trackfox_mock.commands.intercepting import intercepted
from trackfox_mock.tenants.environment import environment


@dataclass
class Mock:
    """A mock that intercepts, the variables for a command, and what went wrong on the way to a request."""

    world: World
    variables: Mapping[str, str]
    notices: list[str]

    def run(self, client: Client, *, only: tuple[str, ...] | None = None) -> subprocess.CompletedProcess[str]:
        """Have a client pay on the real host, with all of our variables or with some `only`."""
        before = {name: value for name, value in os.environ.items() if name not in self.variables}
        session = next(iter(self.world.store.sessions("web_lumen_lamps")))
        ours = self.variables if only is None else {name: self.variables[name] for name in only}
        env = {**before, **environment("http://127.0.0.1:9", LAMPS_TOKEN, session), **ours}
        return subprocess.run(
            client.command, cwd=RUNTIMES, env=env, capture_output=True, text=True, timeout=120, check=False
        )


@pytest.fixture
def mock() -> Iterator[Mock]:
    world, notices = World(), list[str]()
    with intercepted(world, notices.append) as command:
        yield Mock(world, command.variables, notices)


DEAR = ("Java", "Node 18", "Node 22", "Node 24")
"""What starts slowly, and more versions of what is tried with one by default."""


def params(*, caught: bool, slow: bool = False) -> list[object]:
    def marks(client: Client) -> list[pytest.MarkDecorator]:
        absent = pytest.mark.skipif(bool(client.absent), reason=client.absent)
        return [absent, pytest.mark.slow] if slow or client.runtime in DEAR else [absent]

    return [pytest.param(client, id=client.id, marks=marks(client)) for client in CLIENTS if bool(client.by) is caught]


@pytest.mark.parametrize("client", params(caught=True))
def test_a_client_of_the_real_host_reaches_the_mock(client: Client, mock: Mock) -> None:
    done = mock.run(client)
    assert done.stdout.strip() == "200", done.stderr
    (entry,) = mock.world.journal
    assert (b"host", b"trackfox.app") in [(name, value.partition(b":")[0]) for name, value in entry.request.headers]
    assert mock.notices == []


@pytest.mark.parametrize("client", params(caught=True, slow=True))
def test_it_needs_the_variables_that_the_page_names_and_no_other(client: Client, mock: Mock) -> None:
    done = mock.run(client, only=client.by)
    assert done.stdout.strip() == "200", done.stderr


@pytest.mark.parametrize("client", params(caught=False))
def test_a_client_that_asks_no_proxy_is_not_caught(client: Client, mock: Mock) -> None:
    done = mock.run(client)
    assert done.returncode != 0
    assert list(mock.world.journal) == []
