"""Stripe: `checkout.session.completed`, signed with `Stripe-Signature` (HMAC-SHA256 of `t.body`)."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from trackfox_mock.webhooks.sale import Event, Sale

SECRET = "whsec_trackfox_mock"  # noqa: S105 - a made-up secret for tests, told to everybody
SECRET_VARIABLE = "STRIPE_WEBHOOK_SECRET"  # noqa: S105 - the name of an environment variable


def event(sale: Sale) -> Event:
    """The event that Stripe would send of this sale."""
    match sale.variant:
        case "refund":
            return _event(sale, "charge.refunded", _refunded_charge(sale))
        case "twin":
            return _event(sale, "payment_intent.succeeded", _payment_intent(sale))
        case "delayed":
            return _event(sale, "checkout.session.async_payment_succeeded", _session(sale))
        case _:
            return _event(sale, "checkout.session.completed", _session(sale))


def headers(sale: Sale, event: Event, secret: str) -> dict[str, str]:
    """The headers of the request, signed at `sale.now`."""
    signature = hmac.new(secret.encode(), f"{sale.now}.".encode() + event.body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        "Stripe-Signature": f"t={sale.now},v1={signature}",
    }


def _event(sale: Sale, name: str, subject: dict[str, Any]) -> Event:
    document = {
        "id": f"evt_1{sale.draw_for_event('event', 23)}",
        "object": "event",
        "api_version": "2025-03-31.basil",
        "created": sale.now,
        "data": {"object": subject},
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": None, "idempotency_key": None},
        "type": name,
    }
    # Indented, as Stripe sends it: a handler that parses and writes it again breaks the signature.
    return Event(name, _session_id(sale), json.dumps(document, indent=2, ensure_ascii=False).encode())


def _session_id(sale: Sale) -> str:
    return sale.payment_id or f"cs_test_{sale.draw('session', 58)}"


def _payment_intent_id(sale: Sale) -> str:
    return f"pi_3{sale.draw('payment intent', 23)}"


def _session(sale: Sale) -> dict[str, Any]:
    free, unpaid = sale.amount == 0, sale.variant == "unpaid"
    return {
        "id": _session_id(sale),
        "object": "checkout.session",
        "amount_subtotal": sale.amount,
        "amount_total": sale.amount,
        "automatic_tax": {"enabled": False, "liability": None, "status": None},
        "cancel_url": "https://shop.example/cart",
        "client_reference_id": None,
        "created": sale.now,
        "currency": sale.currency.lower(),
        "customer": None,
        "customer_creation": "if_required",
        "customer_details": {
            "address": {"country": "US", "postal_code": "10001"},
            "email": sale.email,
            "name": "Casey Customer",
            "phone": None,
            "tax_exempt": "none",
            "tax_ids": [],
        },
        "customer_email": None,
        "expires_at": sale.now + 86_400,
        "livemode": False,
        "metadata": dict(sale.metadata),
        "mode": "payment",
        "payment_intent": None if free else _payment_intent_id(sale),
        "payment_link": None,
        "payment_method_types": ["us_bank_account" if sale.variant in {"unpaid", "delayed"} else "card"],
        "payment_status": "unpaid" if unpaid else "no_payment_required" if free else "paid",
        "status": "complete",
        "submit_type": None,
        "success_url": "https://shop.example/thanks?session_id={CHECKOUT_SESSION_ID}",
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted",
        "url": None,
    }


def _payment_intent(sale: Sale) -> dict[str, Any]:
    return {
        "id": _payment_intent_id(sale),
        "object": "payment_intent",
        "amount": sale.amount,
        "amount_received": sale.amount,
        "created": sale.now,
        "currency": sale.currency.lower(),
        "customer": None,
        "latest_charge": f"ch_3{sale.draw('charge', 23)}",
        "livemode": False,
        "metadata": {},  # Stripe does not copy a session's metadata here
        "receipt_email": sale.email,
        "status": "succeeded",
    }


def _refunded_charge(sale: Sale) -> dict[str, Any]:
    return {
        "id": f"ch_3{sale.draw('charge', 23)}",
        "object": "charge",
        "amount": sale.amount,
        "amount_captured": sale.amount,
        "amount_refunded": sale.amount,
        "billing_details": {"email": sale.email, "name": "Casey Customer", "phone": None},
        "captured": True,
        "created": sale.now,
        "currency": sale.currency.lower(),
        "livemode": False,
        "metadata": {},
        "paid": True,
        "payment_intent": _payment_intent_id(sale),
        "refunded": True,
        "status": "succeeded",
    }
