"""Only `Bearer` and the token of the body's website open the door."""

import pytest

from trackfox_contract.cases.strategies import header_changed
from trackfox_contract.cases.table import tokens
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.generation import explore
from trackfox_contract.engine.table import send_table


@pytest.mark.clause("auth.missing")
def test_no_header_is_no_entry(check: Check) -> None:
    send_table(check, tokens.missing(check.builder))
    plain = check.send(check.free_builder.call(), "endpoint").round_trip
    send_table(check, tokens.handed_out(check.builder, plain.outcome))


@pytest.mark.clause("auth.malformed")
def test_only_a_bearer_token_is_a_bearer_token(check: Check) -> None:
    send_table(check, tokens.malformed(check.builder))


@pytest.mark.clause("auth.invalid")
def test_a_token_is_known_or_it_is_not(check: Check) -> None:
    for builder in check.builders:
        send_table(check, tokens.invalid(builder))


@pytest.mark.clause("auth.website")
def test_a_token_is_good_for_its_website_alone(check: Check) -> None:
    if len(check.settings.websites) < 2:
        check.evidence.leave_out("auth.website", "it takes a second website in the fixtures")
    for builder in check.builders:
        send_table(check, tokens.of_another_website(builder))


@pytest.mark.clause("auth.malformed", "auth.invalid")
@pytest.mark.generated
def test_nearly_the_right_header_is_refused(check: Check) -> None:
    explore(check, header_changed(check.builder), "a header that is nearly right", check.pace.until(0.08))
