"""`rediss://`: a real redis-server that takes TLS and a password alone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
import trustme

from tests.conftest import Serve, run_command
from tests.stores.redis_server import RedisServer, needs_redis, redis_at_a_port
from tests.stores.test_state_file import revenues

pytestmark = needs_redis

PASSWORD = "word-of-the-store"


class Encrypted(NamedTuple):
    """A store behind TLS."""

    server: RedisServer
    port: int
    authority: Path
    stranger: Path

    def url(self, password: str = PASSWORD, authority: Path | None = None) -> str:
        return f"rediss://:{password}@127.0.0.1:{self.port}/3?ssl_ca_certs={authority or self.authority}"


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Encrypted]:
    """A redis-server with a certificate of an authority of its own; and another authority."""
    folder = tmp_path_factory.mktemp("encrypted")
    authority, stranger = trustme.CA(), trustme.CA()
    authority.cert_pem.write_to_path(folder / "authority.pem")
    stranger.cert_pem.write_to_path(folder / "stranger.pem")
    authority.issue_cert("127.0.0.1").private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    both = [word for kind in ("cert", "key") for word in (f"--tls-{kind}-file", f"{folder}/server.pem")]
    with redis_at_a_port("--tls-port", *both, "--tls-auth-clients", "no", password=PASSWORD) as (server, port):
        yield Encrypted(server, port, folder / "authority.pem", folder / "stranger.pem")


def test_nodes_share_a_store_over_tls_with_a_password_and_a_prefix(serve: Serve, encrypted: Encrypted) -> None:
    mine, others = ("--store-prefix", "mine:"), ("--store-prefix", "others:")
    with (
        serve("--store", encrypted.url(), *mine) as one,
        serve(*mine, env={"TRACKFOX_MOCK_STORE": encrypted.url()}) as another,
        serve("--store", encrypted.url(), *others) as stranger,
    ):
        assert one.post(revenue=1).status_code == 200
        assert another.post(revenue=2).status_code == 200
        assert revenues(one) == revenues(another) == [1, 2]
        assert revenues(stranger) == []
    with encrypted.server.client() as client:
        client.select(3)
        assert {name.partition(b":")[0] for name in client.scan_iter()} == {b"mine", b"others"}


def test_a_store_whose_certificate_is_not_trusted_is_told(encrypted: Encrypted) -> None:
    told = refused(encrypted.url(authority=encrypted.stranger), 3)
    assert "shows a certificate that is not trusted here (" in told


def test_a_store_that_does_not_take_the_password_is_told(encrypted: Encrypted) -> None:
    assert "does not take the password of --store" in refused(encrypted.url(password="wrong-word"), 3)


def test_an_authority_that_is_not_there_is_told(encrypted: Encrypted) -> None:
    told = refused(encrypted.url(authority=Path("nowhere.pem")), 2)
    assert "came with ssl_ca_certs=nowhere.pem; expected a file in PEM form, and there is none." in told


def refused(url: str, code: int) -> str:
    """What is told of a store that cannot be used: never a password."""
    done = run_command("serve", "--port", "0", "--store", url)
    assert done.returncode == code
    told = " ".join(done.stderr.split())
    assert "Traceback" not in told
    assert "word-of" not in told
    assert "wrong-word" not in told
    return told
