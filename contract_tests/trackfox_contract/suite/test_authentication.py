"""Only `Bearer` and the token of the body's website open the door."""

import pytest

from trackfox_contract.cases.table import tokens
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.generation import explore, header_changed


@pytest.mark.clause("auth.missing")
def test_no_header_is_no_entry(check: Check) -> None:
    check.table(tokens.missing(check.ground))
    check.table(tokens.handed_out(check.ground, check.send(check.ground.call(), "endpoint").exchange.outcome))


@pytest.mark.clause("auth.malformed")
def test_only_a_bearer_token_is_a_bearer_token(check: Check) -> None:
    check.table(tokens.malformed(check.ground))


@pytest.mark.clause("auth.invalid")
def test_a_token_is_known_or_it_is_not(check: Check) -> None:
    for ground in check.grounds():
        check.table(tokens.invalid(ground))


@pytest.mark.clause("auth.website")
def test_a_token_is_good_for_its_website_alone(check: Check) -> None:
    if len(check.settings.websites) < 2:
        check.evidence.leave_out("auth.website", "it takes a second website in the fixtures")
    for ground in check.grounds():
        check.table(tokens.of_another_website(ground))


@pytest.mark.clause("auth.malformed", "auth.invalid")
@pytest.mark.generated
def test_nearly_the_right_header_is_refused(check: Check) -> None:
    explore(check, header_changed(check.ground), "a header that is nearly right", check.share(0.08))
