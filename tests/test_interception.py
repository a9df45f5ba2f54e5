"""`serve --https`, `serve --intercept` and `exec --intercept`: TLS, tunnels, and what is said when they fail."""

from __future__ import annotations

import http.client
import json
import os
import re
import socket
import ssl
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import orjson
import pytest
import trustme

from tests.clients import RUNTIMES
from tests.conftest import ENDPOINT, TOKEN, VALID, Serve, run_command
from trackfox_mock import HostNameError
from trackfox_mock.interception.environment import variables
from trackfox_mock.interception.hosts import Hosts, intercepted_hosts
from trackfox_mock.interception.trust import trust_files

HEADERS = {"authorization": f"Bearer {TOKEN}", "content-type": "application/json"}


@dataclass
class Elsewhere:
    """Another HTTPS service, whose certificate only its own clients trust, and what it was asked."""

    url: str
    certificate: Path
    asked: list[tuple[str, str, bytes]]


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[Elsewhere]:
    asked: list[tuple[str, str, bytes]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            asked.append((self.path, self.headers["authorization"], body))
            answer = b'{"id": "pi_1", "object": "payment_intent", "data": {"id": "ctm_1"}}'
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_GET = do_POST  # noqa: N815 - the standard library's name

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    authority, context = trustme.CA(), ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Not 127.0.0.1, which no proxy is asked for.
    authority.issue_cert("127.0.0.2").configure_cert(context)
    certificate = tmp_path / "elsewhere.pem"
    certificate.write_bytes(authority.cert_pem.bytes())
    with ThreadingHTTPServer(("127.0.0.2", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield Elsewhere(f"https://127.0.0.2:{server.server_port}", certificate, asked)
        server.shutdown()
        thread.join()


def certificate_of(lines: list[str]) -> str:
    """The file that the start of `serve` names."""
    return next(found[1] for line in lines if (found := re.search(r"is given (\S+)", line)))


def test_https_and_http_are_answered_on_one_port(serve: Serve) -> None:
    with serve("--https") as served:
        trust = ssl.create_default_context(cafile=certificate_of(served.first_lines))
        secure = served.url.replace("http:", "https:")
        assert httpx2.post(f"{secure}{ENDPOINT}", json=VALID, headers=HEADERS, verify=trust).status_code == 200
        assert served.post().status_code == 200


def test_https_may_have_a_port_of_its_own(serve: Serve) -> None:
    with serve("--https-port", "0") as served:
        trust = ssl.create_default_context(cafile=certificate_of(served.first_lines))
        secure = next(found[1] for line in served.first_lines if (found := re.search(r"on (https:\S+);", line)))
        assert secure.rpartition(":")[2] != served.url.rpartition(":")[2]
        assert httpx2.get(f"{secure}/livez", verify=trust).status_code == 200


def test_a_kept_authority_is_trusted_once_and_its_key_is_nobody_elses(serve: Serve, tmp_path: Path) -> None:
    folder = tmp_path / "authority"
    printed = run_command("ca", "--ca-dir", str(folder)).stdout
    assert printed.splitlines()[0] == str(folder / "ca.pem")
    assert "update-ca-certificates" in printed
    assert (folder / "ca-key.pem").stat().st_mode & 0o777 == 0o600
    trust = ssl.create_default_context(cafile=str(folder / "ca.pem"))
    for _ in range(2):
        with serve("--https", "--ca-dir", str(folder)) as served:
            secure = served.url.replace("http:", "https:")
            assert httpx2.get(f"{secure}/livez", verify=trust).status_code == 200


def test_an_authority_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "ca.pem").write_text("no certificate")
    (tmp_path / "ca-key.pem").write_text("no key")
    done = run_command("serve", "--port", "0", "--https", "--ca-dir", str(tmp_path))
    assert done.returncode == 3
    assert "holds no certificate authority that can be read" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_client_that_takes_plain_http_for_something_else_is_told_of_once(serve: Serve) -> None:
    with serve() as served:
        for data in (
            b"\x16\x03\x01\x02\x00\x01",
            b"CONNECT trackfox.app:443 HTTP/1.1\r\nhost: trackfox.app\r\n\r\n",
        ) * 2:
            with socket.create_connection(("127.0.0.1", int(served.url.rpartition(":")[2]))) as connection:
                connection.sendall(data)
                connection.recv(1000)
        served.post()
        lines = served.lines_until("attributed")
    assert sum("a client speaks TLS here" in line and "start with --https" in line for line in lines) == 1
    assert sum("takes this for a proxy: start with --intercept" in line for line in lines) == 1


def test_serve_prints_the_variables_by_which_another_program_is_caught(serve: Serve) -> None:
    with serve("--intercept") as served:
        exported = [line.strip() for line in served.first_lines if line.startswith("  export ")]
        script = "\n".join([*exported, f"{sys.executable} pay.py requests"])
        ids = {"SESSION": "tf_session_id", "VISITOR": "tf_visitor_id", "WEBSITE": "your_website_id"}
        env = {f"TRACKFOX_{name}_ID": value for name, value in ids.items()} | {"TRACKFOX_API_TOKEN": TOKEN}
        done = subprocess.run(
            ["bash", "-c", script], cwd=RUNTIMES, env=os.environ | env, capture_output=True, text=True, check=False
        )
        assert done.stdout == "200\n", done.stderr
        assert "for trackfox.app" in served.lines_until("attributed")[0]


def test_the_journal_and_a_json_line_name_the_host_that_was_meant(serve: Serve) -> None:
    with serve("--intercept", "--intercept-host", "*.example.com", "--log-format", "json") as served:
        port = int(served.url.rpartition(":")[2])
        trust = ssl.create_default_context(cafile=certificate_of(served.first_lines))
        with closing(http.client.HTTPSConnection("127.0.0.1", port, context=trust)) as connection:
            connection.set_tunnel("api.example.com", 443)
            connection.request("POST", ENDPOINT, json.dumps(VALID), HEADERS)
            assert connection.getresponse().status == 200
        assert orjson.loads(served.lines_until("attributed")[0])["host"] == "api.example.com"
        (entry,) = served.client.get(f"{served.url}/__admin/requests").json()["requests"]
        assert entry["request"]["headers"]["host"] == "api.example.com"


STRIPE = """
import os, stripe
stripe.api_key, stripe.api_base, stripe.ca_bundle_path = "sk_test_1", os.environ["ELSEWHERE"], os.environ["THEIR_CA"]
print(stripe.PaymentIntent.create(amount=9900, currency="usd").id)
"""
PADDLE = """
import os
from paddle_billing import Client, Options
client = Client("pdl_test_key")
client.options = type("Options", (), {"environment": type("Environment", (), {"base_url": os.environ["ELSEWHERE"]})})
print(client.get_raw("/customers/ctm_1").json()["data"]["id"])
"""


@pytest.mark.parametrize(("script", "answer"), [(STRIPE, "pi_1"), (PADDLE, "ctm_1")], ids=["stripe", "paddle"])
def test_a_payment_providers_sdk_beside_it_is_left_alone(script: str, answer: str, elsewhere: Elsewhere) -> None:
    arguments = ("exec", "--intercept", "--", sys.executable, "-c", script)
    # Stripe's SDK brings its own certificates; Paddle's trusts what this machine trusts.
    theirs = str(elsewhere.certificate)
    done = run_command(*arguments, ELSEWHERE=elsewhere.url, THEIR_CA=theirs, SSL_CERT_FILE=theirs)
    assert done.stdout == f"{answer}\n", done.stderr
    assert len(elsewhere.asked) == 1
    assert "0 requests arrived" in done.stderr


def test_offline_refuses_every_other_host_and_names_it(elsewhere: Elsewhere, tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    flags = ("--intercept", "--offline", "--json", str(report))
    arguments = ("exec", *flags, "--", sys.executable, "-c", STRIPE)
    done = run_command(*arguments, ELSEWHERE=elsewhere.url, THEIR_CA=str(elsewhere.certificate))
    assert done.returncode != 0
    assert elsewhere.asked == []
    assert "127.0.0.2 was called, and refused by --offline" in done.stderr
    assert any(notice.startswith("127.0.0.2 was called") for notice in json.loads(report.read_text())["notices"])


def test_a_client_that_does_not_trust_is_told_what_to_do() -> None:
    done = run_command("exec", "--intercept", "--", "env", "-u", "CURL_CA_BUNDLE", "-u", "SSL_CERT_FILE",
                       "curl", "-s", "https://trackfox.app/")  # fmt: skip
    assert done.returncode == 60
    assert "TLS for trackfox.app failed" in done.stderr
    assert "It does not trust the mock's certificate: give it /" in done.stderr


@pytest.mark.parametrize("name", ["https://api.example.com", "api.example.com:443", "", "a*.example.com", "a b"])
def test_what_is_no_name_of_a_host_is_refused(name: str) -> None:
    with pytest.raises(HostNameError, match="is no name of a host; expected one as"):
        intercepted_hosts([], [name])
    assert run_command("exec", "--intercept", "--intercept-host", name, "--", "true").returncode == 2


def test_a_name_is_ours_however_it_is_written() -> None:
    hosts = intercepted_hosts(["https://trackfox.app"], ["*.example.com"])
    assert all(name in hosts for name in ("trackfox.app", "TrackFox.App", "trackfox.app.", "api.example.com"))
    assert not any(name in hosts for name in ("nottrackfox.app", "trackfox.app.evil.com", "example.com", ""))


@pytest.mark.parametrize("flags", [["--offline"], ["--intercept-host", "a.example"], ["--ca-dir", "x"]])
def test_a_flag_that_needs_another_says_so(flags: list[str]) -> None:
    for command in (["exec", *flags, "--", "true"], ["serve", "--port", "0", *flags]):
        done = run_command(*command)
        assert done.returncode == 2
        assert "for --" in done.stderr


def test_what_the_environment_held_before_is_kept(tmp_path: Path) -> None:
    ours, extra = tmp_path / "ca.pem", tmp_path / "extra.pem"
    for file in (ours, extra):
        file.write_bytes(trustme.CA().cert_pem.bytes())
    before = {
        "NODE_OPTIONS": "--max-old-space-size=99",
        "NODE_EXTRA_CA_CERTS": str(extra),
        "SSL_CERT_FILE": str(extra),
        "JAVA_TOOL_OPTIONS": "-Xmx1g",
        "PHP_INI_SCAN_DIR": "/etc/mine",
        "NO_PROXY": "db.internal",
    }
    files = trust_files(ours, tmp_path, before)
    chosen = variables("http://127.0.0.1:4012", Hosts(("trackfox.app",)), files, tmp_path, before)
    assert chosen["NODE_OPTIONS"].startswith("--max-old-space-size=99 --require ")
    assert chosen["JAVA_TOOL_OPTIONS"].startswith("-Xmx1g -D")
    assert chosen["PHP_INI_SCAN_DIR"].startswith(f"/etc/mine{os.pathsep}")
    assert chosen["NO_PROXY"] == "db.internal,localhost,127.0.0.1,::1"
    for file in (files.bundle, files.node):
        text = file.read_bytes()
        assert ours.read_bytes() in text
        assert extra.read_bytes() in text


def test_nothing_of_it_is_loaded_unless_asked() -> None:
    script = "import trackfox_mock.commands.serve, trackfox_mock.commands.exec, sys; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout.split()
    assert not {"trustme", "cryptography", "trackfox_mock.interception"} & set(loaded)
