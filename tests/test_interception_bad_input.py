"""Bytes that no client should send to a port that intercepts: an answer or a clean end, no growth, no traceback."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from trackfox_mock import World, create_app
from trackfox_mock.commands.intercepting import Prepared, prepared
from trackfox_mock.http.server import bind, serving
from trackfox_mock.interception.entrance import entrance
from trackfox_mock.interception.notices import Notices


@dataclass
class Target:
    """A port that intercepts, all that it said, and its innermost parts."""

    port: int
    notices: list[str]
    prepared: Prepared

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=10)

    def sent(self, data: bytes, *, ends: bool = True) -> bytes:
        """What comes back for some bytes, until the end."""
        with self.connect() as connection:
            connection.sendall(data)
            if ends:
                connection.shutdown(socket.SHUT_WR)
            return everything(connection)

    def trusting(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.prepared.authority.certificate))

    def is_well(self) -> bool:
        return b" 200 " in self.sent(b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", ends=False)


def everything(connection: socket.socket) -> bytes:
    data = b""
    try:
        while piece := connection.recv(65536):
            data += piece
    except ConnectionResetError:
        pass
    return data


@pytest.fixture
def target(caplog: pytest.LogCaptureFixture) -> Iterator[Target]:
    notices: list[str] = []
    world = World()
    with prepared(world, notices.append) as ready:
        listener = bind("127.0.0.1", 0)
        ready.interception.addresses.add(listener.getsockname()[:2])
        with serving(create_app(world), listener=listener, entrance=entrance(ready.interception)) as server:
            yield Target(int(server.base_url.rpartition(":")[2]), notices, ready)
    assert not [record for record in caplog.records if record.exc_info]


@pytest.fixture
def elsewhere() -> Iterator[tuple[int, list[socket.socket]]]:
    """Another service, which says nothing: its port, and the connections that it got."""
    got: list[socket.socket] = []
    with socket.create_server(("127.0.0.2", 0), backlog=2000) as listener:

        def take() -> None:
            try:
                while True:
                    got.append(listener.accept()[0])
            except OSError:
                pass

        thread = threading.Thread(target=take)
        thread.start()
        yield listener.getsockname()[1], got
        listener.shutdown(socket.SHUT_RDWR)
        thread.join()
    for connection in got:
        connection.close()


def first(got: list[socket.socket]) -> socket.socket:
    """The first connection that came, once it has."""
    while not got:
        time.sleep(0.01)
    return got[0]


def taken(connection: socket.socket) -> int:
    """How many bytes a connection takes, of 200 MB."""
    sent = 0
    try:
        while sent < 200_000_000:
            sent += connection.send(b"x" * 1_000_000)
    except TimeoutError:
        pass
    return sent


GARBAGE = {
    "no host": b"CONNECT :443 HTTP/1.1\r\n\r\n",
    "no port that is one": b"CONNECT trackfox.app:https HTTP/1.1\r\n\r\n",
    "a port beyond all": b"CONNECT trackfox.app:99999 HTTP/1.1\r\n\r\n",
    "a path": b"CONNECT trackfox.app:443/x HTTP/1.1\r\n\r\n",
    "no version": b"CONNECT trackfox.app:443\r\n\r\n",
    "another version": b"CONNECT trackfox.app:443 HTTP/2.0\r\n\r\n",
    "bytes beyond ASCII": b"CONNECT tr\xc3\xa4ckfox.app:443 HTTP/1.1\r\n\r\n",
    "an open bracket": b"CONNECT [::1:443 HTTP/1.1\r\n\r\n",
    "an absolute form without a host": b"POST https:///api HTTP/1.1\r\n\r\n",
}


@pytest.mark.parametrize("data", GARBAGE.values(), ids=list(GARBAGE))
def test_garbage_to_a_proxy_is_a_400_that_says_what_was_expected(data: bytes, target: Target) -> None:
    answer = target.sent(data, ends=False)
    assert answer.startswith(b"HTTP/1.1 400 ")
    assert b"expected CONNECT example.com:443" in answer
    assert target.is_well()


def test_a_head_without_end_is_a_431(target: Target) -> None:
    head = b"CONNECT trackfox.app:443 HTTP/1.1\r\n" + b"x-a: b\r\n" * 20_000
    assert b" 431 " in target.sent(head, ends=False)


@pytest.mark.parametrize(
    "data", [b"", b"C", b"CONNECT trackfox.app:443 HTTP/1.1\r\n", b"\x16", b"\x16\x03\x01\x02\x00\x01"]
)
def test_half_of_anything_is_a_clean_end(data: bytes, target: Target) -> None:
    assert target.sent(data) == b""
    assert target.is_well()


def test_garbage_after_a_tunnel_is_opened_is_a_clean_end(target: Target) -> None:
    for data in (b"\x16\x03\x01\xff\xff" + b"\x00" * 200, b"\x00\x01\x02\r\n\r\n"):
        answer = target.sent(b"CONNECT trackfox.app:443 HTTP/1.1\r\n\r\n" + data)
        assert answer.startswith(b"HTTP/1.1 200 Connection established\r\n\r\n")
    assert any(notice.startswith("TLS for trackfox.app failed") for notice in target.notices)
    assert target.is_well()


def shaken(
    target: Target, name: str | None, *, protocols: list[str] | None = None, check: bool = True
) -> ssl.SSLSocket:
    """A tunnel to the real host with TLS inside, that asks for a name."""
    connection = target.connect()
    connection.sendall(b"CONNECT trackfox.app:443 HTTP/1.1\r\n\r\n")
    connection.recv(1000)
    context = target.trusting()
    context.check_hostname = check
    if protocols:
        context.set_alpn_protocols(protocols)
    return context.wrap_socket(connection, server_hostname=name)


def test_a_name_that_lies_gets_the_certificate_of_our_hosts_alone(target: Target) -> None:
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shaken(target, "bank.example")
    with shaken(target, "bank.example", check=False) as secure:
        certificate = secure.getpeercert()
        assert certificate is not None
        names = [str(entry[1]) for entry in certificate["subjectAltName"]]
    assert "trackfox.app" in names
    assert "bank.example" not in names


def test_no_name_at_all_is_answered_too(target: Target) -> None:
    with shaken(target, None, check=False) as secure:
        secure.sendall(b"GET /livez HTTP/1.1\r\nhost: trackfox.app\r\nconnection: close\r\n\r\n")
        assert b" 200 " in secure.recv(1000)


def test_http_2_is_not_agreed_to(target: Target) -> None:
    with shaken(target, "trackfox.app", protocols=["h2", "http/1.1"]) as secure:
        assert secure.selected_alpn_protocol() == "http/1.1"
    with shaken(target, "trackfox.app", protocols=["h2"]) as secure:
        secure.sendall(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")
        assert secure.recv(1000).startswith((b"HTTP/1.1 400", b"HTTP/1.1 505", b"HTTP/1.1 405"))


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_both_versions_of_tls_are_spoken(version: ssl.TLSVersion, target: Target) -> None:
    context = target.trusting()
    context.minimum_version = context.maximum_version = version
    with context.wrap_socket(target.connect(), server_hostname="localhost") as secure:
        body = b"x" * 300_000
        secure.sendall(
            b"POST /nowhere HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 300000\r\n\r\n" + body
        )
        assert secure.recv(1000).startswith(b"HTTP/1.1 ")


def test_a_client_that_leaves_after_the_handshake_is_told_of(target: Target) -> None:
    shaken(target, "trackfox.app").close()
    assert target.is_well()
    assert "left after the TLS handshake without a request" in target.notices[0]


def test_a_tunnel_to_ourselves_is_the_mock_itself_and_goes_no_deeper(target: Target) -> None:
    to_us = f"CONNECT 127.0.0.1:{target.port} HTTP/1.1\r\n\r\n".encode()
    inside = target.sent(to_us + b"GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", ends=False)
    assert inside.count(b"HTTP/1.1 200") == 2
    assert b" 508 " in target.sent(to_us + to_us)
    assert b" 508 " in target.sent(to_us * 50)


def test_a_proxy_of_the_environment_that_is_ourselves_is_not_asked(
    target: Target, elsewhere: tuple[int, list[socket.socket]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://localhost:{target.port}")
    monkeypatch.setenv("no_proxy", "")
    with target.connect() as connection:
        connection.sendall(f"CONNECT 127.0.0.2:{elsewhere[0]} HTTP/1.1\r\n\r\n".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 200 ")
        assert len(target.prepared.interception.tunnels) == 1


def test_a_proxy_of_the_environment_is_asked_with_its_credentials(
    target: Target, elsewhere: tuple[int, list[socket.socket]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", f"http://me:secret@127.0.0.2:{elsewhere[0]}")
    monkeypatch.setenv("no_proxy", "")
    with target.connect() as connection:
        connection.sendall(b"CONNECT api.example.com:443 HTTP/1.1\r\n\r\n")
        proxy = first(elsewhere[1])
        asked = proxy.recv(1000)
        assert asked.startswith(b"CONNECT api.example.com:443 HTTP/1.1\r\n")
        assert b"Proxy-Authorization: Basic bWU6c2VjcmV0\r\n" in asked
        proxy.sendall(b"HTTP/1.1 200 OK\r\n\r\nfirst")
        came = b""
        while not came.endswith(b"first"):
            came += connection.recv(1000)
        assert came == b"HTTP/1.1 200 Connection established\r\n\r\nfirst"
    with target.connect() as connection:
        connection.sendall(b"CONNECT api.example.com:443 HTTP/1.1\r\n\r\n")
        while len(elsewhere[1]) < 2:
            time.sleep(0.01)
        elsewhere[1][1].sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n")
        assert b" 502 " in everything(connection)
    assert "the proxy of the environment said" in target.notices[-1]
    assert "secret" not in target.notices[-1]


def test_a_request_whole_for_ourselves_is_answered(target: Target) -> None:
    for scheme, host in (("http", f"127.0.0.1:{target.port}"), ("https", "trackfox.app"), ("http", "trackfox.app")):
        answer = target.sent(f"GET {scheme}://{host}/livez?a=b HTTP/1.1\r\nhost: other\r\n\r\n".encode(), ends=False)
        assert answer.startswith(b"HTTP/1.1 200")


def test_a_host_that_is_not_there_is_a_502_and_a_notice(target: Target) -> None:
    for request in (b"CONNECT 127.0.0.2:1 HTTP/1.1\r\n\r\n", b"GET http://nowhere.invalid/ HTTP/1.1\r\n\r\n"):
        assert b" 502 " in target.sent(request, ends=False)
    assert len(target.notices) == 2


def test_what_goes_through_a_tunnel_is_not_changed(target: Target, elsewhere: tuple[int, list[socket.socket]]) -> None:
    port, got = elsewhere
    with target.connect() as connection:
        connection.sendall(f"CONNECT 127.0.0.2:{port} HTTP/1.1\r\n\r\nfirst".encode())
        assert connection.recv(1000) == b"HTTP/1.1 200 Connection established\r\n\r\n"
        data = bytes(range(256)) * 4000
        connection.sendall(data)
        connection.shutdown(socket.SHUT_WR)
        far = first(got)
        assert everything(far) == b"first" + data
        far.sendall(data)
        far.shutdown(socket.SHUT_WR)
        assert everything(connection) == data


def test_a_service_that_streams_for_ever_is_not_gathered(
    target: Target, elsewhere: tuple[int, list[socket.socket]]
) -> None:
    port, got = elsewhere
    with target.connect() as connection:
        connection.sendall(f"CONNECT 127.0.0.2:{port} HTTP/1.1\r\n\r\n".encode())
        connection.recv(1000)
        far = first(got)
        far.settimeout(0.5)
        # Nobody reads at the near end: after the buffers of the system no more is taken.
        assert taken(far) < 50_000_000


def connected(stack: ExitStack, target: Target, port: int) -> bytes:
    """The status that who asks for one more tunnel gets; it stays open as long as the stack."""
    connection = stack.enter_context(target.connect())
    connection.sendall(f"CONNECT 127.0.0.2:{port} HTTP/1.1\r\n\r\n".encode())
    return connection.recv(1000).split()[1]


def test_a_thousand_idle_tunnels_are_held_and_no_more(
    target: Target, elsewhere: tuple[int, list[socket.socket]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("trackfox_mock.interception.door._MOST_TUNNELS", 50)
    port, got = elsewhere
    with ExitStack() as stack:
        answers = [connected(stack, target, port) for _ in range(60)]
        assert (answers.count(b"200"), answers.count(b"503")) == (50, 10)
        assert target.is_well()
    assert sum("tunnels to other hosts are open" in notice for notice in target.notices) == 1
    ended(target, got)


@pytest.mark.slow
def test_a_real_thousand_of_idle_tunnels_is_held(target: Target, elsewhere: tuple[int, list[socket.socket]]) -> None:
    resource = pytest.importorskip("resource", reason="only where a process has limits of its own")
    if resource.getrlimit(resource.RLIMIT_NOFILE)[0] < 6_000:
        pytest.skip("needs 6,000 open files: ulimit -n 6000")
    port, got = elsewhere
    with ExitStack() as stack:
        answers = [connected(stack, target, port) for _ in range(1_010)]
        assert (answers.count(b"200"), answers.count(b"503")) == (1_000, 10)
        assert target.is_well()
    ended(target, got)


def test_a_tunnel_ends_once_both_of_its_ends_have_said_all(
    target: Target, elsewhere: tuple[int, list[socket.socket]]
) -> None:
    port, got = elsewhere
    with target.connect() as connection:
        connection.sendall(f"CONNECT 127.0.0.2:{port} HTTP/1.1\r\n\r\n".encode())
        assert b" 200 " in connection.recv(1000)
        connection.shutdown(socket.SHUT_WR)
        far = first(got)
        assert far.recv(100) == b""
        assert len(target.prepared.interception.tunnels) == 1
        far.sendall(b"last words")
        far.shutdown(socket.SHUT_WR)
        assert everything(connection) == b"last words"
        ended(target, [])


def ended(target: Target, got: list[socket.socket]) -> None:
    """Have a service hang up whose clients are gone; no tunnel is kept then."""
    for connection in got:
        connection.close()
    deadline = time.monotonic() + 30
    while target.prepared.interception.tunnels and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not target.prepared.interception.tunnels


def test_made_up_notices_are_bounded() -> None:
    told: list[str] = []
    notices = Notices(told.append)
    for number in range(10_000):
        notices.add(f"host-{number}.example")
    assert len(told) == len(notices.counts) <= 201


def test_another_machine_does_not_get_to_this_machines_services(
    target: Target, elsewhere: tuple[int, list[socket.socket]], monkeypatch: pytest.MonkeyPatch
) -> None:
    ours: Callable[[str], bool] = lambda address: address == "127.0.0.2"  # noqa: E731 - a stand-in for a short while
    monkeypatch.setattr("trackfox_mock.interception.door._is_private", ours)
    target.prepared.interception.is_exposed = True
    assert b" 403 " in target.sent(f"CONNECT 127.0.0.2:{elsewhere[0]} HTTP/1.1\r\n\r\n".encode(), ends=False)
