"""A check of a service of many websites and sessions: a part is asked about, and the others are known all the same."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from tests.services.examine import examine
from tests.services.service import Service
from trackfox_contract.cases.builder import RequestBuilder
from trackfox_contract.oracle.document import Document
from trackfox_contract.oracle.known import KnownWebsites
from trackfox_contract.wire.safety import SafetyGuard, UnsafeCallError
from trackfox_mock import Session, Website, load_spec


def many(websites: int, sessions: int) -> list[Website]:
    """Websites whose first one has no session."""
    return [
        Website(site, f"tf_live_{site}_token", sessions=tuple(sessions_of(site, sessions if number else 0)))
        for number in range(websites)
        for site in [f"web_{number}"]
    ]


def sessions_of(site: str, count: int) -> list[Session]:
    return [Session(site, f"ses_{site}_{one}", f"vis_{site}_{one}", None, {}) for one in range(count)]


_MODES = [(True, False), *(pytest.param(False, probing, marks=pytest.mark.slow) for probing in (True, False))]


class Big(Service):
    def __init__(self, websites: list[Website]) -> None:
        super().__init__()
        self.shops = {
            one.website_id: {
                "token": one.api_token,
                "events": [(session.session_id, session.visitor_id) for session in one.sessions],
            }
            for one in websites
        }


@pytest.mark.parametrize(("writes", "probing"), _MODES)
def test_few_requests_are_sent_and_a_right_service_is_not_accused(*, writes: bool, probing: bool) -> None:
    known = many(websites=300, sessions=30) if not writes else many(websites=3, sessions=300)
    service = Big(known)
    seen = examine(service, writes=writes, probing=probing, known=known)
    assert seen.findings == []
    assert sum(seen.statuses.values()) < 25_000
    asked_about = "3 websites with 600 sessions 3 with 24" if writes else "300 websites with 8,970 sessions 8 with 96"
    assert (
        f"of {asked_about} are asked about, as each is tried with each other; put those that matter first" in seen.notes
    )


def test_what_is_not_asked_about_is_known_and_safe_mode_keeps_clear_of_it() -> None:
    websites = many(websites=10, sessions=30)
    known = KnownWebsites(Document.of(load_spec()), websites)
    assert [one.website_id for one in known.asked_about] == [f"web_{number}" for number in range(1, 9)]
    assert {len(one.sessions) for one in known.asked_about} == {12}
    call = RequestBuilder(known, websites[9], websites[9].sessions[29], "seed").call()
    assert known.expect(call).statuses == {200}
    with pytest.raises(UnsafeCallError):
        SafetyGuard(websites).check(call)


def test_all_of_a_few_are_asked_about() -> None:
    websites = many(websites=8, sessions=12)
    assert list(KnownWebsites(Document.of(load_spec()), websites).asked_about) == websites


def test_a_seed_makes_the_same_ids_of_nobody_in_every_process() -> None:
    known = "frozenset({'ses_01hzy3k9qwer', 'ses_01HZY3K9QWERTY'})"
    code = f"from trackfox_contract.cases.nobody import like; print(like({known}, ''))"
    made = {
        subprocess.run(
            [sys.executable, "-c", code], env=os.environ | {"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in "1234"
    }
    assert len(made) == 1
