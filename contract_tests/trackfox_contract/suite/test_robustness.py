"""No input of a client's, however odd, provokes a 5xx, a dropped connection or a hang."""

import pytest

from trackfox_contract.cases.table import oddities
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.table import send_table


@pytest.mark.clause("error.status")
def test_odd_ids_are_answered(check: Check) -> None:
    send_table(check, oddities.ids(check.free_builder))


@pytest.mark.clause("error.status")
def test_odd_values_are_answered(check: Check) -> None:
    send_table(check, oddities.values(check.free_builder))


@pytest.mark.clause("error.status")
def test_odd_bodies_are_answered(check: Check) -> None:
    send_table(check, oddities.forms(check.free_builder))


@pytest.mark.clause("error.status", "endpoint")
def test_odd_heads_are_answered(check: Check) -> None:
    send_table(check, oddities.heads(check.free_builder))
