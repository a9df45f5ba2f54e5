"""Lemon Squeezy: `order_created`, signed with `X-Signature` (the hex HMAC-SHA256 of the body).

The signature holds no time, so a request of last year still verifies: only the order's id tells a redelivery.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from trackfox_mock.webhooks.sale import Event, Sale, compact

SECRET = "lemonsqueezy-trackfox-mock"  # noqa: S105 - a made-up secret for tests, told to everybody
SECRET_VARIABLE = "LEMONSQUEEZY_WEBHOOK_SECRET"  # noqa: S105 - the name of an environment variable

CENTS_PER_1000_YEN = 667
"""US cents for a thousand yen, for `total_usd`; every other currency is taken at par."""


def event(sale: Sale) -> Event:
    """The event that Lemon Squeezy would send of this sale."""
    match sale.variant:
        case "refund":
            return _event(sale, "order_refunded", "orders", _order_id(sale), _order(sale, "refunded"))
        case "twin":
            invoice = f"5{sale.draw('invoice', 6, 'digits')}"
            return _event(sale, "subscription_payment_success", "subscription-invoices", invoice, _first_invoice(sale))
        case "unpaid":
            return _event(sale, "order_created", "orders", _order_id(sale), _order(sale, "pending"))
        case _:
            return _event(sale, "order_created", "orders", _order_id(sale), _order(sale, "paid"))


def headers(_: Sale, event: Event, secret: str) -> dict[str, str]:
    """The headers of the request."""
    return {
        "Content-Type": "application/json",
        "X-Event-Name": event.name,
        "X-Signature": hmac.new(secret.encode(), event.body, hashlib.sha256).hexdigest(),
    }


def _event(sale: Sale, name: str, kind: str, subject_id: str, attributes: dict[str, Any]) -> Event:
    meta: dict[str, Any] = {
        "test_mode": True,
        "event_name": name,
        "webhook_id": "-".join(sale.draw_for_event(f"webhook {n}", n, "hex") for n in (8, 4, 4, 4, 12)),
    }
    if sale.metadata:
        meta["custom_data"] = dict(sale.metadata)
    document = {"meta": meta, "data": {"type": kind, "id": subject_id, "attributes": attributes}}
    return Event(name, _order_id(sale), compact(document))


def _order_id(sale: Sale) -> str:
    return sale.payment_id or f"1{sale.draw('order', 7, 'digits')}"


def _us_cents(sale: Sale) -> int:
    if sale.currency == "JPY":
        return sale.amount * CENTS_PER_1000_YEN // 1000
    return sale.amount


def _money(sale: Sale) -> dict[str, Any]:
    us_cents = _us_cents(sale)
    return {
        "currency": sale.currency,
        "currency_rate": "0.00667000" if sale.currency == "JPY" else "1.00000000",
        "subtotal": sale.amount,
        "discount_total": 0,
        "tax": 0,
        "total": sale.amount,
        "subtotal_usd": us_cents,
        "discount_total_usd": 0,
        "tax_usd": 0,
        "total_usd": us_cents,
    }


def _order(sale: Sale, status: str) -> dict[str, Any]:
    refunded = status == "refunded"
    return {
        "store_id": 1,
        "customer_id": int(f"2{sale.draw('customer', 6, 'digits')}"),
        "identifier": "-".join(sale.draw(f"identifier {n}", n, "hex") for n in (8, 4, 4, 4, 12)),
        "order_number": int(f"3{sale.draw('number', 4, 'digits')}"),
        "user_name": "Casey Customer",
        "user_email": sale.email,
        **_money(sale),
        "refunded_amount": sale.amount if refunded else 0,
        "tax_name": None,
        "tax_rate": "0.00",
        "status": status,
        "status_formatted": status.capitalize(),
        "refunded": refunded,
        "refunded_at": sale.time() if refunded else None,
        "first_order_item": {
            "id": 1,
            "product_id": 1,
            "variant_id": 1,
            "product_name": "One licence",
            "variant_name": "Default",
            "price": sale.amount,
            "quantity": 1,
            "test_mode": True,
        },
        "urls": {"receipt": "https://shop.example/receipt"},
        "created_at": sale.time(),
        "updated_at": sale.time(),
        "test_mode": True,
    }


def _first_invoice(sale: Sale) -> dict[str, Any]:
    return {
        "store_id": 1,
        "subscription_id": int(f"4{sale.draw('subscription', 6, 'digits')}"),
        "customer_id": int(f"2{sale.draw('customer', 6, 'digits')}"),
        "user_name": "Casey Customer",
        "user_email": sale.email,
        "billing_reason": "initial",
        "card_brand": "visa",
        "card_last_four": "4242",
        **_money(sale),
        "status": "paid",
        "refunded": False,
        "refunded_at": None,
        "created_at": sale.time(),
        "updated_at": sale.time(),
        "test_mode": True,
    }
