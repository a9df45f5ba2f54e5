"""`exec --intercept --offline` on Linux: a network of the command's own, which leads to the mock and nowhere else."""

from __future__ import annotations

import asyncio
import functools
import os
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.clients import CLIENTS, RUNTIMES, Client
from tests.conftest import run_command
from trackfox_mock import TrackfoxMockError
from trackfox_mock.interception.enclosure import enclosed
from trackfox_mock.interception.hosts import Hosts
from trackfox_mock.interception.names import Names, asked_for
from trackfox_mock.interception.tunnel import Passage

OFFLINE = ("exec", "--intercept", "--offline")
PAST = "a client that asks no proxy called trackfox.app, and was caught"


@functools.cache
def why_not() -> str:
    """Why a command can have no network of its own here; empty where it can."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            with enclosed(Hosts(("trackfox.app",)), 4012, Path(folder)):
                return ""
        except TrackfoxMockError as problem:
            return f"a command can have no network of its own here: {problem}"


needs_a_network = pytest.mark.skipif(bool(why_not()), reason=why_not())


def run(script: str, *flags: str, port: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a Python script in a network of its own."""
    return run_command(*OFFLINE, *flags, "--", sys.executable, "-c", script, PORT=str(port))


@pytest.fixture
def local_service() -> Iterator[int]:
    """A service of this machine, which says hello to one client; its port."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def greet() -> None:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.sendall(connection.recv(100).upper())

        thread = threading.Thread(target=greet)
        thread.start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()


@needs_a_network
@pytest.mark.parametrize(
    "client",
    [
        pytest.param(client, id=client.id, marks=pytest.mark.skipif(bool(client.absent), reason=client.absent))
        for client in CLIENTS
        if not client.by or client.id == "Python-urllib"
    ],
)
def test_a_client_of_the_real_host_is_caught_whether_or_not_it_asks_a_proxy(client: Client) -> None:
    done = run_command(*OFFLINE, "--", *client.command, cwd=RUNTIMES)
    assert done.stdout == "200\n", done.stderr
    assert "attributed  9900 cents" in done.stderr
    assert "for trackfox.app" in done.stderr
    assert (PAST in done.stderr) is not bool(client.by)


OUT = """
import os, socket
def tried(address):
    try:
        socket.create_connection(address, timeout=5).close()
    except OSError as problem:
        return type(problem).__name__
    return "reached"
print(tried(("192.0.2.1", 443)), tried(("127.0.0.1", int(os.environ["PORT"]))), tried(("other.example", 443)))
print(socket.gethostbyname("api.shop.example"), socket.gethostbyname("trackfox.app"))
"""


@needs_a_network
def test_nothing_else_is_reached_and_who_was_looked_up_is_named(local_service: int) -> None:
    done = run(OUT + "raise SystemExit(5)", "--intercept-host", "*.shop.example", port=local_service)
    assert done.stdout.splitlines() == ["OSError ConnectionRefusedError gaierror", "127.0.0.1 127.0.0.1"], done.stderr
    assert done.returncode == 5
    assert "other.example was looked up past the proxy, and not found, by --offline" in done.stderr
    assert "shop.example was" not in done.stderr
    assert "add --local-port with its port" in done.stderr


LOCAL = """
import os, socket
with socket.create_connection(("localhost", int(os.environ["PORT"])), timeout=5) as connection:
    connection.sendall(b"hello")
    print(connection.recv(100))
"""


@needs_a_network
def test_a_port_of_this_machine_is_reached_where_it_is_named(local_service: int) -> None:
    done = run(LOCAL, "--local-port", str(local_service), port=local_service)
    assert done.stdout == "b'HELLO'\n", done.stderr


@needs_a_network
def test_a_port_where_nobody_is_ends_the_connection() -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))  # nobody else gets it, and nobody listens
        port = silent.getsockname()[1]
        done = run(LOCAL, "--local-port", str(port), port=port)
    assert done.stdout in ("b''\n", ""), done.stderr


@needs_a_network
def test_the_command_starts_as_it_would_without() -> None:
    shown = ("--", "sh", "-c", "grep -E '^(SigIgn|SigBlk|Uid|Gid)' /proc/self/status; ls /proc/self/fd; pwd")
    plain, offline = (run_command(*flags, *shown, cwd=RUNTIMES) for flags in (("exec",), OFFLINE))
    assert offline.stdout == plain.stdout
    assert "SigIgn" in plain.stdout


@needs_a_network
def test_how_the_command_ends_is_passed_on() -> None:
    assert run_command(*OFFLINE, "--", "sh", "-c", "kill -9 $$").returncode == 128 + signal.SIGKILL
    missing = run_command(*OFFLINE, "--", "no-such-command")
    assert missing.returncode == 3
    assert "there is no command 'no-such-command'; check its name, and PATH." in missing.stderr
    forbidden = run_command(*OFFLINE, "--", "/etc/hosts")
    assert "'/etc/hosts' cannot be run: Permission denied" in forbidden.stderr


@needs_a_network
def test_a_signal_goes_to_the_command() -> None:
    script = (
        "import signal, sys, time; signal.signal(15, lambda *_: sys.exit(9)); print('up', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen(
        [sys.executable, "-m", "trackfox_mock", *OFFLINE, "--", sys.executable, "-c", script],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    with process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        process.terminate()
        assert process.wait(20) == 9


@needs_a_network
@pytest.mark.skipif(os.getuid() != 0 or not shutil.which("setpriv"), reason="needs root, and setpriv of util-linux")
def test_a_user_without_rights_makes_one_too() -> None:
    few = ("setpriv", "--bounding-set=-sys_admin,-net_admin", "--inh-caps=-sys_admin,-net_admin")
    command = [*few, sys.executable, "-m", "trackfox_mock", *OFFLINE, "--", sys.executable, "pay.py", "aiohttp"]
    done = subprocess.run(command, cwd=RUNTIMES, capture_output=True, text=True, timeout=60, check=False)
    if "has no network of its own" in done.stderr:
        pytest.skip("a user without rights may make no network here")
    assert done.stdout == "200\n", done.stderr
    assert PAST in done.stderr


FORBIDDING = 'echo 0 > /proc/sys/user/max_net_namespaces && exec "$@"'
"""Has the kernel refuse further networks to whoever is in the user namespace that runs this."""


@needs_a_network
def test_where_there_can_be_none_it_says_so_and_the_proxy_refuses() -> None:
    forbidding = ("unshare", "--map-root-user", "sh", "-c", FORBIDDING, "sh")
    if not shutil.which("unshare") or subprocess.run([*forbidding, "true"], check=False).returncode:
        pytest.skip("unshare of util-linux is not installed, or may not make a user namespace")
    command = [*forbidding, sys.executable, "-m", "trackfox_mock", *OFFLINE, "--", sys.executable, "pay.py", "urllib"]
    done = subprocess.run(command, cwd=RUNTIMES, capture_output=True, text=True, timeout=60, check=False)
    assert done.stdout == "200\n", done.stderr
    assert "the command has no network of its own, as this user may make no more of them" in done.stderr
    assert "refuses other hosts at the proxy alone" in done.stderr


def test_a_port_is_named_only_where_it_is_needed_and_free() -> None:
    for flags, told in (
        (["--intercept", "--local-port", "5432"], "--local-port is for --offline"),
        (["--intercept", "--offline", "--local-port", "443"], "80 and 443 are where the mock is"),
    ):
        done = run_command("exec", *flags, "--", "true")
        assert done.returncode == 2
        assert told in done.stderr


class NearEnd(asyncio.Transport):
    """Stands for a client's connection: what was sent to it, once it was closed."""

    def __init__(self) -> None:
        super().__init__()
        self.sent = b""
        self.closed = asyncio.Event()
        self.is_paused = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.sent += data

    def pause_reading(self) -> None:
        self.is_paused = True

    def resume_reading(self) -> None:
        self.is_paused = False

    def is_closing(self) -> bool:
        return self.closed.is_set()

    def can_write_eof(self) -> bool:
        return False

    def close(self) -> None:
        self.closed.set()


def test_what_a_client_says_before_the_port_is_there_is_kept(local_service: int) -> None:
    async def said() -> tuple[bool, bytes, bool]:
        near, passage = NearEnd(), Passage(local_service)
        passage.connection_made(near)
        passage.data_received(b"hello")
        was_paused = near.is_paused
        await near.closed.wait()
        return was_paused, near.sent, near.is_paused

    assert asyncio.run(said()) == (True, b"HELLO", False)


# Names


def question(name: str, kind: int = 1) -> bytes:
    """A question for the address of a host, as a resolver sends it."""
    labels = b"".join(bytes([len(label)]) + label.encode() for label in name.split("."))
    return struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + labels + b"\0" + struct.pack("!2H", kind, 1)


class Sent:
    """Stands for the network: what was sent there."""

    def __init__(self) -> None:
        self.answers: list[bytes] = []

    def sendto(self, data: bytes, _: Any) -> None:
        self.answers.append(data)


def answered(data: bytes) -> tuple[list[bytes], list[str]]:
    """The answers to some bytes, and which other hosts were told of."""
    others: list[str] = []
    names, sent = Names(Hosts(("trackfox.app", "*.shop.example")), others.append), Sent()
    names.connection_made(sent)  # type: ignore[arg-type]
    names.datagram_received(data, ("127.0.0.1", 5353))
    return sent.answers, others


def test_our_hosts_are_this_machine_and_others_do_not_exist() -> None:
    for name in ("trackfox.app", "TRACKFOX.app", "api.shop.example", socket.gethostname()):
        ((answer,), others) = answered(question(name))
        assert (answer[:4], answer[-4:], others) == (b"\0\7\x81\x80", bytes((127, 0, 0, 1)), [])
    ((answer,), others) = answered(question("other.example"))
    assert (answer[:4], others) == (b"\0\7\x81\x83", ["other.example"])


def test_our_hosts_have_no_other_address() -> None:
    ((answer,), others) = answered(question("trackfox.app", kind=28))
    assert (answer[:8], others) == (b"\0\7\x81\x80\0\1\0\0", [])
    assert answered(question("other.example", kind=12))[1] == []


@given(st.binary(max_size=600) | st.binary(max_size=60).map(lambda tail: question("trackfox.app")[:12] + tail))
@example(question("trackfox.app")[:-1])
@example(struct.pack("!6H", 7, 0x0100, 1, 0, 0, 0) + b"\xc0\x0c\0\1\0\1")
@example(struct.pack("!6H", 7, 0x8100, 1, 0, 0, 0) + question("a.b")[12:])
def test_whatever_comes_is_answered_once_or_not_at_all(data: bytes) -> None:
    answers, _ = answered(data)
    try:
        asked_for(data)
    except ValueError:
        assert answers == []
    else:
        assert len(answers) == 1
