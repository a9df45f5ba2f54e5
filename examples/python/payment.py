"""A payment as TrackFox is told of it, whichever provider it came through."""

from dataclasses import dataclass

CURRENCY = "USD"
"""The endpoint takes cents of no named currency. One currency, chosen once, keeps the sum meaningful."""


class BadSignature(Exception):  # noqa: N818 - it is what happened, and a shop answers it with 400
    """The request does not come from the provider, or its body was changed on the way."""


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment.

    Attributes:
        id: The payment's own id (a session's, an order's, a capture's), never the event's: events repeat.
        cents: What was paid; `None` where it cannot be said in cents.
        currency: Three letters, upper case.
        session_id: The TrackFox session that the checkout was created for.
        visitor_id: Its TrackFox visitor.
        email: The customer's e-mail, if the webhook holds it.
        email_from: Where to ask for the e-mail if not: Paddle's customer, PayPal's order.
    """

    id: str
    cents: int | None
    currency: str
    session_id: str | None
    visitor_id: str | None
    email: str | None
    email_from: str | None = None

    def problem(self) -> str | None:
        """Why TrackFox cannot be told of it, or `None`."""
        if self.currency != CURRENCY:
            return f"paid in {self.currency}: only cents of {CURRENCY} are attributed"
        if not self.cents:
            return "nothing was paid"
        if not (self.session_id and self.visitor_id):
            return "the checkout was created without the visitor's ids"
        if not (self.email or self.email_from):
            return "the customer left no e-mail"
        return None
