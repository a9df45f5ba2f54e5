"""An event is found for exactly the session, visitor and website that it has."""

import pytest

from trackfox_contract.cases.strategies import ids_changed
from trackfox_contract.cases.table import matching
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.generation import explore
from trackfox_contract.engine.table import send_table


@pytest.mark.clause("match.session", "match.visitor")
def test_an_unknown_id_matches_nothing(check: Check) -> None:
    for builder in check.builders:
        send_table(check, matching.unknown(builder))


@pytest.mark.clause("match.together")
def test_ids_match_together_or_not_at_all(check: Check) -> None:
    for builder in check.builders:
        for session in builder.website.sessions if builder.writes else ():
            send_table(check, matching.together(builder.at(builder.website, session)))


@pytest.mark.clause("match.exact")
def test_nearly_the_same_id_is_another_id(check: Check) -> None:
    send_table(check, matching.exact(check.builder))


@pytest.mark.clause("match.exact", "match.together")
@pytest.mark.generated
def test_ids_that_are_nearly_right_match_nothing(check: Check) -> None:
    explore(check, ids_changed(check.builder), "ids that are nearly right", check.pace.until(0.08))
