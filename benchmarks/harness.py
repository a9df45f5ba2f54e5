"""Measuring in interleaved rounds, and what came of it.

A machine gets faster and slower while one measures. So every contender is measured once a round, the order changes from
round to round, and what is compared is the ratio within a round.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import NamedTuple


class Effort(NamedTuple):
    """How much is measured.

    `rounds` are counted without the warm-up; `seconds` is how long one load lasts, `requests` how many a long run
    takes, `scale` how many records a large store has.
    """

    rounds: int
    seconds: float
    requests: int
    scale: int


FULL = Effort(rounds=9, seconds=1.0, requests=1_000_000, scale=1_000_000)
QUICK = Effort(rounds=1, seconds=0.2, requests=2_000, scale=2_000)


class Sample(NamedTuple):
    """What was measured, a value a round."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value."""
        return statistics.median(self.values)

    @property
    def spread(self) -> tuple[float, float]:
        """The smallest and the largest value."""
        return min(self.values), max(self.values)

    def over(self, other: Sample) -> Sample:
        """The ratios to another sample of the same rounds."""
        return Sample(tuple(mine / theirs for mine, theirs in zip(self.values, other.values, strict=True)))


def interleaved(contenders: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Sample]:
    """Measure every contender once a round, after a round of warm-up that does not count."""
    values: dict[str, list[float]] = {name: [] for name in contenders}
    order = list(contenders)
    for number in range(rounds + 1):
        for name in order:
            value = contenders[name]()
            if number:
                values[name].append(value)
        order = [*order[1:], order[0]]
    return {name: Sample(tuple(measured)) for name, measured in values.items()}


@dataclass(frozen=True)
class Finding:
    """One line of the table.

    `unit` is `x` for a ratio. At most one of `at_least` and `at_most` is set; without either, it is told for
    information.
    """

    subject: str
    what: str
    sample: Sample
    unit: str = "x"
    at_least: float | None = None
    at_most: float | None = None

    @property
    def met(self) -> bool | None:
        """Whether the median is within the target; None where there is none."""
        if self.at_least is not None:
            return self.sample.median >= self.at_least
        if self.at_most is not None:
            return self.sample.median <= self.at_most
        return None


def single(value: float) -> Sample:
    """A sample of what was measured once."""
    return Sample((value,))


COLUMNS = ("subject", "what", "median", "spread", "target", "")


def row(finding: Finding) -> tuple[str, ...]:
    """A finding as the cells of a table."""
    low, high = finding.sample.spread
    many = len(finding.sample.values) > 1
    return (
        finding.subject,
        finding.what,
        f"{_number(finding.sample.median)} {finding.unit}",
        f"{_number(low)} to {_number(high)}" if many else "",
        _target(finding),
        {True: "met", False: "not met", None: ""}[finding.met],
    )


def _target(finding: Finding) -> str:
    if finding.at_least is not None:
        return f"at least {_number(finding.at_least)} {finding.unit}"
    return "" if finding.at_most is None else f"at most {_number(finding.at_most)} {finding.unit}"


def _number(value: float) -> str:
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 20 else f"{value:.2f}"


def text_table(findings: Iterable[Finding]) -> str:
    """The findings for a terminal."""
    rows = [COLUMNS, *map(row, findings)]
    widths = [max(len(cells[column]) for cells in rows) for column in range(len(COLUMNS))]
    return "\n".join("  ".join(map(str.ljust, cells, widths)).rstrip() for cells in rows)


def markdown_table(findings: Iterable[Finding]) -> str:
    """The findings for a page."""
    rows = [COLUMNS, ("---",) * len(COLUMNS), *map(row, findings)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)
