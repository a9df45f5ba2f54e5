"""Paddle Billing: a completed transaction becomes a payment."""

import json
import os
from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

from paddle_billing import Client
from paddle_billing.Notifications import Secret, Verifier
from payment import BadSignature, Payment


def checkout(price: str, *, session_id: str, visitor_id: str) -> dict[str, Any]:
    """What the page hands to `Paddle.Checkout.open`: the visitor's ids go into `customData`."""
    return {
        "items": [{"priceId": price, "quantity": 1}],
        "customData": {"session_id": session_id, "visitor_id": visitor_id},
    }


def read(headers: Mapping[str, str], body: bytes) -> Payment | None:
    """The payment that a webhook tells of, or `None`; `BadSignature` if it is not Paddle's."""
    request = SimpleNamespace(headers=headers, body=body)
    try:
        genuine = Verifier().verify(request, Secret(os.environ["PADDLE_WEBHOOK_SECRET"]))
    except ValueError:
        genuine = False
    if not genuine:
        raise BadSignature("not signed by Paddle within the last five seconds")
    event = json.loads(body)
    # transaction.paid comes too, a moment earlier, for the same transaction.
    if event["event_type"] != "transaction.completed":
        return None
    transaction = event["data"]
    ids = transaction["custom_data"] or {}
    # Paddle copies custom_data to a subscription's renewals, which no visitor's session led to.
    if transaction["origin"] == "subscription_recurring":
        return None
    return Payment(
        id=transaction["id"],
        cents=int(transaction["details"]["totals"]["grand_total"]),  # a string of cents: "9900"
        currency=transaction["currency_code"],
        session_id=ids.get("session_id"),
        visitor_id=ids.get("visitor_id"),
        email=None,  # Paddle's webhooks hold only the customer's id
        email_from=transaction["customer_id"],
    )


def find_email(customer_id: str) -> str:
    """The e-mail of a customer, asked of Paddle by the outbox: the webhook itself is answered by then."""
    return str(Client(os.environ["PADDLE_API_KEY"]).customers.get(customer_id).email)
