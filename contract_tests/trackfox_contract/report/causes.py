"""Findings brought together by their cause, since one mistake may break many clauses in thousands of requests."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from trackfox_contract.judgement.cause import GONE, OWN_VALUE
from trackfox_contract.judgement.evidence import Evidence, Finding
from trackfox_contract.oracle.clauses import CLAUSES

_ANSWERS = re.compile(r"answers (?P<came>\d+) where the document says (?P<says>\d+)")
_ACCEPTS = re.compile(r"accepts what breaks (?P<family>auth|match)\.")
_FAMILIES = {
    "auth": "accepts calls without the website's token in Authorization",
    "match": "accepts ids that match no event",
}
"""What is said of a service that breaks several clauses of a family by accepting what each of them rules out."""

_LET_PASS = re.compile(r"answers 404 where the document says 40[01]$")
"""What a service that accepts the rest answers to ids of nobody; to those of a session it would answer with success."""

_ECHOES = ("error.status", "success.status")
"""Clauses that a finding breaks beside its own."""


@dataclass(frozen=True, slots=True)
class Cause:
    """Why a service breaks some clauses.

    Attributes:
        sentence: what it does, as a developer needs to hear it.
        clause_ids: the clauses that it breaks, in the order of the contract.
        findings: what shows it, the plainest first, each request once.
        count: how many requests showed it.
        is_lenient: whether it breaks the letter alone.
    """

    sentence: str
    clause_ids: tuple[str, ...]
    findings: tuple[Finding, ...]
    count: int
    is_lenient: bool = False

    @property
    def clauses(self) -> str:
        """The clauses that it breaks, without those that every wrong status breaks, in words."""
        own = [clause_id for clause_id in self.clause_ids if clause_id not in _ECHOES]
        return ", ".join(own or self.clause_ids)


def causes_of(evidence: Evidence) -> tuple[Cause, ...]:
    """The causes, first the one that tells most: of which most else may be the consequence."""
    causes = (_cause(evidence, sentence, members) for sentence, members in _families(evidence).items())
    by_weight = sorted(causes, key=lambda cause: (not _accepts(cause), -cause.count))
    return tuple(sorted(_merged(by_weight), key=_rank))


def _accepts(cause: Cause) -> bool:
    return cause.sentence.startswith("accepts ")


def _families(evidence: Evidence) -> dict[str, list[str]]:
    """The sentences of the findings, those of one family under the family's; one that stands alone under itself."""
    families: dict[str, list[str]] = {}
    for sentence in dict.fromkeys(finding.cause for finding in evidence.findings):
        accepts = _ACCEPTS.match(sentence)
        families.setdefault(_FAMILIES[accepts["family"]] if accepts else sentence, []).append(sentence)
    return {members[0] if len(members) == 1 else family: members for family, members in families.items()}


def _merged(causes: Iterable[Cause]) -> list[Cause]:
    """Causes without those that a greater one explains: the same status, where its documented one is legal, too."""
    kept: list[Cause] = []
    for cause in causes:
        greater = next((other for other in kept if _explains(other, cause)), None)
        if greater is None:
            kept.append(cause)
        else:
            kept[kept.index(greater)] = _together(greater, cause)
    return kept


def _explains(greater: Cause, cause: Cause) -> bool:
    if _accepts(greater) and _LET_PASS.match(cause.sentence):
        return set(cause.clause_ids) <= {*greater.clause_ids, *_ECHOES}
    told, lesser = _ANSWERS.match(greater.sentence), _ANSWERS.match(cause.sentence)
    if told is None or lesser is None or told["came"] != lesser["came"]:
        return False
    return all(told["says"] in finding.expected.split() for finding in cause.findings)


def _together(greater: Cause, cause: Cause) -> Cause:
    clause_ids = tuple(name for name in CLAUSES if name in greater.clause_ids + cause.clause_ids)
    return replace(greater, clause_ids=clause_ids, count=greater.count + cause.count)


def _cause(evidence: Evidence, sentence: str, members: Sequence[str]) -> Cause:
    findings = sorted((one for one in evidence.findings if one.cause in members), key=lambda one: one.plainness)
    counts = {
        clause_id: sum(evidence.found.get(clause_id, {}).get(member, 0) for member in members) for clause_id in CLAUSES
    }
    broken = {clause_id: count for clause_id, count in counts.items() if count}
    own = [count for clause_id, count in broken.items() if clause_id not in _ECHOES]
    return Cause(
        sentence, tuple(broken), tuple(_once(findings)), max(sum(own), *broken.values()), findings[0].is_lenient
    )


def _once(findings: Iterable[Finding]) -> Iterable[Finding]:
    seen: dict[tuple[str, ...], Finding] = {}
    for finding in findings:
        seen.setdefault((*finding.before, finding.curl), finding)
    return seen.values()


def _rank(cause: Cause) -> tuple[bool, bool, bool, int, int]:
    is_plain = cause.findings[0].case.startswith("a valid call") and not cause.findings[0].before
    return (
        cause.is_lenient,
        not cause.sentence.startswith((OWN_VALUE, GONE)),
        not is_plain,
        -len(cause.clause_ids),
        -cause.count,
    )
