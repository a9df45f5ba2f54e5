"""An answer that got lost on the way is asked for again; a service that loses many is accused."""

from __future__ import annotations

from typing import Any

import pytest

from tests.services.examine import broken, examine
from tests.services.service import Refused, Request, Send, Service


class LosesAnswers(Service):
    """As a proxy does that is before it: some answers never come, or come without a body."""

    every = 700
    kind = "502"

    async def handle(self, request: Request, send: Send) -> None:
        self.memory["n"] = self.memory.get("n", 0) + 1
        lost = self.memory["n"] % self.every == 0
        if lost and self.kind == "502":
            await self.respond(send, 502, b"<html>Bad Gateway</html>", {"content-type": "text/html"})
        elif lost and self.kind == "empty" and request.method == "POST":
            await self.respond(send, 200, b"", {"content-type": "application/json"})
        elif lost and self.kind == "dropped":
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"9")]})
        else:
            await super().handle(request, send)


def losing(kind: str, every: int) -> LosesAnswers:
    service = LosesAnswers()
    service.kind, service.every = kind, every
    return service


@pytest.mark.parametrize("kind", ["502", "empty", "dropped"])
def test_an_answer_that_is_lost_once_in_a_while_blames_no_clause(kind: str) -> None:
    seen = examine(losing(kind, 700))
    assert seen.findings == []
    assert seen.unstable > 0


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["502", "dropped"])
def test_a_service_that_loses_many_is_accused(kind: str) -> None:
    assert "error.status" in broken(examine(losing(kind, 25), looking_for="error.status"))


class RefusesWhatNobodySent(Service):
    """Fails once in a while by itself, with an error of its own: that is no proxy's."""

    def match(self, state: dict[str, Any]) -> None:
        if self.count % 200 == 0:
            raise Refused(500)
        super().match(state)


@pytest.mark.slow
def test_an_error_of_the_service_itself_is_no_matter_of_chance() -> None:
    assert "error.status" in broken(examine(RefusesWhatNobodySent(), looking_for="error.status"))
