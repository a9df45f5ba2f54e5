"""Stripe Checkout: a session that is paid becomes a payment."""

import os
from collections.abc import Mapping
from typing import Any

import stripe
from payment import BadSignature, Payment

PAID = {"checkout.session.completed", "checkout.session.async_payment_succeeded"}


def checkout(price: str, *, session_id: str, visitor_id: str) -> dict[str, Any]:
    """The arguments of `stripe.checkout.Session.create`: the visitor's ids go into the *session's* metadata."""
    return {
        "mode": "payment",
        "line_items": [{"price": price, "quantity": 1}],
        "success_url": "https://shop.example/thanks",
        "metadata": {"session_id": session_id, "visitor_id": visitor_id},
    }


def read(headers: Mapping[str, str], body: bytes) -> Payment | None:
    """The payment that a webhook tells of, or `None`; `BadSignature` if it is not Stripe's."""
    try:
        event = stripe.Webhook.construct_event(
            body, headers.get("stripe-signature"), os.environ["STRIPE_WEBHOOK_SECRET"]
        )
    except (ValueError, stripe.SignatureVerificationError) as error:
        raise BadSignature("not signed by Stripe") from error
    session = event.data.object.to_dict()
    # A completed session may still be unpaid: a bank debit arrives days later, as async_payment_succeeded.
    if event.type not in PAID or session["payment_status"] != "paid":
        return None
    metadata = session["metadata"] or {}
    return Payment(
        id=session["id"],
        cents=session["amount_total"],
        currency=session["currency"].upper(),
        session_id=metadata.get("session_id"),
        visitor_id=metadata.get("visitor_id"),
        email=(session["customer_details"] or {}).get("email"),  # customer_email only filled the form
    )
