"""What every provider's webhook is made from, and what comes out: plain values, no clock and no socket."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol

from trackfox_mock.webhooks.certificate import SigningCertificate

VARIANTS = {
    "paid": "the event that says the money has come",
    "delayed": "the same, after an `unpaid` (bank debits and transfers pay days later)",
    "unpaid": "an event of the same checkout before the money has come",
    "duplicate": "the paid event again: another event id, the same payment",
    "twin": "another event about the same payment, which a careless handler counts a second time",
    "refund": "the payment is given back",
    "zero": "a checkout that cost nothing, through a coupon",
    "jpy": "a payment in yen, a currency without cents",
    "missing-metadata": "a payment whose checkout was created without the visitor's ids",
    "null-email": "a payment without the customer's e-mail",
}

ABOUT_ONE_PAYMENT = frozenset({"paid", "delayed", "unpaid", "duplicate", "twin", "refund"})
"""The variants that share a payment id; each of the others is a payment of its own."""

_ALPHABETS = {
    "hex": "0123456789abcdef",
    "digits": "0123456789",
    "base62": "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz",
    "ulid": "0123456789abcdefghjkmnpqrstvwxyz",
    "paypal": "0123456789ABCDEFGHJKLMNPRSTUVWXY",
}


@dataclass(frozen=True, slots=True)
class Sale:
    """One payment as a provider would tell of it.

    Attributes:
        variant: A name of `VARIANTS`.
        amount: What was paid, in the currency's smallest unit: cents of USD, whole yen.
        currency: Three letters, upper case.
        email: The customer's, or `None`.
        metadata: What the checkout was created with and the provider hands back.
        seed: What the ids are drawn from: the same seed is the same payment.
        payment_id: The provider's id of the payment, where the caller chose it.
        now: Seconds since the epoch.
        certificate: What signs in PayPal's place; `None` for the process's shared one.
    """

    variant: str
    amount: int
    currency: str
    email: str | None
    metadata: Mapping[str, str]
    seed: str
    payment_id: str | None
    now: int
    certificate: SigningCertificate | None = None

    def draw(self, purpose: str, length: int, alphabet: str = "base62") -> str:
        """A string that looks random and is the same for the same payment and purpose."""
        letters = _ALPHABETS[alphabet]
        blocks = (f"{self.seed}|{purpose}|{block}" for block in range(length // 32 + 1))
        digest = b"".join(hashlib.sha256(block.encode()).digest() for block in blocks)
        return "".join(letters[byte % len(letters)] for byte in digest[:length])

    def draw_for_event(self, purpose: str, length: int, alphabet: str = "base62") -> str:
        """Like `draw`, but another string for another event about the same payment."""
        return self.draw(f"{self.variant} {purpose}", length, alphabet)

    def time(self, *, digits: int = 6) -> str:
        """The moment in ISO 8601, in UTC, with so many digits after the second."""
        moment = datetime.fromtimestamp(self.now, UTC).strftime("%Y-%m-%dT%H:%M:%S")
        return f"{moment}.{'0' * digits}Z" if digits else f"{moment}Z"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A provider's request, ready to be posted: `post(url, content=hook.body, headers=hook.headers)`.

    Attributes:
        provider: `stripe`, `paddle`, `lemonsqueezy` or `paypal`.
        event: The provider's name of the event, such as `checkout.session.completed`.
        payment_id: The payment's own id: what a handler keeps unique.
        body: The bytes that were signed.
        headers: With the signature and the content type.
        certificate: PayPal only: the certificate (PEM) whose key signed, for the handler to verify with.
    """

    provider: str
    event: str
    payment_id: str
    body: bytes
    headers: Mapping[str, str] = field(repr=False)
    certificate: bytes | None = field(default=None, repr=False)

    @property
    def json(self) -> Any:
        """The body, parsed."""
        return json.loads(self.body)


@dataclass(frozen=True, slots=True)
class Event:
    """What a provider's file writes, before it is signed: the event's name, the payment's id, the bytes."""

    name: str
    payment_id: str
    body: bytes


def compact(document: object) -> bytes:
    """JSON without spaces, in UTF-8, as most providers send it."""
    return json.dumps(document, separators=(",", ":"), ensure_ascii=False).encode()


class Provider(Protocol):
    """What a provider's file offers."""

    SECRET: str
    SECRET_VARIABLE: str

    def event(self, sale: Sale, /) -> Event:
        """The event that the provider would send of this sale."""

    def headers(self, sale: Sale, event: Event, secret: str, /) -> dict[str, str]:
        """The headers of its request, with the signature."""
