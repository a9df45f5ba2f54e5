"""What `serve` and `exec` share where HTTPS, or calls of the real host, are served; imported by who asks for it."""

from __future__ import annotations

import socket
import subprocess
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from msgspec import Struct

from trackfox_mock.errors import InterceptionError
from trackfox_mock.http.application import create_app
from trackfox_mock.http.server import Entrance, base_url, bind, serving
from trackfox_mock.interception.authority import Authority
from trackfox_mock.interception.door import Interception
from trackfox_mock.interception.enclosure import PAST_PROXY, Enclosure, answering, enclosed
from trackfox_mock.interception.entrance import entrance
from trackfox_mock.interception.environment import exports, variables
from trackfox_mock.interception.hosts import LOCAL, intercepted_hosts
from trackfox_mock.interception.names import Names
from trackfox_mock.interception.notices import Notices, looked_up, no_network, own_network
from trackfox_mock.interception.trust import trust_files
from trackfox_mock.world.world import World


class Prepared(Struct, frozen=True):
    """What a server needs, and a folder for the files of one run."""

    interception: Interception
    authority: Authority
    folder: Path

    def variables(self, proxy: str) -> Mapping[str, str]:
        """What a command needs in its environment.

        Args:
            proxy: where the mock is, as `http://127.0.0.1:40321`.
        """
        files = trust_files(self.authority.certificate, self.folder)
        return variables(proxy, self.interception.hosts, files, self.folder)


@contextmanager
def prepared(
    world: World,
    tell: Callable[[str], None],
    *,
    more_hosts: Sequence[str] = (),
    ca_dir: Path | None = None,
    host: str = "127.0.0.1",
    is_proxy: bool = True,
    is_offline: bool = False,
    is_exposed: bool = False,
) -> Iterator[Prepared]:
    """Everything for a server that takes TLS, for as long as the block lasts.

    Args:
        world: whose document says which hosts are meant.
        tell: shows a line about what goes wrong on the way to a request.
        more_hosts: `--intercept-host`.
        ca_dir: `--ca-dir`; without it the certificate authority lives as long as the block.
        host: where the server listens.
        is_proxy: whether it is a proxy too.
        is_offline: `--offline`.
        is_exposed: whether other machines can reach it.

    Raises:
        InterceptionError: a name or a folder is wrong.
    """
    hosts = intercepted_hosts(world.api.servers, more_hosts)
    with tempfile.TemporaryDirectory(prefix="trackfox-mock-") as made:
        folder = Path(made)
        authority = Authority(ca_dir or folder)
        names = dict.fromkeys([*hosts.names, *LOCAL, *([] if host in ("0.0.0.0", "::") else [host])])  # noqa: S104 - compared
        interception = Interception(
            hosts,
            authority.context(names, folder),
            str(authority.certificate),
            Notices(tell),
            is_proxy,
            is_offline,
            is_exposed,
        )
        world.intercepted = hosts
        yield Prepared(interception, authority, folder)


class Surroundings(NamedTuple):
    """What a command is run in: the base URL of its mock, its variables, and what starts it in a network of its own."""

    base_url: str
    variables: Mapping[str, str]
    start: Callable[[Sequence[str], Mapping[str, str]], subprocess.Popen[bytes]] | None = None


@contextmanager
def intercepted(
    world: World, tell: Callable[[str], None], *, local_ports: Sequence[int] = (), **options: Any
) -> Iterator[Surroundings]:
    """Serve a world in a thread, and as the proxy of a command; offline in a network of the command's own if it can be.

    Args:
        world: what answers.
        tell: shows a line about what goes wrong on the way to a request.
        local_ports: `--local-port`.
        options: see `prepared`.
    """
    with prepared(world, tell, **options) as ready, ExitStack() as stack:
        shared = ready.interception
        listener = bind("127.0.0.1", 0)
        stack.callback(listener.close)
        shared.addresses.add(listener.getsockname()[:2])
        enclosure = None
        if shared.is_offline:
            enclosure = _enclosure(ready, listener.getsockname()[1], local_ports, stack)
        more = enclosure.listeners if enclosure else ()
        server = stack.enter_context(
            serving(create_app(world), listener=listener, more=more, entrance=entrance(shared))
        )
        if enclosure:
            names = Names(shared.hosts, lambda host: shared.notices.add(looked_up(host)))
            stack.enter_context(answering(enclosure, names, server.loop))
        start = enclosure.start if enclosure else None
        yield Surroundings(server.base_url, ready.variables(server.base_url), start)


def _enclosure(ready: Prepared, port: int, local_ports: Sequence[int], stack: ExitStack) -> Enclosure | None:
    shared = ready.interception
    try:
        enclosure = stack.enter_context(enclosed(shared.hosts, port, ready.folder, local_ports))
    except InterceptionError as problem:
        shared.notices.add(no_network(str(problem)))
        return None
    shared.past_proxy = frozenset(PAST_PROXY)
    stack.callback(_tell_of_network, enclosure, shared.notices)
    return enclosure


def _tell_of_network(enclosure: Enclosure, notices: Notices) -> None:
    if enclosure.has_failed:
        notices.add(own_network())


@contextmanager
def doors(
    world: World, tell: Callable[[str], None], listener: socket.socket, *, https_port: int | None, **options: Any
) -> Iterator[tuple[Entrance, Sequence[socket.socket], Sequence[str]]]:
    """What `serve` needs for HTTPS and interception: the entrance, further listeners, and the lines that tell of both.

    Args:
        world: what answers.
        tell: shows a line about what goes wrong on the way to a request.
        listener: where HTTP is served.
        https_port: where HTTPS is served too; 0 for a free port.
        options: see `prepared`.
    """
    with prepared(world, tell, **options) as ready:
        more = [] if https_port is None else [bind(options["host"], https_port)]
        for one in (listener, *more):
            ready.interception.addresses.add(one.getsockname()[:2])
        secure = [f"https{base_url(one).removeprefix('http')}" for one in (more or [listener])]
        lines = [f"HTTPS too, on {secure[0]}; whoever is to trust it is given {ready.authority.certificate}"]
        if ready.interception.is_proxy:
            names = ", ".join(ready.interception.hosts.names)
            lines.append(f"Calls of {names} are answered here, from a program that has these variables:")
            lines += [f"  {line}" for line in exports(ready.variables(base_url(listener)))]
        yield entrance(ready.interception), more, lines
