"""How this mock reads what the document leaves open.

A `Readings` is one choice for every silence, with where the choice comes from: `assumed`, or `observed` on a real
service. A part of a silence, as `email-edge.quoted`, may be read otherwise than the rest of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from trackfox_mock.document.silences import SILENCES, silence_of
from trackfox_mock.errors import ReadingsError, ReadingValueError, suggestion
from trackfox_mock.files.input_file import InputFile, read_input_file

PROVENANCES = ("assumed", "observed")


class Reading(NamedTuple):
    """How one silence is read, and where that comes from: `assumed` or `observed`."""

    value: str
    provenance: str = "assumed"


class Readings:
    """One reading for every silence; immutable.

    Args:
        chosen: the silences that are read otherwise than by default.
    """

    def __init__(self, chosen: Mapping[str, Reading] | None = None) -> None:
        self.chosen: Mapping[str, Reading] = dict(chosen or {})
        for key, reading in self.chosen.items():
            _check(key, reading)

    def __getitem__(self, key: str) -> str:
        """The value taken for a silence of docs/contract.md, or for a part of one."""
        return self.reading(key).value

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Readings) and other.as_dict() == self.as_dict()

    def __hash__(self) -> int:
        return hash(frozenset(self.as_dict().items()))

    def reading(self, key: str) -> Reading:
        """The value taken for a silence or a part of one, with its provenance."""
        silence = silence_of(key)
        return self.chosen.get(key) or self.chosen.get(silence) or Reading(SILENCES[silence].default)

    def parts_of(self, silence: str) -> list[str]:
        """The parts of a silence that have readings of their own, as `email-edge.quoted`."""
        return [f"{silence}.{part}" for part in SILENCES[silence].parts if f"{silence}.{part}" in self.chosen]

    def key(self, silence: str, part: str) -> str:
        """What decides about a part of a silence: its own reading, or that of the silence."""
        return f"{silence}.{part}" if f"{silence}.{part}" in self.chosen else silence

    def with_values(self, values: Mapping[str, object], provenance: str = "assumed") -> Readings:
        """The same readings with some changed.

        Each value is a legal reading, or a mapping of `value` and `provenance`.

        Raises:
            ReadingValueError: a silence or a value does not exist.
        """
        changed = {silence: _reading(silence, value, provenance) for silence, value in values.items()}
        return Readings({**self.chosen, **changed})

    def as_dict(self) -> dict[str, str]:
        """Every silence, and every part that has a reading of its own, with the value taken."""
        return {key: self[key] for silence in SILENCES for key in (silence, *self.parts_of(silence))}


def _reading(silence: str, value: object, provenance: str) -> Reading:
    if isinstance(value, Mapping):
        unknown = set(value) - {"value", "provenance", "note"}
        if unknown or "value" not in value:
            raise ReadingValueError(
                f"the reading of {silence} holds {', '.join(sorted(map(str, value))) or 'nothing'}; "
                "expected value, and if you like provenance and note."
            )
        return Reading(str(value["value"]), str(value.get("provenance", provenance)))
    return Reading(str(value), provenance)


def _check(key: str, reading: Reading) -> None:
    silence, dot, part = key.partition(".")
    if silence not in SILENCES:
        raise ReadingValueError(f"{silence!r} is not a silence; {suggestion(silence, SILENCES)}")
    row, parts = SILENCES[silence], SILENCES[silence].parts
    if dot and part not in parts:
        raise ReadingValueError(
            f"{silence} has no part {part!r}; " + (suggestion(part, parts) if parts else "it is read as a whole.")
        )
    if not row.takes(reading.value):
        also = f"; or {row.also}" if row.also else ""
        raise ReadingValueError(
            f"{key} cannot be read as {reading.value!r}; {suggestion(str(reading.value), row.values)}{also}"
        )
    if reading.provenance not in PROVENANCES:
        raise ReadingValueError(
            f"the provenance of {key} is {reading.provenance!r}; expected one of: {', '.join(PROVENANCES)}."
        )


def parse_assignments(assignments: Iterable[str]) -> dict[str, str]:
    """The readings of `--reading order=body-first`, given any number of times.

    Raises:
        ReadingValueError: one of them is not of the form SILENCE=VALUE.
    """
    chosen = {}
    for assignment in assignments:
        silence, equals, value = assignment.partition("=")
        if not equals:
            raise ReadingValueError(f"{assignment!r} is not of the form SILENCE=VALUE, as in order=body-first.")
        chosen[silence.strip()] = value.strip()
    return chosen


class ReadingsFile(NamedTuple):
    """A readings file: readings for all websites, and those of single ones by `website_id`."""

    readings: Readings
    websites: Mapping[str, Mapping[str, object]]


def load_readings(path: Path) -> ReadingsFile:
    """Read a file of the form `{readings: {…}, websites: {website_id: {…}}}`; both parts are optional.

    Raises:
        ReadingsError: the file cannot be read, or names a silence or value that does not exist.
    """
    source = read_input_file(path, ReadingsError)
    data = {} if source.data is None else source.data
    _expect_mapping(source, [], data)
    for key in data:
        if key not in ("readings", "websites"):
            raise ReadingsError(
                path,
                f"came {key!r}; expected readings and websites.",
                line=source.line([key]),
                field=str(key),
            )
    websites = data.get("websites") or {}
    _expect_mapping(source, ["websites"], websites)
    for website_id, values in websites.items():
        _read(source, ["websites", website_id], values)
    return ReadingsFile(_read(source, ["readings"], data.get("readings") or {}), websites)


def _expect_mapping(source: InputFile, place: list[str | int], value: Any) -> None:
    if not isinstance(value, dict):
        raise ReadingsError(
            source.path,
            "is no mapping; expected one, as in readings: {order: body-first}.",
            line=source.line(place),
            field=".".join(map(str, place)),
        )


def _read(source: InputFile, place: list[str | int], values: Any) -> Readings:
    _expect_mapping(source, place, values)
    for silence, value in values.items():
        try:
            Readings().with_values({silence: value})
        except ReadingValueError as problem:
            where = [*place, silence]
            raise ReadingsError(
                source.path, str(problem), line=source.line(where), field=".".join(map(str, where))
            ) from None
    return Readings().with_values(values)
