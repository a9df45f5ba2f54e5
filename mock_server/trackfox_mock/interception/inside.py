"""Run as a script: makes a network that leads nowhere, hands its listeners to the mock, and becomes the command.

Only the standard library, so that it starts quickly. It talks over one socket, a line of JSON at a time: it sends
`{"problem": …}` or, with the listeners attached, `{}`; it is sent `{"words": …, "environment": …}` and becomes that
command. A last `{"errno": …}` says that this failed.
"""

from __future__ import annotations

import errno
import fcntl
import json
import os
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

# linux/sched.h, sys/mount.h, net/if.h and bits/ioctls.h
_NEW_MOUNTS, _NEW_USER, _NEW_NETWORK = 0x00020000, 0x10000000, 0x40000000
_BIND, _RECURSIVE, _SLAVE = 4096, 16384, 1 << 19
_GET_FLAGS, _SET_FLAGS, _IS_UP = 0x8913, 0x8914, 0x1
_INTERFACE = "16sh22x"
_WHY: dict[int | None, str] = {
    errno.EPERM: "this user may make none",
    errno.EACCES: "this user may make none",
    errno.ENOSPC: "this user may make no more of them",
    errno.ENOSYS: "this system has none",
    errno.EINVAL: "this system has none",
}


def main() -> None:
    """Do it; the arguments are the number of the socket and what is wanted, as JSON."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # Ctrl-C ends it without a word
    line = socket.socket(fileno=int(sys.argv[1]))
    wanted = json.loads(sys.argv[2])
    try:
        _leave()
        _bring_up_loopback()
        for path, content in wanted["files"].items():
            _cover(path, content)
        listeners = list(_listeners(wanted["streams"], wanted["names"]))
    except (OSError, ImportError) as problem:
        line.sendall(_written({"problem": _WHY.get(getattr(problem, "errno", None), str(problem))}))
        sys.exit(1)
    socket.send_fds(line, [_written({})], [listener.fileno() for listener in listeners])
    told = line.makefile("rb").readline()
    if told:
        _become(line, **json.loads(told))


def _leave() -> None:
    """Go to new networks and mounts, as a user of a new kind where this one may not."""
    user, group = os.getuid(), os.getgid()
    try:
        _call("unshare", _NEW_NETWORK | _NEW_MOUNTS)
    except PermissionError:
        _call("unshare", _NEW_USER | _NEW_NETWORK | _NEW_MOUNTS)
        Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
        Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
        Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")
    _call("mount", None, b"/", None, _RECURSIVE | _SLAVE, None)  # what is mounted here stays here


def _call(name: str, *arguments: Any) -> None:
    import ctypes  # noqa: PLC0415 - some systems leave it out of Python

    function = getattr(ctypes.CDLL(None, use_errno=True), name)
    if function(*arguments):
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _bring_up_loopback() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        asked = struct.pack(_INTERFACE, b"lo", 0)
        _, flags = struct.unpack(_INTERFACE, fcntl.ioctl(any_socket, _GET_FLAGS, asked))
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack(_INTERFACE, b"lo", flags | _IS_UP))


def _cover(path: str, content: str) -> None:
    """Have a file be another one, for this command alone; one that is not there is not missed."""
    if Path(path).exists():
        _call("mount", content.encode(), path.encode(), None, _BIND, None)


def _listeners(streams: list[tuple[str, int]], names: tuple[str, int]) -> Iterator[socket.socket]:
    """First where names are asked for, then one for each address."""
    asking = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    asking.bind(tuple(names))
    yield asking
    for address in streams:
        yield socket.create_server(tuple(address), backlog=2048)


def _become(line: socket.socket, words: list[str], environment: dict[str, str]) -> None:
    for ignored in (signal.SIGPIPE, signal.SIGXFSZ):  # by Python, when it started
        signal.signal(ignored, signal.SIG_DFL)
    os.set_inheritable(line.fileno(), False)  # noqa: FBT003 - the standard library's signature
    try:
        os.execvpe(words[0], words, environment)  # noqa: S606 - the user's own command
    except OSError as problem:
        with suppress(OSError):
            line.sendall(_written({"errno": problem.errno}))
        sys.exit(127)


def _written(told: dict[str, Any]) -> bytes:
    return json.dumps(told).encode() + b"\n"


if __name__ == "__main__":
    main()
