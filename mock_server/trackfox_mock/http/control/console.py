"""What every part of the control API works with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

from trackfox_mock.http.access import Access
from trackfox_mock.http.control.exchange import ProblemError
from trackfox_mock.journal.entries import Entry
from trackfox_mock.journal.serializers import show_entry
from trackfox_mock.model import Website
from trackfox_mock.redaction.redactor import Redactor
from trackfox_mock.world.world import World

MOST_WATCHERS = 256
"""Clients that may wait for requests, or watch them, at a time."""


class Console:
    """A world, and how it may be shown.

    Args:
        world: what is controlled.
        access: what may be shown.
        endpoint: the ASGI application of the documented endpoint, for who sends a request again.
        reports: files that a contract check or a run of tests writes.
    """

    def __init__(
        self,
        world: World,
        access: Access,
        endpoint: Callable[[Any, Any, Any], Awaitable[None]] | None = None,
        reports: Sequence[Path] = (),
    ) -> None:
        self.world = world
        self.endpoint = endpoint
        self.reports = reports
        self.redactor = Redactor(world, tokens=access.show_secrets, emails=access.show_secrets or not access.exposed)

    def entry(self, number: int) -> Entry:
        """The request of that number.

        Raises:
            ProblemError: it is not in the journal, or not any more.
        """
        entry = self.world.journal.entry(number)
        if entry is None:
            size = self.world.journal.size
            raise ProblemError("not-found", f"Request {number} is not in the journal, which keeps the newest {size}.")
        return entry

    def let_watch(self) -> None:
        """Let one more client wait for requests, or watch them.

        Raises:
            ProblemError: too many do already; each makes every payment take longer.
        """
        if len(self.world.listeners) > MOST_WATCHERS:
            raise ProblemError("conflict", f"{MOST_WATCHERS} clients wait or watch already; end some of them.")

    def show(self, entry: Entry) -> dict[str, Any]:
        """A request as JSON, with the sentence that says why it was refused, and what to do."""
        why, cure = ("", "") if entry.outcome == "attributed" else self.world.told(entry)
        told = {"why": self.redactor.text(why) or None, "cure": self.redactor.text(cure) or None}
        return {**show_entry(entry, self.redactor), **told}

    def website(self, website_id: str) -> Website:
        """The website of that id.

        Raises:
            ProblemError: there is none.
        """
        website = self.world.store.website(website_id)
        if website is None:
            raise ProblemError(
                "not-found", f"There is no website {website_id!r}; GET /__admin/websites lists those there are."
            )
        return website


class Noun:
    """One noun of the control API, as its requests or its payments, with what it works on at hand.

    Args:
        console: what every part works with.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._world = console.world
        self._redactor = console.redactor
