"""Paddle Billing: `transaction.completed`, signed with `Paddle-Signature` (HMAC-SHA256 of `ts:body`).

Amounts are strings of the currency's smallest unit. No transaction holds the customer's e-mail: only
`customer_id`.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from trackfox_mock.webhooks.sale import Event, Sale, compact

SECRET = "pdl_ntfset_trackfox_mock"  # noqa: S105 - a made-up secret for tests, told to everybody
SECRET_VARIABLE = "PADDLE_WEBHOOK_SECRET"  # noqa: S105 - the name of an environment variable


def event(sale: Sale) -> Event:
    """The event that Paddle would send of this sale."""
    match sale.variant:
        case "refund":
            return _event(sale, "adjustment.created", _refund(sale))
        case "twin":
            return _event(sale, "transaction.paid", _transaction(sale, "paid"))
        case "unpaid":
            return _event(sale, "transaction.billed", _transaction(sale, "billed"))
        case _:
            return _event(sale, "transaction.completed", _transaction(sale, "completed"))


def headers(sale: Sale, event: Event, secret: str) -> dict[str, str]:
    """The headers of the request, signed at `sale.now`: Paddle's SDKs accept it for five seconds."""
    signature = hmac.new(secret.encode(), f"{sale.now}:".encode() + event.body, hashlib.sha256).hexdigest()
    return {
        "Content-Type": "application/json",
        "User-Agent": "Paddle",
        "Paddle-Signature": f"ts={sale.now};h1={signature}",
    }


def _event(sale: Sale, name: str, data: dict[str, Any]) -> Event:
    document = {
        "event_id": f"evt_01{sale.draw_for_event('event', 24, 'ulid')}",
        "event_type": name,
        "occurred_at": sale.time(),
        "notification_id": f"ntf_01{sale.draw_for_event('notification', 24, 'ulid')}",
        "data": data,
    }
    return Event(name, _transaction_id(sale), compact(document))


def _transaction_id(sale: Sale) -> str:
    return sale.payment_id or f"txn_01{sale.draw('transaction', 24, 'ulid')}"


def _customer_id(sale: Sale) -> str:
    return f"ctm_01{sale.draw('customer', 24, 'ulid')}"


def _transaction(sale: Sale, status: str) -> dict[str, Any]:
    received = status != "billed"
    return {
        "id": _transaction_id(sale),
        "status": status,
        "customer_id": None if sale.variant == "null-email" else _customer_id(sale),
        "address_id": f"add_01{sale.draw('address', 24, 'ulid')}",
        "business_id": None,
        "custom_data": dict(sale.metadata) or None,
        "currency_code": sale.currency,
        "origin": "web" if received else "api",
        "subscription_id": None,
        "invoice_id": None,
        "invoice_number": None,
        "collection_mode": "automatic" if received else "manual",
        "discount_id": None,
        "billing_details": None,
        "billing_period": None,
        "items": [{"price": _price(sale), "quantity": 1, "proration": None}],
        "details": _details(sale),
        "payments": [_card_payment(sale)] if received and sale.amount else [],
        "checkout": {"url": f"https://shop.example/pay?_ptxn={_transaction_id(sale)}"},
        "created_at": sale.time(),
        "updated_at": sale.time(),
        "billed_at": sale.time(),
        "revised_at": None,
    }


def _price(sale: Sale) -> dict[str, Any]:
    return {
        "id": f"pri_01{sale.draw('price', 24, 'ulid')}",
        "product_id": f"pro_01{sale.draw('product', 24, 'ulid')}",
        "name": "One licence",
        "description": "One licence",
        "type": "standard",
        "status": "active",
        "unit_price": {"amount": str(sale.amount), "currency_code": sale.currency},
        "unit_price_overrides": [],
        "quantity": {"minimum": 1, "maximum": 100},
        "tax_mode": "account_setting",
        "billing_cycle": None,
        "trial_period": None,
        "custom_data": None,
        "import_meta": None,
        "created_at": sale.time(),
        "updated_at": sale.time(),
    }


def _details(sale: Sale) -> dict[str, Any]:
    amount = str(sale.amount)
    totals = {
        "subtotal": amount,
        "discount": "0",
        "tax": "0",
        "total": amount,
        "credit": "0",
        "credit_to_balance": "0",
        "balance": "0",
        "grand_total": amount,
        "grand_total_tax": "0",
        "fee": None,
        "earnings": None,
        "currency_code": sale.currency,
    }
    return {"totals": totals, "tax_rates_used": [], "line_items": []}


def _card_payment(sale: Sale) -> dict[str, Any]:
    return {
        "payment_attempt_id": sale.draw("attempt", 32, "hex"),
        "payment_method_id": f"paymtd_01{sale.draw('method', 24, 'ulid')}",
        "stored_payment_method_id": sale.draw("stored method", 32, "hex"),
        "amount": str(sale.amount),
        "status": "captured",
        "error_code": None,
        "method_details": {
            "type": "card",
            "card": {
                "type": "visa",
                "last4": "4242",
                "expiry_month": 1,
                "expiry_year": 2035,
                "cardholder_name": "Casey Customer",
            },
        },
        "created_at": sale.time(),
        "captured_at": sale.time(),
    }


def _refund(sale: Sale) -> dict[str, Any]:
    amount = str(sale.amount)
    return {
        "id": f"adj_01{sale.draw('adjustment', 24, 'ulid')}",
        "action": "refund",
        "type": "full",
        "transaction_id": _transaction_id(sale),
        "subscription_id": None,
        "customer_id": _customer_id(sale),
        "reason": "requested by the customer",
        "credit_applied_to_balance": None,
        "currency_code": sale.currency,
        "status": "approved",
        "items": [],
        "totals": {
            "subtotal": amount,
            "tax": "0",
            "total": amount,
            "fee": "0",
            "earnings": amount,
            "currency_code": sale.currency,
        },
        "payout_totals": None,
        "created_at": sale.time(),
        "updated_at": sale.time(),
    }
