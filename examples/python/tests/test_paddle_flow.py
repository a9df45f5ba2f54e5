"""What only Paddle's flow has to do: leave a subscription's renewals alone."""

from __future__ import annotations

import hashlib
import hmac

import pytest

from conftest import flow_of
from trackfox_mock import Trackfox


def test_a_renewal_is_left_alone_although_it_carries_the_ids_of_the_first_visit(
    trackfox: Trackfox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PADDLE_WEBHOOK_SECRET", "pdl_mine")
    first = trackfox.webhook("paddle", secret="pdl_mine")
    assert flow_of("paddle").read({"Paddle-Signature": first.headers["Paddle-Signature"]}, first.body) is not None

    renewal = first.body.replace(b'"origin":"web"', b'"origin":"subscription_recurring"')
    assert renewal != first.body
    signed_at = first.headers["Paddle-Signature"].split(";")[0]
    signature = hmac.new(b"pdl_mine", signed_at.removeprefix("ts=").encode() + b":" + renewal, hashlib.sha256)
    headers = {"Paddle-Signature": f"{signed_at};h1={signature.hexdigest()}"}
    assert flow_of("paddle").read(headers, renewal) is None
