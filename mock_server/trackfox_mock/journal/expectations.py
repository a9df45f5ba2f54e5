"""Refusals and advice that a test means to get: which requests are as expected, and what never came."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from trackfox_mock.decision.rules import demand_known
from trackfox_mock.journal.entries import Entry

MOST = 1000
"""How many expectations may stand at once."""


class Expectation(Struct, frozen=True, forbid_unknown_fields=True):
    """Requests are meant to be refused by a rule, or to get this advice.

    `rule` is the id of a clause, of a silence or of advice, or the status of a refusal, as `404`. `website_id` is whose
    requests; None stands for all.
    """

    rule: str
    website_id: str | None = None


class Standing(Struct):
    """An expectation that stands, and how many requests have met it."""

    expectation_id: str
    expectation: Expectation
    came: int = 0


class Expectations:
    """Every expectation that stands.

    `missed` has those that were dropped before any request met them, the newest of them.
    """

    def __init__(self) -> None:
        self._standing: dict[str, Standing] = {}
        self._number = 0
        self.missed: list[Expectation] = []

    def __iter__(self) -> Iterator[Standing]:
        return iter(self._standing.values())

    def __len__(self) -> int:
        return len(self._standing)

    def add(self, expectation: Expectation) -> Standing:
        """Have an expectation stand from now on.

        Raises:
            RuleError: there is no such rule.
            OverflowError: too many stand already.
        """
        demand_known(expectation.rule)
        if len(self._standing) >= MOST:
            raise OverflowError(f"{MOST} expectations stand already; drop some of them first.")
        self._number += 1
        standing = Standing(f"exp_{self._number}", expectation)
        self._standing[standing.expectation_id] = standing
        return standing

    def get(self, expectation_id: str) -> Standing | None:
        """The one of that id, if it stands."""
        return self._standing.get(expectation_id)

    def drop(self, expectation_id: str) -> None:
        """Drop one."""
        standing = self._standing.pop(expectation_id)
        if not standing.came:
            self.missed = [*self.missed[1 - MOST :], standing.expectation]

    def clear(self, website_id: str | None = None) -> None:
        """Drop all, or those of one website."""
        for standing in list(self):
            if website_id in (None, standing.expectation.website_id):
                self.drop(standing.expectation_id)

    def met_by(self, entry: Entry) -> set[str]:
        """Which rules of those that stand a request meets; it is counted."""
        met = set()
        for standing in self:
            rule, website_id = standing.expectation.rule, standing.expectation.website_id
            if website_id in (None, entry.website_id) and meets(entry, rule):
                standing.came += 1
                met.add(rule)
        return met


def reasons(entry: Entry) -> set[str]:
    """Why somebody may want to know of a request: the rule that refused it, and the advice about it."""
    advised = {advisory.id for advisory in entry.advice}
    return advised | {entry.decision.rule} if entry.outcome == "refused" else advised


def meets(entry: Entry, rule: str) -> bool:
    """Whether a request was refused, or advised, as a rule says."""
    if rule.isdecimal():
        return entry.outcome == "refused" and entry.decision.reply.status == int(rule)
    return rule in reasons(entry)


def unexpected(entry: Entry, expected: set[str]) -> set[str]:
    """What of a request's reasons is not among the rules that were expected; a status stands for its refusal."""
    statuses = {rule for rule in expected if rule.isdecimal() and meets(entry, rule)}
    covered = {entry.decision.rule} if statuses else set()
    return reasons(entry) - expected - covered
