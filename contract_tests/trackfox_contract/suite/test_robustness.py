"""No input of a client's, however odd, provokes a 5xx, a dropped connection or a hang."""

import pytest

from trackfox_contract.cases.table import oddities
from trackfox_contract.engine.check import Check


@pytest.mark.clause("error.status")
def test_odd_ids_are_answered(check: Check) -> None:
    check.table(oddities.ids(check.ground))


@pytest.mark.clause("error.status")
def test_odd_values_are_answered(check: Check) -> None:
    check.table(oddities.values(check.ground))


@pytest.mark.clause("error.status")
def test_odd_bodies_are_answered(check: Check) -> None:
    check.table(oddities.forms(check.ground))


@pytest.mark.clause("error.status", "endpoint")
def test_odd_heads_are_answered(check: Check) -> None:
    check.table(oddities.heads(check.ground))
