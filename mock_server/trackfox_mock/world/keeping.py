"""What was changed about readings and faults while a world runs, kept in its store and taken up at its start."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

import msgspec

from trackfox_mock.document.readings import Readings
from trackfox_mock.document.service_registry import ServiceRegistry, Values
from trackfox_mock.document.spec import Api
from trackfox_mock.errors import ReadingValueError
from trackfox_mock.faults.schedule import Faults, Kept
from trackfox_mock.tenants.store import Store

_READINGS, _FAULT = "readings", "flt_"
_OF_FAULT = msgspec.json.Decoder(Kept)
_OF_READINGS = msgspec.json.Decoder(dict[str, dict[str, object]])


class Keeping:
    """Brings readings and faults into a store, and back; each fault under its id, as every request may change one.

    Args:
        store: what keeps them.
        services: whose readings are kept, as far as they were changed.
        faults: those that were scheduled, with their counters.
    """

    def __init__(self, store: Store, services: ServiceRegistry, faults: Faults) -> None:
        self._store = store
        self._services = services
        self._faults = faults
        self._readings: dict[str, dict[str, object]] = {}
        self.take_up()

    def take_up(self) -> None:
        """Make readings and scheduled faults what the store says."""
        with self._store.taking_up():
            readings = _OF_READINGS.decode(self._store.kept(_READINGS) or b"{}")
            faults = self._kept_faults()
        if readings != self._readings:
            self._readings = readings
            self._services.reset(None)
            for website_id, values in readings.items():
                with suppress(ReadingValueError):  # a silence that this version reads otherwise
                    self._services.change(website_id or None, values)
        self._faults.take_up(faults)
        self._faults.touched.clear()
        self._faults.touched.update(self._renumbered(faults))

    def _kept_faults(self) -> list[Kept]:
        faults = [_OF_FAULT.decode(value) for value in self._store.kept_under(_FAULT).values()]
        return sorted(faults, key=lambda row: int(row.fault_id.removeprefix(_FAULT)))

    def _renumbered(self, kept: list[Kept]) -> set[str]:
        """Ids that are new, as a fault from the start has the number now, and those that are not in use any more."""
        return {row.fault_id for row in kept} ^ {one.fault_id for one in self._faults if not one.is_first}

    def change(self, website_id: str | None, values: Values) -> None:
        """Read some silences otherwise, for one website or for all.

        Raises:
            ReadingValueError: a silence or a value does not exist; then nothing is changed.
        """
        self._services.change(website_id, values)
        self._readings.setdefault(website_id or "", {}).update(values)
        self._keep_readings()

    def reset_readings(self, website_id: str | None) -> None:
        """Back to how it was read at first, for one website or for all."""
        self._services.reset(website_id)
        self._forget_readings(website_id)

    def forget_readings(self, website_id: str) -> None:
        """Read a website that is removed like all others."""
        self._services.read_website(website_id, {})
        self._forget_readings(website_id)

    def read(self, api: Api, readings: Readings, of_websites: Mapping[str, Values]) -> None:
        """Take another document or other readings."""
        self._services.read(api, readings, of_websites)
        self._forget_readings(None)

    def _forget_readings(self, website_id: str | None) -> None:
        if website_id is None:
            self._readings.clear()
        else:
            self._readings.pop(website_id, None)
        self._keep_readings()

    def _keep_readings(self) -> None:
        value = msgspec.json.encode(self._readings) if self._readings else b""
        if value != self._store.kept(_READINGS):
            self._store.keep(_READINGS, value)

    def note_faults(self) -> None:
        """Hand the faults that came, went or counted a request to the store, and no others."""
        while self._faults.touched:
            fault_id = self._faults.touched.pop()
            kept = self._faults.to_keep(fault_id)
            if kept is not None:
                self._store.keep(fault_id, msgspec.json.encode(kept))
            elif self._store.kept(fault_id):
                self._store.keep(fault_id, b"")
