"""A network of a command's own, which leads to the mock and nowhere else, so that no client gets past it (Linux).

The command starts in a network namespace that has a loopback interface and no other. Listeners that are made in there
stay there when they are handed to another process; so the mock answers inside of it, and nothing needs to be passed on.
Names of hosts are asked for at the mock too (`names.py`), and a private `/etc/hosts` has the real hosts be 127.0.0.1.
"""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from trackfox_mock.errors import InterceptionError
from trackfox_mock.interception.hosts import Hosts
from trackfox_mock.interception.names import Names
from trackfox_mock.interception.tunnel import Passage

_INSIDE = Path(__file__).with_name("inside.py")
_LOOPBACK = "127.0.0.1"
PAST_PROXY = (443, 80)
"""Where a client calls that asks no proxy."""
_MOST_LISTENERS = 100


class Enclosure:
    """A process in a network of its own that waits to become a command.

    Attributes:
        names: where names of hosts are asked for in there.
        listeners: where the mock is to listen in there.
        passages: where a port of this machine is to be reached in there, by its number.
    """

    def __init__(
        self, process: subprocess.Popen[bytes], line: socket.socket, made: Sequence[socket.socket], ports: Sequence[int]
    ) -> None:
        self._process = process
        self._line = line
        self.names, *listeners = made
        self.listeners = listeners[: len(listeners) - len(ports)]
        self.passages = dict(zip(ports, listeners[len(self.listeners) :], strict=True))

    def start(self, words: Sequence[str], environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
        """Have it become a command.

        Raises:
            OSError: it cannot be run.
        """
        self._line.sendall(json.dumps({"words": words, "environment": dict(environment)}).encode() + b"\n")
        with self._line.makefile("rb") as told:
            failed = told.readline()  # nothing, once it is the command
        if failed:
            self._process.wait()
            number = json.loads(failed)["errno"]
            raise OSError(number, os.strerror(number))
        return self._process

    @property
    def has_failed(self) -> bool:
        """Whether it is a command by now that has ended, and not well."""
        return bool(self._process.returncode)

    def close(self) -> None:
        """Let it go; where it is a command by now, that has ended."""
        self._line.close()
        for one in (self.names, *self.listeners, *self.passages.values()):
            one.close()
        self._process.wait()


@contextmanager
def enclosed(hosts: Hosts, port: int, folder: Path, local_ports: Sequence[int] = ()) -> Iterator[Enclosure]:
    """A network of its own for a command.

    Args:
        hosts: whose calls are the mock's.
        port: where the mock is, in there as outside.
        folder: where the files of one run are.
        local_ports: of this machine, which the command may reach all the same.

    Raises:
        InterceptionError: it cannot be made here; the text says why, as half a sentence.
    """
    if sys.platform != "linux":
        raise InterceptionError("only Linux has them")
    wanted = {
        "files": _files(hosts, folder),
        "names": (_LOOPBACK, 53),
        "streams": [(_LOOPBACK, one) for one in (port, *PAST_PROXY, *local_ports)],
    }
    line, theirs = socket.socketpair()
    with theirs:
        process = subprocess.Popen(  # noqa: S603 - a file of this package
            [sys.executable, "-I", "-S", str(_INSIDE), str(theirs.fileno()), json.dumps(wanted)],
            pass_fds=[theirs.fileno()],
        )
    try:
        made = _received(line)
    except InterceptionError:
        line.close()
        process.wait()
        raise
    enclosure = Enclosure(process, line, made, local_ports)
    try:
        yield enclosure
    finally:
        enclosure.close()


def _received(line: socket.socket) -> list[socket.socket]:
    told, descriptors, _, _ = socket.recv_fds(line, 4096, _MOST_LISTENERS)
    problem = json.loads(told or b'{"problem": "the process that makes it ended"}').get("problem")
    if problem:
        raise InterceptionError(problem)
    received = [socket.socket(fileno=descriptor) for descriptor in descriptors]
    for one in received:
        one.setblocking(False)  # noqa: FBT003 - the standard library's signature
    return received


def _files(hosts: Hosts, folder: Path) -> dict[str, str]:
    """What stands in the place of the system's own files: a path for a path."""
    known = Path("/etc/hosts")
    ours = " ".join(name for name in hosts.names if not name.startswith("*"))
    contents = {
        "/etc/hosts": f"{_LOOPBACK} {ours}\n{known.read_text(errors='replace') if known.exists() else ''}",
        "/etc/resolv.conf": f"nameserver {_LOOPBACK}\n",
    }
    files = {}
    for path, content in contents.items():
        file = folder / Path(path).name
        file.write_text(content, encoding="utf-8", errors="replace")
        files[path] = str(file)
    return files


@contextmanager
def answering(enclosure: Enclosure, names: Names, loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Answer who asks for names in there, and let through to this machine's ports, on the loop of another thread.

    Args:
        enclosure: where.
        names: answers who asks for them.
        loop: of a running server.
    """
    doors = asyncio.run_coroutine_threadsafe(_opened(enclosure, names), loop).result()
    try:
        yield
    finally:
        for door in doors:
            loop.call_soon_threadsafe(door.close)


async def _opened(enclosure: Enclosure, names: Names) -> list[asyncio.BaseTransport | asyncio.Server]:
    loop = asyncio.get_running_loop()
    asking, _ = await loop.create_datagram_endpoint(lambda: names, sock=enclosure.names)
    passages = [await loop.create_server(partial(Passage, port), sock=one) for port, one in enclosure.passages.items()]
    return [asking, *passages]
