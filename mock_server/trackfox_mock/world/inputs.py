"""The files and flags that a world is made from, and can be made from again when one of them is edited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from trackfox_mock.assets import fixtures_path
from trackfox_mock.document.readings import Readings, ReadingsFile, load_readings, parse_assignments
from trackfox_mock.document.spec import load_spec
from trackfox_mock.faults.schedule import Fault
from trackfox_mock.model import Website
from trackfox_mock.tenants.fixtures import load_fixtures
from trackfox_mock.tenants.store import Store
from trackfox_mock.world.world import World

MakeStore = Callable[[Sequence[Website], int | None], Store]
"""A store of these websites that keeps so many payments of each; None keeps all."""


class Inputs(Struct, frozen=True):
    """Where a world comes from.

    Args:
        spec: the OpenAPI document; None for the built-in one.
        fixtures: files and folders of websites; none for the built-in ones.
        readings: a readings file.
        assignments: single readings, as `order=body-first`; they win over the file.
    """

    spec: Path | None = None
    fixtures: Sequence[Path] = ()
    readings: Path | None = None
    assignments: Sequence[str] = ()

    @property
    def files(self) -> list[Path]:
        """Every file and folder of the user's that is read."""
        return [*filter(None, [self.spec, self.readings]), *self.fixtures]

    def world(
        self,
        *,
        journal_size: int = 1000,
        payments_limit: int | None = None,
        faults: Iterable[Fault] = (),
        store: MakeStore | None = None,
        requests_kept: int = 0,
        kind: type[World] = World,
    ) -> World:
        """Make a world.

        Args:
            journal_size: how many requests are kept.
            payments_limit: how many payments of each website are kept; None keeps all.
            faults: what it breaks from the start, until somebody calls it off.
            store: makes the store, if it is to be elsewhere than in memory.
            requests_kept: how many requests the store keeps.
            kind: of world; that of a node among many shares its store with them.

        Raises:
            InputFileError: a file is wrong.
            ReadingValueError: a flag names a silence or a reading that does not exist.
        """
        readings, website_readings = self._readings()
        websites = load_fixtures(self.fixtures or [fixtures_path()])
        return kind(
            load_spec(self.spec),
            websites,
            readings,
            website_readings,
            journal_size=journal_size,
            payments_limit=payments_limit,
            faults=faults,
            store=None if store is None else store(websites, payments_limit),
            requests_kept=requests_kept,
        )

    def reload(self, world: World) -> None:
        """Read everything again into a running world, all or nothing; what it has recorded stays.

        Raises:
            InputFileError: a file is wrong; then nothing is changed.
        """
        api = load_spec(self.spec)
        websites = load_fixtures(self.fixtures or [fixtures_path()])
        world.administration.read_again(api, websites, *self._readings())

    def _readings(self) -> tuple[Readings, Mapping[str, Mapping[str, object]]]:
        chosen = ReadingsFile(Readings(), {}) if self.readings is None else load_readings(self.readings)
        return chosen.readings.with_values(parse_assignments(self.assignments)), chosen.websites
