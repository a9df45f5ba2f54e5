"""Webhooks of payment providers, as realistic events signed at the time of the call.

`webhook("stripe", session_id=…, visitor_id=…)` returns the body and the headers that Stripe would post. The
official SDKs verify them, so the code under test runs unchanged. An own checkout gets no webhook from anyone.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping

from trackfox_mock.errors import WebhookError
from trackfox_mock.webhooks import lemonsqueezy, paddle, paypal, stripe
from trackfox_mock.webhooks.certificate import SigningCertificate, shared_certificate
from trackfox_mock.webhooks.sale import ABOUT_ONE_PAYMENT, VARIANTS, Provider, Sale, Webhook

__all__ = ["PROVIDERS", "VARIANTS", "SigningCertificate", "Webhook", "shared_certificate", "webhook"]

PROVIDERS: dict[str, Provider] = {
    "stripe": stripe,
    "paddle": paddle,
    "lemonsqueezy": lemonsqueezy,
    "paypal": paypal,
}


def webhook(
    provider: str,
    *,
    session_id: str,
    visitor_id: str,
    website_id: str | None = None,
    amount_cents: int = 9900,
    currency: str = "USD",
    email: str | None = "customer@example.com",
    secret: str | None = None,
    variant: str = "paid",
    payment_id: str | None = None,
    metadata: Mapping[str, str] | None = None,
    certificate: SigningCertificate | None = None,
    now: float | None = None,
) -> Webhook:
    """Build and sign one webhook.

    The payment's id follows from the arguments: the same call is the same payment, delivered again. Give
    `payment_id` where a visitor pays the same amount twice. Post it at once: Paddle's SDKs refuse a signature
    after five seconds.

    Args:
        provider: `stripe`, `paddle`, `lemonsqueezy` or `paypal`.
        session_id: The TrackFox session that the checkout was created for; the metadata key is `session_id`.
        visitor_id: Its TrackFox visitor; the key is `visitor_id`.
        website_id: Goes into the metadata too, as `website_id`, if given.
        amount_cents: What was paid, in the currency's smallest unit: cents, or whole yen.
        currency: Three letters.
        email: The customer's. Paddle's and PayPal's events never hold one.
        secret: What the handler verifies with; for PayPal the webhook's id. `None` is the provider's test
            secret, such as `PROVIDERS["stripe"].SECRET`.
        variant: A name of `VARIANTS`.
        payment_id: The provider's own id of the payment (`cs_…`, `txn_…`, an order's or a capture's).
        metadata: Replaces the three ids' keys, for a checkout that names them otherwise.
        certificate: PayPal only: signs with this one instead of `shared_certificate()`.
        now: Seconds since the epoch at which it is signed; the clock, if `None`.

    Raises:
        WebhookError: An unknown provider or variant, an amount below zero, ids too long for PayPal, or PayPal
            without `cryptography` installed.
    """
    sender = _sender(provider)
    if variant not in VARIANTS:
        raise WebhookError(f"There is no variant {variant!r}; expected {', '.join(VARIANTS)}.")
    if amount_cents < 0:
        raise WebhookError(f"No provider tells of an amount below zero ({amount_cents}): use variant='refund'.")
    website = {} if website_id is None else {"website_id": website_id}
    ids = {"session_id": session_id, "visitor_id": visitor_id, **website}
    carried = ids if metadata is None else metadata
    payment = payment_id or f"{session_id}|{visitor_id}|{amount_cents}|{currency}|{email}"
    sale = Sale(
        variant=variant,
        amount=0 if variant == "zero" else amount_cents,
        currency="JPY" if variant == "jpy" else currency.upper(),
        email=None if variant == "null-email" else email,
        metadata={} if variant == "missing-metadata" else carried,
        seed=payment if variant in ABOUT_ONE_PAYMENT else f"{payment}|{variant}",
        payment_id=payment_id,
        now=int(time.time() if now is None else now),
        certificate=(certificate or shared_certificate()) if sender is paypal else None,
    )
    event = sender.event(sale)
    headers = sender.headers(sale, event, sender.SECRET if secret is None else secret)
    public = sale.certificate.public if sale.certificate else None
    return Webhook(provider, event.name, event.payment_id, event.body, headers, public)


def _sender(provider: str) -> Provider:
    if provider in PROVIDERS:
        return PROVIDERS[provider]
    own = " An own checkout gets no webhook: call the code that marks your order paid."
    raise WebhookError(
        f"There is no provider {provider!r}; expected {', '.join(PROVIDERS)}.{own if provider == 'own' else ''}"
    )


def environment_secret(provider: str) -> str | None:
    """What an application here verifies a provider's webhooks with: STRIPE_WEBHOOK_SECRET or the like; or None."""
    return os.environ.get(PROVIDERS[provider].SECRET_VARIABLE) if provider in PROVIDERS else None


def about_the_secret(provider: str, *, ours: bool) -> str:
    """What to do where a handler refused the signature of a webhook, whose secret was ours or given by the caller."""
    sender, signed = PROVIDERS[provider], f"The webhook of {provider} was signed with"
    if not ours:
        return f"{signed} the secret that was given; does the handler verify with the same?"
    if environment_secret(provider) is not None:
        which, mend = f"the secret in {sender.SECRET_VARIABLE}", "let it read that variable, or pass its own as secret."
    else:
        which = "our test secret"
        mend = f"start it with {sender.SECRET_VARIABLE}={sender.SECRET}, or pass its own as secret."
    return f"{signed} {which}. If the handler refused the signature, {mend}"
