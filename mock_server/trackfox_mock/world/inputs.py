"""The files and flags that a world is made from, and can be made from again when one of them is edited."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from trackfox_mock.assets import fixtures_path
from trackfox_mock.document.readings import Readings, ReadingsFile, load_readings, parse_assignments
from trackfox_mock.document.spec import load_spec
from trackfox_mock.faults.schedule import Fault
from trackfox_mock.tenants.fixtures import load_fixtures
from trackfox_mock.world.world import World


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
        self, *, journal_size: int = 1000, payments_limit: int | None = None, faults: Iterable[Fault] = ()
    ) -> World:
        """Make a world.

        Raises:
            InputFileError: a file is wrong.
            ReadingValueError: a flag names a silence or a reading that does not exist.
        """
        readings, website_readings = self._readings()
        return World(
            load_spec(self.spec),
            load_fixtures(self.fixtures or [fixtures_path()]),
            readings,
            website_readings,
            journal_size=journal_size,
            payments_limit=payments_limit,
            faults=faults,
        )

    def reload(self, world: World) -> None:
        """Read everything again into a running world, all or nothing; what it has recorded stays.

        Raises:
            InputFileError: a file is wrong; then nothing is changed.
        """
        api = load_spec(self.spec)
        websites = load_fixtures(self.fixtures or [fixtures_path()])
        world.services.read(api, *self._readings())
        world.administration.reseed(websites)

    def _readings(self) -> tuple[Readings, Mapping[str, Mapping[str, object]]]:
        chosen = ReadingsFile(Readings(), {}) if self.readings is None else load_readings(self.readings)
        return chosen.readings.with_values(parse_assignments(self.assignments)), chosen.websites
