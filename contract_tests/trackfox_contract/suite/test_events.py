"""A success is one payment event, and an error is none: where somebody reads the payments for us."""

import pytest

from trackfox_contract.engine.check import Check
from trackfox_contract.engine.payments import watch_payments


@pytest.mark.clause("event.created", "event.only-on-success")
def test_a_success_is_one_payment_and_an_error_is_none(check: Check) -> None:
    watch_payments(check)
