"""An own checkout: the order's step to `paid` becomes a payment, in the same transaction."""

import hashlib
import hmac
import json
import os
import sqlite3
from collections.abc import Mapping
from contextlib import closing

from outbox import Outbox
from payment import BadSignature, Payment

SCHEMA = """
CREATE TABLE IF NOT EXISTS orders (
    id         TEXT PRIMARY KEY,
    cents      INTEGER NOT NULL CHECK (cents > 0),
    currency   TEXT NOT NULL,
    email      TEXT NOT NULL,
    session_id TEXT,
    visitor_id TEXT,
    paid       INTEGER NOT NULL DEFAULT 0
)
"""


class Orders:
    """The shop's own orders, in the file of the outbox."""

    def __init__(self, outbox: Outbox) -> None:
        self._outbox = outbox
        with closing(outbox.connect()) as database:
            database.execute(SCHEMA)

    def checkout(
        self, order_id: str, cents: int, email: str, *, session_id: str, visitor_id: str, currency: str = "USD"
    ) -> None:
        """Create an order; the visitor's ids are stored now, while the visitor is here to tell them."""
        with closing(self._outbox.connect()) as database:
            database.execute(
                "INSERT INTO orders (id, cents, currency, email, session_id, visitor_id) VALUES (?, ?, ?, ?, ?, ?)",
                (order_id, cents, currency, email, session_id, visitor_id),
            )

    def mark_paid(self, order_id: str) -> bool:
        """The step to paid and the outbox's row: both or neither. `False` if the order was paid already."""
        with closing(self._outbox.connect()) as database, database:
            database.row_factory = sqlite3.Row
            database.execute("BEGIN IMMEDIATE")
            order = database.execute(
                "UPDATE orders SET paid = 1 WHERE id = ? AND paid = 0 RETURNING *", (order_id,)
            ).fetchone()
            return order is not None and self._outbox.add(_payment(order), within=database)

    def read(self, headers: Mapping[str, str], body: bytes) -> None:
        """Take the word of the shop's payment worker, `{"order_id": …, "status": "paid"}`, signed with our secret."""
        secret = os.environ["SHOP_WEBHOOK_SECRET"].encode()
        expected = hmac.new(secret, body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), headers.get("shop-signature", "").encode()):
            raise BadSignature("not signed by our payment worker")
        notice = json.loads(body)
        if notice["status"] == "paid":
            self.mark_paid(notice["order_id"])


def _payment(order: sqlite3.Row) -> Payment:
    return Payment(
        id=order["id"],
        cents=order["cents"],
        currency=order["currency"],
        session_id=order["session_id"],
        visitor_id=order["visitor_id"],
        email=order["email"],
    )
