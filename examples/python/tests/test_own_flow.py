"""The own checkout: no provider, but an order's step to paid."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Iterator

import pytest
from outbox import Outbox
from own_checkout import Orders
from shop import create_app
from starlette.testclient import TestClient

from trackfox_mock import Trackfox

SECRET = "known to the shop and its payment worker"


@pytest.fixture
def orders(outbox: Outbox, trackfox: Trackfox, monkeypatch: pytest.MonkeyPatch) -> Orders:
    """A shop with one order that is not paid yet."""
    monkeypatch.setenv("SHOP_WEBHOOK_SECRET", SECRET)
    session = trackfox.session
    orders = Orders(outbox)
    orders.checkout(
        "order-1", 9900, "customer@example.com", session_id=session.session_id, visitor_id=session.visitor_id
    )
    return orders


@pytest.fixture
def client(orders: Orders, outbox: Outbox) -> Iterator[TestClient]:
    with TestClient(create_app(orders.read, outbox)) as client:
        yield client


def notify(client: TestClient, secret: str = SECRET, **notice: str) -> int:
    """Post a notice of the payment worker, signed; returns the status."""
    body = json.dumps(notice).encode()
    signature = hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return client.post("/webhook", content=body, headers={"Shop-Signature": signature}).status_code


def test_an_order_that_is_paid_is_attributed(client: TestClient, trackfox: Trackfox) -> None:
    assert notify(client, order_id="order-1", status="paid") == 200
    trackfox.assert_attributed(revenue=9900, email="customer@example.com")


def test_an_order_is_attributed_once_however_often_it_is_reported_paid(client: TestClient, trackfox: Trackfox) -> None:
    assert [notify(client, order_id="order-1", status="paid") for _ in range(3)] == [200, 200, 200]
    trackfox.assert_attributed_once()


@pytest.mark.parametrize("status", ["pending", "refunded"])
def test_other_steps_of_an_order_are_no_payment(client: TestClient, trackfox: Trackfox, status: str) -> None:
    assert notify(client, order_id="order-1", status=status) == 200
    assert trackfox.requests == []


def test_an_unknown_order_is_no_payment(client: TestClient, trackfox: Trackfox) -> None:
    assert notify(client, order_id="order-2", status="paid") == 200
    assert trackfox.requests == []


def test_a_notice_with_another_secret_is_refused(client: TestClient, trackfox: Trackfox) -> None:
    assert notify(client, secret="somebody else's", order_id="order-1", status="paid") == 400
    assert trackfox.requests == []


def test_an_order_is_paid_and_kept_for_trackfox_or_neither(
    orders: Orders, outbox: Outbox, monkeypatch: pytest.MonkeyPatch, trackfox: Trackfox
) -> None:
    def disk_full(*_: object, **__: object) -> bool:
        raise OSError("disk full")

    with monkeypatch.context() as broken:
        broken.setattr(outbox, "add", disk_full)
        with pytest.raises(OSError, match="disk full"):
            orders.mark_paid("order-1")
    assert orders.mark_paid("order-1")
    outbox.deliver()
    trackfox.assert_attributed_once()
