"""A service that cannot be checked is known after a dozen requests, with the reason and what to do."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.examine import examine
from tests.services.service import Refused, Request, Service
from trackfox_contract.engine.preflight import InconclusiveError


def answering(status: int, **headers: str) -> type[Service]:
    """A service of which every answer is the same."""

    class Alike(Service):
        def route(self, request: Request) -> None:  # noqa: ARG002 - overrides
            raise Refused(status)

        def refusal(self, status: int) -> tuple[int, bytes, dict[str, str]]:
            return status, b"", headers

    return Alike


@pytest.mark.parametrize("writes", [False, True], ids=["safe", "writes"])
@pytest.mark.parametrize(
    ("service", "sentence"),
    [
        (answering(404), "the endpoint is not there; the URL has to be the base URL"),
        (answering(401), "the service does not know the token of the fixtures"),
        (answering(403), "keeps us out"),
        (answering(503), "check the URL and that the service is up"),
    ],
    ids=["404", "401", "403", "503"],
)
def test_a_service_of_one_answer_is_not_checked(service: type[Service], sentence: str, writes: bool) -> None:  # noqa: FBT001 - a parameter of the test
    one = service()
    with pytest.raises(InconclusiveError, match=sentence):
        examine(one, writes=writes)
    assert one.count < 40


def test_a_redirect_to_a_login_is_told_with_where_it_leads() -> None:
    with pytest.raises(InconclusiveError, match="302 to /login"):
        examine(answering(302, location="/login")(), writes=False)


class KnowsNobody(Service):
    def match(self, state: dict[str, Any]) -> None:  # noqa: ARG002 - overrides
        raise Refused(404)


def test_a_service_that_knows_no_session_is_told_from_one_that_is_not_there() -> None:
    with pytest.raises(InconclusiveError, match="knows no session of the fixtures"):
        examine(KnowsNobody())
