"""The ids that a checkout is created with are the ones that the webhook brings back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import pytest
from starlette.datastructures import Headers

from conftest import flow_of
from trackfox_mock import webhook
from trackfox_mock.webhooks import PROVIDERS

CARRIED_IN: dict[str, Callable[[Any], dict[str, str]]] = {
    "stripe": lambda checkout: checkout["metadata"],
    "paddle": lambda checkout: checkout["customData"],
    "lemonsqueezy": lambda checkout: checkout["checkout_data"]["custom"],
    "paypal": lambda checkout: dict(parse_qsl(checkout["purchase_units"][0]["custom_id"])),
}


@pytest.mark.parametrize("provider", PROVIDERS)
@pytest.mark.parametrize("session_id", ["ses_1", "5f0c7c2e-9d7e-4b5a-8a57-0d9b7f2d2f6e", "a&b=c d/é"])
def test_ids_go_to_the_provider_and_come_back(provider: str, session_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    flow = flow_of(provider)
    monkeypatch.setenv(PROVIDERS[provider].SECRET_VARIABLE, PROVIDERS[provider].SECRET)
    created = flow.checkout("99.00", session_id=session_id, visitor_id="vis_1")
    hook = webhook(provider, session_id="unused", visitor_id="unused", metadata=CARRIED_IN[provider](created))
    if provider == "paypal":
        monkeypatch.setattr(flow, "certificate", lambda _: hook.certificate)
    payment = flow.read(Headers(dict(hook.headers)), hook.body)
    assert (payment.session_id, payment.visitor_id) == (session_id, "vis_1")


def test_ids_too_long_for_paypal_are_refused_when_the_checkout_is_created() -> None:
    flow = flow_of("paypal")
    with pytest.raises(ValueError, match="too long for PayPal"):
        flow.checkout("99.00", session_id="s" * 60, visitor_id="v" * 60)
