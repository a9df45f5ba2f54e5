"""What only PayPal's flow has to do: decimal amounts, a certificate, an e-mail asked for."""

from __future__ import annotations

import json
import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

flow = pytest.importorskip("paypal_checkout", reason="no cryptography: pip install '.[examples]'")


@pytest.mark.parametrize(("value", "cents"), [("99.00", 9900), ("19.99", 1999), ("0.01", 1), ("1000000.00", 10**8)])
def test_an_amount_becomes_cents_without_a_float(value: str, cents: int) -> None:
    assert flow.cents(value) == cents


def test_a_fraction_of_a_cent_is_refused_rather_than_rounded() -> None:
    with pytest.raises(ValueError, match=r"0\.001 is no whole number of cents"):
        flow.cents("0.001")


@pytest.mark.parametrize(
    "url",
    [
        "http://api.paypal.com/cert",
        "https://api.paypal.com.evil.example/cert",
        "https://evil.example/api.paypal.com",
        "https://api.paypal.com@evil.example/cert",
    ],
)
def test_a_certificate_from_elsewhere_is_not_even_fetched(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flow, "certificate", lambda url: pytest.fail(f"fetched {url}"))
    with pytest.raises(ValueError, match="not an address of PayPal's"):
        flow.public_key(url)


def test_the_payers_e_mail_is_asked_for_by_order(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[str, str | None]] = []

    class PayPal(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.answer({"access_token": "A21"})

        def do_GET(self) -> None:
            self.answer({"payer": {"email_address": "payer@example.com"}})

        def answer(self, document: dict[str, Any]) -> None:
            asked.append((self.path, self.headers["Authorization"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(document).encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with HTTPServer(("127.0.0.1", 0), PayPal) as server:
        answering = threading.Thread(target=server.serve_forever, args=(0.01,))
        answering.start()
        monkeypatch.setenv("PAYPAL_BASE_URL", f"http://127.0.0.1:{server.server_port}")
        monkeypatch.setenv("PAYPAL_CLIENT_ID", "me")
        monkeypatch.setenv("PAYPAL_CLIENT_SECRET", "secret")
        assert flow.find_email("ORDER1") == "payer@example.com"
        server.shutdown()
        answering.join()
    assert asked == [
        ("/v1/oauth2/token", f"Basic {b64encode(b'me:secret').decode()}"),
        ("/v2/checkout/orders/ORDER1", "Bearer A21"),
    ]
