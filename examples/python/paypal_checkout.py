"""PayPal: a completed capture becomes a payment."""

import base64
import json
import os
import zlib
from collections.abc import Mapping
from decimal import Decimal
from functools import cache
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509 import load_pem_x509_certificate
from payment import CURRENCY, BadSignature, Payment


def checkout(value: str, *, session_id: str, visitor_id: str) -> dict[str, Any]:
    """The body of a `POST /v2/checkout/orders`: the visitor's ids share one string of at most 127 characters."""
    custom_id = urlencode({"session_id": session_id, "visitor_id": visitor_id})
    if len(custom_id) > 127:
        raise ValueError("ids too long for PayPal's custom_id: keep them in a row of your own, and send its id")
    amount = {"currency_code": CURRENCY, "value": value}
    return {"intent": "CAPTURE", "purchase_units": [{"amount": amount, "custom_id": custom_id}]}


def read(headers: Mapping[str, str], body: bytes) -> Payment | None:
    """The payment that a webhook tells of, or `None`; `BadSignature` if it is not PayPal's."""
    verify(headers, body)
    event = json.loads(body)
    # CHECKOUT.ORDER.APPROVED is the buyer's word, not yet the money.
    if event["event_type"] != "PAYMENT.CAPTURE.COMPLETED":
        return None
    capture = event["resource"]
    amount = capture["amount"]
    ids = dict(parse_qsl(capture.get("custom_id", "")))
    related = capture.get("supplementary_data", {}).get("related_ids", {})
    return Payment(
        id=capture["id"],
        cents=cents(amount["value"]) if amount["currency_code"] == CURRENCY else None,
        currency=amount["currency_code"],
        session_id=ids.get("session_id"),
        visitor_id=ids.get("visitor_id"),
        email=None,  # a capture names only the merchant, as payee
        email_from=related.get("order_id"),
    )


def cents(value: str) -> int:
    """`"19.99"` is 1999 exactly; the float 19.99 times 100 is 1998.9999999999998."""
    exact = Decimal(value) * 100
    if exact != int(exact):
        raise ValueError(f"{value} is no whole number of cents")
    return int(exact)


def verify(headers: Mapping[str, str], body: bytes) -> None:
    """Check what PayPal signed: the transmission, its time, our webhook's id and the body's CRC-32."""
    try:
        signed = "|".join(
            (
                headers["paypal-transmission-id"],
                headers["paypal-transmission-time"],
                os.environ["PAYPAL_WEBHOOK_ID"],
                str(zlib.crc32(body)),
            )
        )
        key = public_key(headers["paypal-cert-url"])
        signature = base64.b64decode(headers["paypal-transmission-sig"])
        key.verify(signature, signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    except (KeyError, ValueError, InvalidSignature) as error:
        raise BadSignature("not signed by PayPal") from error


def public_key(url: str) -> rsa.RSAPublicKey:
    """The key of the certificate at this address, which must be PayPal's: whoever sends a request chooses it."""
    address = urlsplit(url)
    if address.scheme != "https" or address.hostname not in {"api.paypal.com", "api.sandbox.paypal.com"}:
        raise ValueError(f"not an address of PayPal's: {url}")
    key = load_pem_x509_certificate(certificate(url)).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise TypeError("PayPal signs with RSA")
    return key


@cache
def certificate(url: str) -> bytes:
    """PayPal's certificate, in PEM, fetched once."""
    return httpx2.get(url, timeout=5).raise_for_status().content


def find_email(order_id: str) -> str:
    """The payer's e-mail, asked of PayPal by the outbox: the webhook itself is answered by then."""
    base_url = os.environ.get("PAYPAL_BASE_URL", "https://api-m.paypal.com")
    with httpx2.Client(base_url=base_url, timeout=10) as paypal:
        login = (os.environ["PAYPAL_CLIENT_ID"], os.environ["PAYPAL_CLIENT_SECRET"])
        token = paypal.post("/v1/oauth2/token", data={"grant_type": "client_credentials"}, auth=login)
        bearer = {"Authorization": f"Bearer {token.raise_for_status().json()['access_token']}"}
        order = paypal.get(f"/v2/checkout/orders/{order_id}", headers=bearer).raise_for_status().json()
    return str(order["payer"]["email_address"])
