"""Every command in a report, pasted into bash, sends what the check has sent."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import msgspec
import pytest

from tests.services.examine import websites
from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.cases.table import Case, bodies, emails, fields, matching, oddities, revenue, success, tokens
from trackfox_contract.oracle.document import Document
from trackfox_contract.oracle.known import KnownWebsites
from trackfox_contract.request.call import Call, on_the_wire
from trackfox_contract.request.curl import curl
from trackfox_contract.request.redaction import Redactor
from trackfox_mock import Website, load_spec

TABLES = (
    bodies.bodies, emails.emails, fields.required, fields.strings, matching.unknown, matching.exact, oddities.ids,
    oddities.values, oddities.forms, oddities.heads, revenue.revenue, success.written, success.carried, tokens.missing,
    tokens.malformed, tokens.invalid, tokens.of_another_website,
)  # fmt: skip
ODD_TOKEN = "tf_live/odd+To ken.$HOME`\"'\\é!~"


def rows(known: Sequence[Website]) -> list[Case]:
    builder = RequestBuilder(KnownWebsites(Document.of(load_spec()), known), known[0], known[0].sessions[0], "salt")
    return [row for table in TABLES for row in table(builder)]


@dataclass
class Recorder:
    """A server that answers anything, and keeps the bytes that arrived on each connection."""

    url: str = ""
    arrived: list[bytes] = field(default_factory=list)

    def serve(self, listening: socket.socket) -> None:
        while True:
            try:
                connection, _ = listening.accept()
            except OSError:
                return
            with connection:
                self.arrived.append(read_request(connection))
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")


def read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        data += connection.recv(1 << 20)
    head, _, body = data.partition(b"\r\n\r\n")
    length = next((int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")), 0)
    chunked = b"\r\ntransfer-encoding: chunked" in head.lower()
    while len(body) < length or (chunked and not body.endswith(b"0\r\n\r\n")):
        body += connection.recv(1 << 20)
    return head + b"\r\n\r\n" + body


@pytest.fixture
def recorder() -> Iterator[Recorder]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        recorder = Recorder(f"http://127.0.0.1:{listening.getsockname()[1]}")
        threading.Thread(target=recorder.serve, args=[listening], daemon=True).start()
        yield recorder
        listening.shutdown(socket.SHUT_RDWR)


def essence(data: bytes) -> tuple[bytes, list[bytes], bytes]:
    """The request line, the header fields that a call names, in its order, and the body without its chunks."""
    head, _, body = data.partition(b"\r\n\r\n")
    line, *headers = head.split(b"\r\n")
    ours = (b"host:", b"user-agent:", b"content-length:", b"transfer-encoding:")
    kept = [header for header in headers if not header.lower().startswith(ours)]
    return line, sorted(kept), unchunked(body) if b"chunked" in head.lower() else body


def unchunked(body: bytes) -> bytes:
    whole = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        whole, body = whole + rest[: int(size, 16)], rest[int(size, 16) + 2 :]
    return whole


def meant(call: Call) -> tuple[bytes, list[bytes], bytes]:
    headers = [on_the_wire(f"{name}: {value}" if value else f"{name}:") for name, value in call.headers]
    kept = [header for header in headers if not header.lower().startswith((b"user-agent:", b"host:"))]
    return on_the_wire(f"{call.method} {call.target} HTTP/1.1"), sorted(kept), call.body


def paste(commands: Sequence[str], redactor: Redactor, known: Sequence[Website]) -> None:
    """Runs commands in one bash, with the tokens in the variables that the commands name."""
    tokens = {redactor.variables[website.website_id]: website.api_token for website in known}
    script = "\n".join(f"{command}\n" for command in commands)
    done = subprocess.run(
        ["bash", "-s"], input=script, env={**os.environ, **tokens}, capture_output=True, text=True, check=False
    )
    assert "syntax error" not in done.stderr


def differences(calls: Sequence[Call], recorder: Recorder, known: Sequence[Website]) -> list[str]:
    redactor = Redactor(known)
    commands = [curl(redactor, recorder.url, call) for call in calls]
    paste(commands, redactor, known)
    assert len(recorder.arrived) == len(calls)
    return [
        f"{command[:2000]}\n{essence(arrived)}\n{meant(call)}"[:4000]
        for command, call, arrived in zip(commands, calls, recorder.arrived, strict=True)
        if essence(arrived) != meant(call)
    ]


def unlike(cases: Sequence[Case], most: int = 10**6) -> list[Call]:
    """Cases whose commands are written unlike each other, at most so many, evenly spread."""
    redactor = Redactor(websites())
    shapes = {re.sub(r"[\w.-]+", "a", curl(redactor, None, case.call)): case.call for case in cases}
    return list(shapes.values())[:: -(-len(shapes) // most)]


def test_a_command_sends_the_same_bytes(recorder: Recorder) -> None:
    assert differences(unlike(rows(websites()), 40), recorder, websites()) == []


def with_token(token: str) -> list[Website]:
    first, *others = websites()
    return [msgspec.structs.replace(first, api_token=token), *others]


def test_a_command_reads_a_token_of_any_letters_from_the_environment(recorder: Recorder) -> None:
    known = with_token(ODD_TOKEN)
    cases = [case for case in rows(known) if case.clause_id.startswith("auth.")]
    assert differences(unlike(cases, 40), recorder, known) == []


@pytest.mark.slow
def test_every_command_of_the_table_sends_the_same_bytes(recorder: Recorder) -> None:
    assert differences(unlike(rows(websites())), recorder, websites()) == []
