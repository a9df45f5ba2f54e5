"""PayPal: `PAYMENT.CAPTURE.COMPLETED`, signed with a certificate: RSA-SHA256 over `id|time|webhook id|crc32`.

The amount is a string of the major unit ("99.00"), the ids travel in one string, `custom_id`, and the payer's
e-mail is in no capture. The handler is configured with the webhook's id, and fetches the certificate from an
address in the headers. Here a test certificate takes PayPal's place, and the handler under test is given it.
"""

from __future__ import annotations

import base64
import zlib
from typing import Any
from urllib.parse import urlencode

from trackfox_mock.errors import WebhookError
from trackfox_mock.webhooks.certificate import shared_certificate
from trackfox_mock.webhooks.sale import Event, Sale, compact

SECRET = "8PT597110X687430LKGECATA"  # noqa: S105 - not secret at all: the webhook's id of PayPal's own examples
SECRET_VARIABLE = "PAYPAL_WEBHOOK_ID"  # noqa: S105 - the name of an environment variable
CERTIFICATE_URL = "https://api.paypal.com/v1/notifications/certs/CERT-trackfox-mock"
CUSTOM_ID_LENGTH = 127
WITHOUT_DECIMALS = frozenset({"HUF", "JPY", "TWD"})


def event(sale: Sale) -> Event:
    """The event that PayPal would send of this sale."""
    match sale.variant:
        case "refund":
            return _event(sale, "PAYMENT.CAPTURE.REFUNDED", "refund", _refund(sale))
        case "twin":
            return _event(sale, "CHECKOUT.ORDER.APPROVED", "checkout-order", _approved_order(sale))
        case "unpaid":
            return _event(sale, "PAYMENT.CAPTURE.PENDING", "capture", _capture(sale, "PENDING"))
        case _:
            return _event(sale, "PAYMENT.CAPTURE.COMPLETED", "capture", _capture(sale, "COMPLETED"))


def headers(sale: Sale, event: Event, webhook_id: str) -> dict[str, str]:
    """The headers of the request: what is signed is not the body but its CRC-32, in decimal."""
    certificate = sale.certificate or shared_certificate()
    transmission = "-".join(sale.draw_for_event(f"transmission {n}", n, "hex") for n in (8, 4, 4, 4, 12))
    signed = f"{transmission}|{sale.time(digits=0)}|{webhook_id}|{zlib.crc32(event.body)}"
    return {
        "Content-Type": "application/json",
        "User-Agent": "PayPal/AUHD-214.0-58843764",
        "PayPal-Auth-Algo": "SHA256withRSA",
        "PayPal-Cert-Url": CERTIFICATE_URL,
        "PayPal-Transmission-Id": transmission,
        "PayPal-Transmission-Time": sale.time(digits=0),
        "PayPal-Transmission-Sig": base64.b64encode(certificate.sign(signed.encode())).decode(),
    }


def custom_id(sale: Sale) -> str:
    """The metadata as one string, written like a query: `session_id=…&visitor_id=…`.

    Raises:
        WebhookError: It is longer than PayPal takes.
    """
    written = urlencode(sale.metadata)
    if len(written) > CUSTOM_ID_LENGTH:
        raise WebhookError(
            f"PayPal's custom_id holds {CUSTOM_ID_LENGTH} characters; these ids make {len(written)}: leave "
            "the website out, or keep the ids in a row of your own and let the metadata be the row's id."
        )
    return written


def _event(sale: Sale, name: str, kind: str, resource: dict[str, Any]) -> Event:
    event_id = f"WH-{sale.draw_for_event('event', 17, 'paypal')}-{sale.draw_for_event('delivery', 17, 'paypal')}"
    document = {
        "id": event_id,
        "event_version": "1.0",
        "create_time": sale.time(digits=3),
        "resource_type": kind,
        "resource_version": "2.0",
        "event_type": name,
        "summary": f"{name} {_value(sale)} {sale.currency}",
        "resource": resource,
        "links": [
            {
                "href": f"https://api.paypal.com/v1/notifications/webhooks-events/{event_id}",
                "rel": "self",
                "method": "GET",
            }
        ],
    }
    return Event(name, _capture_id(sale), compact(document))


def _capture_id(sale: Sale) -> str:
    return sale.payment_id or sale.draw("capture", 17, "paypal")


def _order_id(sale: Sale) -> str:
    return sale.draw("order", 17, "paypal")


def _value(sale: Sale) -> str:
    if sale.currency in WITHOUT_DECIMALS:
        return str(sale.amount)
    return f"{sale.amount // 100}.{sale.amount % 100:02d}"


def _money(sale: Sale) -> dict[str, str]:
    return {"currency_code": sale.currency, "value": _value(sale)}


def _custom_id(sale: Sale) -> dict[str, str]:
    return {"custom_id": custom_id(sale)} if sale.metadata else {}


def _capture(sale: Sale, status: str) -> dict[str, Any]:
    pending = {"status_details": {"reason": "PENDING_REVIEW"}} if status == "PENDING" else {}
    related = {} if sale.variant == "null-email" else {"order_id": _order_id(sale)}
    return {
        "id": _capture_id(sale),
        "status": status,
        **pending,
        "amount": _money(sale),
        **_custom_id(sale),
        "final_capture": True,
        "payee": {"email_address": "merchant@shop.example", "merchant_id": "M3RCHANT5HXYZ"},
        "seller_protection": {
            "status": "ELIGIBLE",
            "dispute_categories": ["ITEM_NOT_RECEIVED", "UNAUTHORIZED_TRANSACTION"],
        },
        "supplementary_data": {"related_ids": related},
        "create_time": sale.time(digits=0),
        "update_time": sale.time(digits=0),
        "links": [
            _link("self", f"/v2/payments/captures/{_capture_id(sale)}"),
            _link("up", f"/v2/checkout/orders/{_order_id(sale)}"),
        ],
    }


def _refund(sale: Sale) -> dict[str, Any]:
    return {
        "id": sale.draw("refund", 17, "paypal"),
        "status": "COMPLETED",
        "amount": _money(sale),
        **_custom_id(sale),
        "note_to_payer": "requested by the customer",
        "create_time": sale.time(digits=0),
        "update_time": sale.time(digits=0),
        "links": [_link("up", f"/v2/payments/captures/{_capture_id(sale)}")],
    }


def _approved_order(sale: Sale) -> dict[str, Any]:
    return {
        "id": _order_id(sale),
        "intent": "CAPTURE",
        "status": "APPROVED",
        "purchase_units": [{"reference_id": "default", "amount": _money(sale), **_custom_id(sale)}],
        "payer": {"email_address": sale.email, "name": {"given_name": "Casey", "surname": "Customer"}},
        "create_time": sale.time(digits=0),
        "links": [_link("capture", f"/v2/checkout/orders/{_order_id(sale)}/capture", "POST")],
    }


def _link(relation: str, path: str, method: str = "GET") -> dict[str, str]:
    return {"href": f"https://api.paypal.com{path}", "rel": relation, "method": method}
