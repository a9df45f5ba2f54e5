"""An explanation, as data and as text for a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec import Struct

from trackfox_mock.decision.advice import Advisory
from trackfox_mock.redaction.masking import printable_lines


class Gate(Struct, frozen=True):
    """One gate: its name, `passed`, `refused` or `not reached`, and the evidence in words."""

    gate: str
    outcome: str
    evidence: str


class Taken(Struct, frozen=True):
    """How one silence of the document was read, and how else it may be."""

    silence: str
    question: str
    value: str
    meaning: str
    provenance: str
    default: str
    alternatives: dict[str, str]


class Slip(Struct, frozen=True):
    """One thing that is wrong: a stable name, what came, what was expected, what to do, and all of it in a sentence."""

    slip: str
    came: str
    expected: str
    mend: str
    sentence: str


class Explanation(Struct, frozen=True):
    """Why a request was answered as it was.

    `outcome` is `attributed`, `refused`, or `answered` by an operation that attributes nothing. `rule` is the clause
    or silence (docs/contract.md) that the answer rests on, `provenance` is `documented`, `assumed` or `observed`, and
    `words` are the document's own. `readings` are the silences that had a part in it. `slip` is what is wrong, None
    where nothing is; `also` is what would be refused next. `sentence` says it in one line, and `curl` is a command that
    mends it.
    """

    outcome: str
    status: int
    method: str
    path: str
    rule: str
    provenance: str
    words: str
    sentence: str
    slip: Slip | None
    also: tuple[Slip, ...]
    advice: tuple[Advisory, ...]
    gates: tuple[Gate, ...]
    readings: tuple[Taken, ...]
    curl: str

    def as_dict(self) -> dict[str, Any]:
        """The explanation as plain data, fit for JSON."""
        found: dict[str, Any] = msgspec.to_builtins(self)
        return found

    def text(self) -> str:
        """The explanation for a terminal, without colours, and without a control character of the client's."""
        return printable_lines("\n".join(self._lines()))

    def _lines(self) -> Iterator[str]:
        yield f"{self.status}  {self.outcome}  {self.method} {self.path}"
        yield f"     {self.sentence}"
        yield from (f"     also: {slip.sentence}" for slip in self.also)
        yield from (f"     advice ({advisory.id}): {advisory.sentence}" for advisory in self.advice)
        yield ""
        words = f": “{self.words}”" if self.words else ""
        yield f"rule     {self.rule} ({self.provenance}){words}"
        for taken in self.readings:
            others = ", ".join(taken.alternatives) or "none"
            yield f"reading  {taken.silence}={taken.value} ({taken.provenance}): {taken.meaning}; others: {others}"
        for index, gate in enumerate(self.gates):
            yield f"{'gates' if index == 0 else '':<9}{_MARKS[gate.outcome]} {gate.gate:<12}{gate.evidence}"
        yield ""
        yield f"{'try' if self.slip else 'again'}:"
        yield self.curl


_MARKS = {"passed": "+", "refused": "x", "not reached": "-"}
