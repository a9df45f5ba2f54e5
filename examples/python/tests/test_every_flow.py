"""What every flow must do, whichever provider sends the webhook."""

from __future__ import annotations

import time

import pytest

from conftest import Shop
from trackfox_mock import Trackfox


def test_a_paid_checkout_is_attributed_to_the_visitor_who_started_it(shop: Shop, trackfox: Trackfox) -> None:
    assert shop.receive("paid", amount_cents=9900) == 200
    trackfox.assert_attributed(revenue=9900, email="customer@example.com")


@pytest.mark.trackfox(expect="small-amount")
@pytest.mark.parametrize("cents", [1, 1999, 799_899, 100_000_000])
def test_every_amount_arrives_exactly(shop: Shop, trackfox: Trackfox, cents: int) -> None:
    shop.receive("paid", amount_cents=cents)
    trackfox.assert_attributed(revenue=cents, email="customer@example.com")


def test_a_redelivery_counts_once(shop: Shop, trackfox: Trackfox) -> None:
    assert [shop.receive("paid"), shop.receive("paid"), shop.receive("paid")] == [200, 200, 200]
    trackfox.assert_attributed_once()


@pytest.mark.parametrize("second", ["duplicate", "twin", "delayed", "unpaid", "refund"])
def test_another_event_about_the_same_payment_counts_nothing(shop: Shop, trackfox: Trackfox, second: str) -> None:
    assert shop.receive("paid") == 200
    assert shop.receive(second) == 200
    trackfox.assert_attributed_once()


@pytest.mark.parametrize("variant", ["unpaid", "twin", "refund"])
def test_an_event_that_is_no_payment_is_answered_and_ignored(shop: Shop, trackfox: Trackfox, variant: str) -> None:
    assert shop.receive(variant) == 200
    assert shop.kept == []
    trackfox.assert_nothing_attributed()


def test_money_that_comes_days_later_is_attributed_then(shop: Shop, trackfox: Trackfox) -> None:
    shop.receive("unpaid")
    trackfox.assert_nothing_attributed()
    shop.receive("delayed")
    trackfox.assert_attributed_once()


@pytest.mark.parametrize(
    ("variant", "reason"),
    [
        ("missing-metadata", "the checkout was created without the visitor's ids"),
        ("null-email", "the customer left no e-mail"),
    ],
)
def test_a_payment_that_cannot_be_attributed_is_kept_with_the_reason(
    shop: Shop, trackfox: Trackfox, variant: str, reason: str
) -> None:
    assert shop.receive(variant) == 200
    assert shop.kept == [("set aside", reason)]
    assert trackfox.requests == []


def test_a_checkout_that_cost_nothing_is_answered_and_not_told(shop: Shop, trackfox: Trackfox) -> None:
    assert shop.receive("zero") == 200
    assert shop.kept in ([], [("set aside", "nothing was paid")])
    assert trackfox.requests == []


def test_yen_are_never_taken_for_cents(shop: Shop, trackfox: Trackfox) -> None:
    assert shop.receive("jpy", amount_cents=9900) == 200
    if shop.provider == "lemonsqueezy":  # tells the same in US cents
        trackfox.assert_attributed(revenue=6603, email="customer@example.com")
    else:
        assert shop.kept == [("set aside", "paid in JPY: only cents of USD are attributed")]
        assert trackfox.requests == []


def test_a_body_changed_on_the_way_is_refused(shop: Shop, trackfox: Trackfox) -> None:
    hook = shop.sign("paid", amount_cents=9900)
    more = hook.body.replace(b"99", b"88")
    assert more != hook.body
    assert shop.client.post("/webhook", content=more, headers=dict(hook.headers)).status_code == 400
    assert shop.kept == []
    assert trackfox.requests == []


def test_another_secret_is_refused(shop: Shop, trackfox: Trackfox) -> None:
    assert shop.receive("paid", secret="whsec_somebody_else") == 400
    assert trackfox.requests == []


def test_a_request_without_a_signature_is_refused(shop: Shop, trackfox: Trackfox) -> None:
    assert shop.client.post("/webhook", content=shop.sign().body).status_code == 400
    assert trackfox.requests == []


def test_a_signature_of_yesterday_is_refused_where_the_provider_signs_the_time(shop: Shop) -> None:
    status = shop.receive("paid", now=time.time() - 86_400)
    assert status == (400 if shop.provider in {"stripe", "paddle"} else 200)


def test_a_404_is_final_and_the_provider_never_sees_it(shop: Shop, trackfox: Trackfox) -> None:
    nobody = {"session_id": "ses_nobody", "payment_id": "1"}
    assert [shop.receive("paid", **nobody), shop.receive("duplicate", **nobody)] == [200, 200]
    assert len(trackfox.requests) == 1
    assert shop.states == ["refused"]
    trackfox.assert_refused("match.session", status=404)


def test_a_401_is_final_and_the_provider_never_sees_it(
    shop: Shop, trackfox: Trackfox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRACKFOX_API_TOKEN", "tf_revoked")
    assert [shop.receive("paid"), shop.receive("duplicate")] == [200, 200]
    assert len(trackfox.requests) == 1
    assert shop.states == ["refused"]
    trackfox.assert_refused("auth.invalid", status=401)
