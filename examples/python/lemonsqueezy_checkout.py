"""Lemon Squeezy: a paid order becomes a payment."""

import hashlib
import hmac
import json
import os
from collections.abc import Mapping
from typing import Any

from payment import BadSignature, Payment


def checkout(variant: str, *, session_id: str, visitor_id: str) -> dict[str, Any]:
    """The attributes of a `POST /v1/checkouts`: the visitor's ids go into `checkout_data.custom`."""
    return {
        "product_options": {"enabled_variants": [variant]},
        "checkout_data": {"custom": {"session_id": session_id, "visitor_id": visitor_id}},
    }


def read(headers: Mapping[str, str], body: bytes) -> Payment | None:
    """The payment that a webhook tells of, or `None`; `BadSignature` if it is not Lemon Squeezy's."""
    secret = os.environ["LEMONSQUEEZY_WEBHOOK_SECRET"].encode()
    expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
    if not hmac.compare_digest(expected.encode(), headers.get("x-signature", "").encode()):
        raise BadSignature("not signed by Lemon Squeezy")
    event = json.loads(body)
    order = event["data"]["attributes"]
    # A first subscription payment sends subscription_payment_success besides: one payment, two events.
    if event["meta"]["event_name"] != "order_created" or order["status"] != "paid":
        return None
    ids = event["meta"].get("custom_data") or {}
    return Payment(
        id=event["data"]["id"],
        cents=order["total_usd"],  # Lemon Squeezy's own conversion: yen and euros arrive as US cents
        currency="USD",
        session_id=ids.get("session_id"),
        visitor_id=ids.get("visitor_id"),
        email=order["user_email"],
    )
