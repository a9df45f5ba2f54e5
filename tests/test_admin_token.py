"""The token of the control API: every way to give it, and every address it is needed at."""

from __future__ import annotations

import secrets
import socket
from pathlib import Path

import click
import pytest

from tests.conftest import Serve, run_command
from tests.control import Client
from trackfox_mock import Access, AdminTokenError, World, create_app
from trackfox_mock.commands.serving.admission import admitted

UNUSABLE = ["", " ", "two words", "ä", "🔑", "new\nline", "\x00"]


@pytest.mark.parametrize("token", UNUSABLE)
def test_a_token_that_lets_everybody_in_or_nobody_is_refused_in_process(token: str) -> None:
    with pytest.raises(AdminTokenError, match="expected printable ASCII"):
        Access(token=token)


@pytest.mark.parametrize("token", ["", " ", "two words", "ä"])
def test_it_is_refused_on_the_command_line(token: str) -> None:
    refused_by("serve", "--admin-token", token)


@pytest.mark.parametrize("token", ["", " ", "ä"])
def test_it_is_refused_in_the_environment(token: str) -> None:
    refused_by("serve", TRACKFOX_MOCK_ADMIN_TOKEN=token)


@pytest.mark.parametrize("content", [b"", b"\n", b" \n", "ä\n".encode(), b"\xff\n", b"one\ntwo\n", b"x" * 5000])
def test_it_is_refused_in_a_file(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "token"
    file.write_bytes(content)
    refused_by("serve", "--admin-token-file", f"{file}")


def test_a_file_that_is_not_there_and_an_empty_name_are_refused(tmp_path: Path) -> None:
    refused_by("serve", "--admin-token-file", f"{tmp_path / 'nothing'}")
    refused_by("serve", TRACKFOX_MOCK_ADMIN_TOKEN_FILE="")


def test_it_is_given_once() -> None:
    refused_by("serve", "--admin-token", "a", "--admin-token-file", "b")


def refused_by(*arguments: str, **env: str) -> None:
    ended = run_command(*arguments, cwd=None, **env)
    assert (ended.returncode, "Traceback" in ended.stderr) == (2, False)
    assert "expected" in ended.stderr or "check the path" in ended.stderr


def test_a_file_and_a_variable_are_read_and_neither_is_printed(serve: Serve, tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("opensesame\n")
    for options, env in ((["--admin-token-file", f"{file}"], {}), ([], {"TRACKFOX_MOCK_ADMIN_TOKEN": "opensesame"})):
        with serve(*options, env=env) as served:
            asked = served.client.get(f"{served.url}/__admin/health", headers={"X-Admin-Token": "opensesame"})
            assert asked.status_code == 200
            assert "opensesame" not in "".join(served.first_lines)


def test_who_gives_it_on_the_command_line_is_told_who_can_read_it(serve: Serve) -> None:
    with serve("--admin-token", "opensesame") as served:
        assert "every user of this machine can read --admin-token" in served.first_lines[0]


@pytest.mark.parametrize("token", ["", "o", "opensesam", "opensesame2", "Opensesame", "opensesame\xe9"])
def test_a_token_that_is_nearly_right_is_wrong_whatever_the_host(world: World, token: str) -> None:
    with Client(create_app(world, access=Access(token="opensesame"))) as client:
        for host in ("localhost", "evil.example"):
            headers = [(b"host", host.encode()), (b"x-admin-token", token.encode())]
            assert client.get("/__admin/health", headers=headers).status_code == 401


def test_nothing_but_digests_is_compared_and_by_nothing_but_a_comparison_in_constant_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes = set()

    def says_yes(given: bytes, wanted: bytes) -> bool:
        sizes.add((len(given), len(wanted)))
        return True

    monkeypatch.setattr(secrets, "compare_digest", says_yes)
    with Client(create_app(world, access=Access(token="opensesame"))) as client:
        for token in ("", "o", "wrong" * 100):
            assert client.get("/__admin/health", headers={"x-admin-token": token}).status_code == 200
    assert sizes == {(32, 32)}  # bytes of SHA-256


def test_a_wrong_token_is_answered_late_and_a_right_one_at_once(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    monkeypatch.setattr("trackfox_mock.http.access.guard.asyncio.sleep", sleep)
    with Client(create_app(world, access=Access(token="opensesame"))) as client:
        client.get("/__admin/health", headers={"x-admin-token": "opensesame"})
        assert slept == []
        client.get("/__admin/health", headers={"x-admin-token": "wrong"})
        assert slept == [0.5]


@pytest.mark.parametrize("host", ["127.0.0.1", "127.0.0.53", "::1", "localhost"])
def test_an_address_of_this_machine_alone_needs_no_word(host: str) -> None:
    address = {"localhost": "127.0.0.1"}.get(host, host)
    assert admitted(host, address, None, expose=False, show_secrets=False) == Access()


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("localhost.evil.example", "203.0.113.7"),
        ("127.0.0.1.evil.example", "203.0.113.7"),
        ("localhost", "192.0.2.1"),
        ("0.0.0.0", "0.0.0.0"),  # noqa: S104 - what is refused
        ("::", "::"),
    ],
)
def test_it_is_the_address_that_counts_and_not_the_name(host: str, address: str) -> None:
    with pytest.raises(click.UsageError, match="can be reached by other machines"):
        admitted(host, address, None, expose=False, show_secrets=False)
    exposed = admitted(host, address, None, expose=True, show_secrets=False)
    assert exposed.exposed
    assert len(exposed.token or "") > 20


def test_a_name_is_resolved_before_it_is_judged(monkeypatch: pytest.MonkeyPatch) -> None:
    from click.testing import CliRunner  # noqa: PLC0415 - for this test alone

    from trackfox_mock.commands.serve import command  # noqa: PLC0415 - the same

    answer = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("203.0.113.7", 0))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer)
    ended = CliRunner().invoke(command, ["--host", "localhost.evil.example", "--port", "0"])
    assert ended.exit_code == 2
    assert "localhost.evil.example is 203.0.113.7, which can be reached by other machines" in ended.output
