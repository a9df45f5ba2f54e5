"""A valid call is answered as documented: for every session, however it is written and carried."""

import pytest

from trackfox_contract.cases.strategies import written
from trackfox_contract.cases.table import success
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.generation import explore
from trackfox_contract.engine.table import send_table


@pytest.mark.clause("endpoint", "success.status", "success.body")
def test_every_session_is_attributed(check: Check) -> None:
    if check.settings.allow_writes:
        send_table(check, success.sessions(check.builder))
        check.broken_from_the_start = bool(check.evidence.findings)


@pytest.mark.clause("endpoint")
def test_how_the_body_is_written_does_not_matter(check: Check) -> None:
    builder = check.free_builder
    send_table(check, success.written(builder), success.lettered(builder), success.further(builder))


@pytest.mark.clause("endpoint")
def test_how_the_call_is_carried_does_not_matter(check: Check) -> None:
    send_table(check, success.carried(check.free_builder))


@pytest.mark.clause("endpoint")
@pytest.mark.generated
def test_no_writing_of_a_valid_body_matters(check: Check) -> None:
    explore(check, written(check.free_builder), "a valid body in another writing", check.pace.until(0.08))
