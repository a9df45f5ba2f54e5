"""Clients that offer another protocol beside HTTP/1.1 are answered in HTTP/1.1."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.conftest import ENDPOINT, TOKEN, needs
from tests.hostile.wire import BODY, PARSERS, serving

PAY = Path(__file__).with_name("clients") / "Pay.java"


@needs("java")
@pytest.mark.slow
@pytest.mark.parametrize("parser", PARSERS)
def test_javas_own_client_pays(tmp_path: Path, parser: str) -> None:
    with serving(tmp_path, parser) as server:
        command = ["java", str(PAY), server.url + ENDPOINT, TOKEN, BODY.decode()]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert ran.stdout.split() == ["200", "200"]


@needs("curl")
@pytest.mark.parametrize("parser", PARSERS)
def test_curl_with_http2_pays(tmp_path: Path, parser: str) -> None:
    with serving(tmp_path, parser) as server:
        fields = ["-H", f"Authorization: Bearer {TOKEN}", "-H", "Content-Type: application/json"]
        command = ["curl", "-s", "--http2", "-w", "%{http_code}", "-d", BODY.decode(), *fields, server.url + ENDPOINT]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
    assert ran.stdout.endswith("200")
