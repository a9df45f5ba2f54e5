"""Few combinations that hold every pair of values, and which values explain where something failed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import combinations, product

Row = Mapping[str, str]
Choice = tuple[str, str]


def pairwise(values: Mapping[str, Sequence[str]]) -> list[Row]:
    """Combinations in which any two values of different names stand together at least once.

    The first combination is that of the first values. The same values give the same combinations.

    Args:
        values: by name, what it may be.
    """
    names = sorted(values, key=lambda name: -len(values[name]))
    # A dict, since the order of a set of texts is another one in each process.
    missing = dict.fromkeys(
        frozenset({(one, here), (two, there)})
        for one, two in combinations(names, 2)
        for here, there in product(values[one], values[two])
    )
    rows: list[Row] = []
    row = {name: values[name][0] for name in values}
    while True:
        rows.append(row)
        for pair in _pairs(row):
            missing.pop(pair, None)
        if not missing:
            return rows
        row = _next_row(names, values, missing)


def _next_row(
    names: Iterable[str], values: Mapping[str, Sequence[str]], missing: Collection[frozenset[Choice]]
) -> dict[str, str]:
    """A pair that is missing, and name by name the value that brings the most missing pairs with it."""
    row = dict(next(iter(missing)))
    for name in names:
        if name not in row:
            gains = {
                value: sum(frozenset({(name, value), other}) in missing for other in row.items())
                for value in values[name]
            }
            row[name] = max(gains, key=gains.__getitem__)
    return {name: row[name] for name in values}


def _pairs(row: Row) -> Iterator[frozenset[Choice]]:
    return map(frozenset, combinations(row.items(), 2))


def blame(rows: Sequence[Row], failed: Collection[int]) -> list[frozenset[Choice]]:
    """The fewest values, or else pairs of values, that stand in every combination that failed and in no other.

    Args:
        rows: the combinations that were tried.
        failed: which of them failed, counted from 0.

    Returns:
        The values, as `{("order", "body-first")}`, the one with the most failures first. A failure that neither a
        value nor a pair explains comes as its whole combination.
    """
    unexplained = set(failed)
    found = []
    for size in (1, 2):
        suspects = _suspects(rows, failed, size)
        while suspects:
            culprit = max(suspects, key=lambda choices: len(suspects[choices] & unexplained))
            explained = suspects.pop(culprit) & unexplained
            if not explained:
                break
            found.append(culprit)
            unexplained -= explained
    return [*found, *(frozenset(rows[number].items()) for number in sorted(unexplained))]


def _suspects(rows: Sequence[Row], failed: Collection[int], size: int) -> dict[frozenset[Choice], set[int]]:
    """The combinations of so many values that failed wherever they stood, and where that was."""
    places: dict[frozenset[Choice], set[int]] = {}
    for number, row in enumerate(rows):
        for choices in combinations(row.items(), size):
            places.setdefault(frozenset(choices), set()).add(number)
    return {choices: numbers for choices, numbers in places.items() if numbers <= set(failed)}
