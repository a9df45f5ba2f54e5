"""An event is found for exactly the session, visitor and website that it has."""

import pytest

from trackfox_contract.cases.table import matching
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.generation import explore, ids_changed


@pytest.mark.clause("match.session", "match.visitor")
def test_an_unknown_id_matches_nothing(check: Check) -> None:
    for ground in check.grounds():
        check.table(matching.unknown(ground))


@pytest.mark.clause("match.together")
def test_ids_match_together_or_not_at_all(check: Check) -> None:
    for ground in check.grounds():
        for session in ground.website.sessions if ground.writes else ():
            check.table(matching.together(ground.at(ground.website, session)))


@pytest.mark.clause("match.exact")
def test_nearly_the_same_id_is_another_id(check: Check) -> None:
    check.table(matching.exact(check.ground))


@pytest.mark.clause("match.exact", "match.together")
@pytest.mark.generated
def test_ids_that_are_nearly_right_match_nothing(check: Check) -> None:
    explore(check, ids_changed(check.ground), "ids that are nearly right", check.share(0.08))
