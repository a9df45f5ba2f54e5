"""A payment as a test sees it, and how two of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any, TypeGuard

from trackfox_mock.model import PaymentEvent, Session
from trackfox_mock.redaction.masking import mask_email


@dataclass(frozen=True)
class Payment:
    """One attributed payment.

    Two payments are equal when revenue, e-mail and session are; a test can build the one that it expects.

    Args:
        revenue: in cents.
        email: as it was sent.
        session: the visitor's session whose attribution was copied.
        payment_id: as `pay_000042`.
        recorded_at: seconds since the epoch.
        further: the fields that only an edited document lists.
    """

    revenue: int
    email: str
    session: Session
    payment_id: str = field(default="", compare=False)
    recorded_at: float = field(default=0.0, compare=False)
    further: Mapping[str, Any] = field(default_factory=dict, compare=False)

    @property
    def session_id(self) -> str:
        """The session it is attributed to."""
        return self.session.session_id

    @property
    def visitor_id(self) -> str:
        """The visitor it is attributed to."""
        return self.session.visitor_id

    @property
    def website_id(self) -> str:
        """The website it belongs to."""
        return self.session.website_id

    @property
    def attribution(self) -> Mapping[str, Any]:
        """The attribution context that was copied from the session."""
        return self.session.attribution

    def __repr__(self) -> str:
        named = f"{self.payment_id}: " if self.payment_id else ""
        return f"<Payment {named}{self.revenue} cents, {mask_email(self.email)}, {self.session_id}>"


_FIELDS = ("revenue", "email", "session_id", "visitor_id", "website_id", "attribution")


def payment_of(event: PaymentEvent) -> Payment:
    """The payment that a world recorded."""
    return Payment(event.revenue, event.email, event.session, event.payment_id, event.recorded_at, event.further or {})


def differences(came: Payment, expected: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
    """The fields in which a payment is not as expected: what came, and what was expected."""
    return {name: (getattr(came, name), value) for name, value in expected.items() if getattr(came, name) != value}


def compared(came: Payment, expected: Mapping[str, Any]) -> Iterator[str]:
    """Every expected field on a line, and whether it is as expected."""
    different = differences(came, expected)
    width = max(map(len, expected), default=0)
    for name in expected:
        verdict = _difference(name, *different[name]) if name in different else f"{_shown(name, came)}, as expected"
        yield f"{name:<{width}}  {verdict}"


def fields(payment: Payment) -> dict[str, Any]:
    """What makes two payments equal or different."""
    return {name: getattr(payment, name) for name in _FIELDS}


def _shown(name: str, payment: Payment) -> str:
    value = getattr(payment, name)
    return mask_email(value) if name == "email" else f"{value}"


def _difference(name: str, came: Any, expected: Any) -> str:
    if name != "email":
        return f"{came!r}, expected {expected!r}"
    shown, wanted = mask_email(came), mask_email(str(expected))
    if shown != wanted:
        return f"{shown}, expected {wanted}"
    same = next(
        (i for i, (a, b) in enumerate(zip(came, expected, strict=False)) if a != b), min(len(came), len(expected))
    )
    return f"{shown}, expected another address that is shown alike: they differ from character {same + 1} on"


def compare(left: object, right: object) -> list[str] | None:
    """How two payments, or two lists of them, differ: a headline and a line a field; None for anything else."""
    if isinstance(left, Payment) and isinstance(right, Payment):
        return ["the payments differ", *compared(left, fields(right))]
    if not (_are_payments(left) and _are_payments(right)):
        return None
    lines = []
    for place, (came, expected) in enumerate(zip_longest(left, right)):
        if came is None or expected is None:
            lines.append(f"[{place}] {expected!r} is missing" if came is None else f"[{place}] {came!r} is one more")
        elif came != expected:
            lines += [f"[{place}] {came!r}", *(f"    {line}" for line in compared(came, fields(expected)))]
    return ["the payments differ", *lines]


def _are_payments(value: object) -> TypeGuard[list[Payment]]:
    return isinstance(value, list) and all(isinstance(each, Payment) for each in value)
