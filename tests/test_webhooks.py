"""`webhook()`: what it sends is what the official SDKs verify, and a variant differs in the one thing it is about."""

from __future__ import annotations

import base64
import subprocess
import sys
import zlib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509 import load_pem_x509_certificate

from trackfox_mock import Webhook, WebhookError, webhook
from trackfox_mock.webhooks import PROVIDERS, VARIANTS, SigningCertificate

HOW_TO_GET_IT = "missing: pip install '.[examples]'"
EVERY = [(provider, variant) for provider in PROVIDERS for variant in VARIANTS]


def sign(provider: str = "stripe", variant: str = "paid", **about: Any) -> Webhook:
    """A webhook about Ada's session."""
    return webhook(provider, variant=variant, **({"session_id": "ses_ada", "visitor_id": "vis_ada"} | about))


@pytest.mark.parametrize("variant", VARIANTS)
def test_stripes_sdk_verifies_and_reads_it(variant: str) -> None:
    stripe = pytest.importorskip("stripe", reason=f"stripe is {HOW_TO_GET_IT}")
    hook = sign("stripe", variant, secret="whsec_mine")
    event = stripe.Webhook.construct_event(hook.body, hook.headers["Stripe-Signature"], "whsec_mine")
    assert event.type == hook.event
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(hook.body, hook.headers["Stripe-Signature"], "whsec_other")


@pytest.mark.parametrize("variant", VARIANTS)
def test_paddles_sdk_verifies_and_reads_it(variant: str) -> None:
    paddle = pytest.importorskip("paddle_billing.Notifications", reason=f"paddle-python-sdk is {HOW_TO_GET_IT}")
    entities = pytest.importorskip("paddle_billing.Entities.Notifications")
    hook = sign("paddle", variant, secret="pdl_mine")
    request: Any = SimpleNamespace(body=hook.body, headers=hook.headers)
    assert paddle.Verifier().verify(request, paddle.Secret("pdl_mine"))
    assert not paddle.Verifier().verify(request, paddle.Secret("pdl_other"))
    # An event that lacks a field which the SDK needs would be read as "undefined".
    assert type(entities.NotificationEvent.from_request(request).data).__name__ != "UndefinedEntity"


@pytest.mark.parametrize("variant", VARIANTS)
def test_paypals_signature_is_the_certificates(variant: str) -> None:
    hook = sign("paypal", variant, secret="WEBHOOK1")
    assert hook.certificate is not None
    key: Any = load_pem_x509_certificate(hook.certificate).public_key()
    sent = hook.headers
    signed = "|".join(
        (sent["PayPal-Transmission-Id"], sent["PayPal-Transmission-Time"], "WEBHOOK1", str(zlib.crc32(hook.body)))
    )
    key.verify(base64.b64decode(sent["PayPal-Transmission-Sig"]), signed.encode(), padding.PKCS1v15(), SHA256())


@pytest.mark.parametrize("provider", ["stripe", "paddle"])
def test_it_is_signed_at_the_time_of_the_call_or_at_any_other(provider: str) -> None:
    signature = f"{provider.capitalize()}-Signature"
    assert "=1700000000" in sign(provider, now=1_700_000_000.9).headers[signature]
    assert "=1700000000" not in sign(provider).headers[signature]


@pytest.mark.parametrize(
    ("provider", "amount", "read"),
    [
        ("stripe", 9900, lambda event: event["data"]["object"]["amount_total"]),
        ("paddle", "9900", lambda event: event["data"]["details"]["totals"]["grand_total"]),
        ("lemonsqueezy", 9900, lambda event: event["data"]["attributes"]["total"]),
        ("paypal", "99.00", lambda event: event["resource"]["amount"]["value"]),
    ],
)
def test_each_provider_writes_99_dollars_its_own_way(provider: str, amount: object, read: Any) -> None:
    assert read(sign(provider, amount_cents=9900).json) == amount


def test_yen_have_no_decimals_at_paypal() -> None:
    assert sign("paypal", "jpy", amount_cents=9900).json["resource"]["amount"] == {
        "currency_code": "JPY",
        "value": "9900",
    }


@pytest.mark.parametrize("provider", PROVIDERS)
def test_the_same_call_is_the_same_payment_delivered_again(provider: str) -> None:
    first, again = sign(provider, now=1_700_000_000), sign(provider, now=1_700_000_000)
    assert first.body == again.body
    assert first.payment_id == again.payment_id


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize(
    "other", [{"session_id": "ses_eve"}, {"amount_cents": 100}, {"email": "eve@example.com"}, {"payment_id": "mine"}]
)
def test_another_purchase_is_another_payment(provider: str, other: dict[str, Any]) -> None:
    assert sign(provider).payment_id != sign(provider, **other).payment_id


@pytest.mark.parametrize("provider", PROVIDERS)
def test_a_duplicate_is_another_event_about_the_same_payment(provider: str) -> None:
    first, second = sign(provider, now=1_700_000_000), sign(provider, "duplicate", now=1_700_000_000)
    assert first.payment_id == second.payment_id
    assert first.event == second.event
    assert first.body != second.body


@pytest.mark.parametrize(("provider", "variant"), EVERY)
def test_the_payments_id_is_in_the_body_wherever_the_provider_puts_it_there(provider: str, variant: str) -> None:
    hook = sign(provider, variant, payment_id="chosen_by_me")
    assert hook.payment_id == "chosen_by_me"
    elsewhere = {("stripe", "refund"), ("stripe", "twin"), ("lemonsqueezy", "twin"), ("paypal", "twin")}
    assert (b"chosen_by_me" in hook.body) is ((provider, variant) not in elsewhere)


@pytest.mark.parametrize(("provider", "variant"), EVERY)
def test_the_ids_travel_unless_they_are_missing(provider: str, variant: str) -> None:
    not_copied = {("stripe", "refund"), ("stripe", "twin"), ("paddle", "refund")}
    travels = variant != "missing-metadata" and (provider, variant) not in not_copied
    assert (b"ses_ada" in sign(provider, variant).body) is travels


@pytest.mark.parametrize("provider", ["stripe", "lemonsqueezy"])
def test_an_e_mail_is_there_unless_it_is_null(provider: str) -> None:
    assert b"ada@example.com" in sign(provider, email="ada@example.com").body
    assert b"ada@example.com" not in sign(provider, "null-email", email="ada@example.com").body


@pytest.mark.parametrize("provider", ["paddle", "paypal"])
def test_paddle_and_paypal_tell_no_e_mail_of_the_customer(provider: str) -> None:
    assert b"ada@example.com" not in sign(provider, email="ada@example.com").body


def test_metadata_may_be_named_as_ones_own_checkout_names_it() -> None:
    hook = sign("stripe", metadata={"tf_session": "ses_ada"})
    assert hook.json["data"]["object"]["metadata"] == {"tf_session": "ses_ada"}


def test_the_website_travels_if_it_is_given() -> None:
    hook = sign("lemonsqueezy", website_id="web_1")
    assert hook.json["meta"]["custom_data"] == {"session_id": "ses_ada", "visitor_id": "vis_ada", "website_id": "web_1"}


@pytest.mark.parametrize(
    ("about", "sentence"),
    [
        ({"provider": "braintree"}, "expected stripe, paddle, lemonsqueezy, paypal."),
        ({"provider": "own"}, "An own checkout gets no webhook: call the code that marks your order paid."),
        ({"variant": "paidd"}, "There is no variant 'paidd'; expected paid, delayed, unpaid,"),
        ({"amount_cents": -1}, "use variant='refund'"),
        ({"provider": "paypal", "session_id": "s" * 120}, "PayPal's custom_id holds 127 characters; these ids make"),
    ],
)
def test_a_wrong_argument_is_told_in_a_sentence(about: dict[str, Any], sentence: str) -> None:
    with pytest.raises(WebhookError) as refused:
        sign(**about)
    assert sentence in str(refused.value)


def test_only_paypal_needs_cryptography() -> None:
    program = (
        "import sys; sys.modules['cryptography'] = None\n"
        "from trackfox_mock import WebhookError, webhook\n"
        "for provider in ('stripe', 'paddle', 'lemonsqueezy', 'paypal'):\n"
        "    try: print(webhook(provider, session_id='s', visitor_id='v').event)\n"
        "    except WebhookError as problem: print(problem)\n"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert said.splitlines() == [
        "checkout.session.completed",
        "transaction.completed",
        "order_created",
        "PayPal signs its webhooks with a certificate, which needs the package cryptography: "
        "in a checkout of trackfox-mock, pip install '.[webhooks]'.",
    ]


def test_a_certificate_is_made_once_and_kept(tmp_path: Path) -> None:
    kept = tmp_path / "paypal.pem"
    made = SigningCertificate.kept_in(kept)
    assert SigningCertificate.kept_in(kept) == made
    assert kept.stat().st_mode & 0o077 == 0
    assert sign("paypal", certificate=made).certificate == made.public


def test_a_file_that_holds_no_certificate_is_not_touched(tmp_path: Path) -> None:
    notes = tmp_path / "notes.txt"
    notes.write_text("milk")
    with pytest.raises(WebhookError, match=r"notes\.txt holds no test certificate: expected a PEM certificate"):
        SigningCertificate.kept_in(notes)
    assert notes.read_text() == "milk"
