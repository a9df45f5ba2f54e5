"""What `SECURITY.md` promises of the control API: no call of it makes the mock send to another host."""

from __future__ import annotations

import socket

import httpx2
import pytest

from trackfox_mock import World, create_app, running


def test_whatever_address_a_call_names_nobody_else_is_contacted() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as other,
        running(create_app(World())) as url,
        httpx2.Client(base_url=url) as client,
    ):
        other.settimeout(0)
        elsewhere = f"127.0.0.1:{other.getsockname()[1]}"
        headers = {"Location": f"http://{elsewhere}/", "Forwarded": f"host={elsewhere}"}
        written = {"url": f"http://{elsewhere}/api/v1/attribute-payment", "headers": headers, "body": "{}"}
        sent = client.post("/__admin/send", json=written | {"website_id": "web_lumen_lamps"})
        assert sent.status_code == 201
        number = sent.json()["request"]["id"]
        assert client.post(f"/__admin/requests/{number}/again", json=written).status_code == 201
        client.post("/__admin/faults", json={"proxyBaseUrl": f"http://{elsewhere}"})
        with pytest.raises(BlockingIOError):
            other.accept()
