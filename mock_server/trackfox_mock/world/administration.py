"""What can be done to a world beside sending it requests: websites come and go, it is reset, saved and restored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from trackfox_mock.document.readings import Readings
from trackfox_mock.document.service_registry import Values
from trackfox_mock.document.spec import Api
from trackfox_mock.errors import StorageError
from trackfox_mock.faults.schedule import Fault, Scheduled
from trackfox_mock.model import Session, Website
from trackfox_mock.tenants import snapshot as state
from trackfox_mock.tenants.fixtures import parse_session, parse_website
from trackfox_mock.tenants.id_factory import IdFactory

if TYPE_CHECKING:
    from trackfox_mock.world.world import World

PARTS = ("payments", "requests", "faults", "readings", "websites")
"""What `reset` can bring back to the start."""


class Administration:
    """Changes a world.

    Args:
        world: what is changed.
        seed: makes the ids and tokens of fresh websites the same every time; None makes them unguessable.
    """

    def __init__(self, world: World, seed: int | None = None) -> None:
        self._world = world
        self._ids = IdFactory(seed)

    def add_website(self, given: Mapping[str, Any]) -> Website:
        """Add a website in the shape of a fixture file; an id, a token and a session are made up where none is given.

        Raises:
            LookupError: its id or its token is in use.
            ValueError: the shape is wrong; the text names the field.
        """
        store = self._world.store
        website = parse_website(self._ids.website(given, lambda website_id: store.website(website_id) is None))
        if store.website(website.website_id) is not None:
            raise LookupError(f"website_id: {website.website_id!r} is there already; choose another, or none.")
        if store.token_owner(website.api_token) is not None:
            raise LookupError("api_token: another website has this token; choose another, or none.")
        store.add(website)
        return website

    def add_session(self, website_id: str, given: Mapping[str, Any]) -> Session:
        """Add a visitor event in the shape of a fixture file; ids are made up where none are given.

        The same event twice is one.

        Raises:
            KeyError: there is no such website.
            ValueError: the shape is wrong, or the session is another visitor's; the text names the field.
        """
        session = parse_session(website_id, self._ids.session(given))
        for known in self._world.store.session(website_id, session.session_id):
            if known.visitor_id != session.visitor_id:
                raise ValueError(
                    f"session_id: came {session.session_id!r} for the visitor {session.visitor_id!r}, and "
                    f"{known.visitor_id!r} has it; expected one visitor for a session: give one of them another id."
                )
        self._world.store.add_session(session)
        return session

    def remove_website(self, website_id: str) -> None:
        """Remove a website and all that belongs to it: sessions, payments, requests, readings."""
        self._world.store.remove(website_id)
        self._world.journal.forget(website_id)
        self._world.refusals.forget(website_id)
        self._world.expectations.clear(website_id)
        self._world.keeping.forget_readings(website_id)
        self._world.rates.forget(website_id)
        self.clear_faults(website_id)

    def reset(self, parts: Collection[str] = PARTS, website_id: str | None = None) -> None:
        """Back to the start: all of it, some parts of it, or of one website all but the website itself."""
        if website_id is None and "websites" in parts:
            self._world.store.back_to_fixtures(keep_payments="payments" not in parts)
        elif "payments" in parts:
            self._world.store.forget_payments(website_id)
        if "requests" in parts:
            if website_id is None:
                self._world.journal.clear()
                self._world.rates.clear()
                self._world.refusals.clear()
            else:
                self._world.journal.forget(website_id)
                self._world.refusals.forget(website_id)
            self._world.expectations.clear(website_id)
        if "faults" in parts:
            self._world.faults.reset(website_id, self._world.clock())
        if "readings" in parts:
            self._world.keeping.reset_readings(website_id)
        self._commit()

    # Readings and faults

    def change_readings(self, website_id: str | None, values: Mapping[str, object]) -> None:
        """Read some silences otherwise, for one website or for all (None), until `reset`.

        Raises:
            ReadingValueError: a silence or a value does not exist; then nothing is changed.
        """
        self._world.keeping.change(website_id, values)
        self._commit()

    def add_fault(self, fault: Fault) -> Scheduled:
        """Schedule a fault."""
        scheduled = self._world.faults.add(fault, self._world.clock())
        self._commit()
        return scheduled

    def remove_fault(self, fault_id: str) -> None:
        """Call a fault off."""
        self._world.faults.remove(fault_id)
        self._commit()

    def clear_faults(self, website_id: str | None = None) -> None:
        """Call all faults off, or those of one website."""
        self._world.faults.clear(website_id)
        self._commit()

    def _commit(self) -> None:
        """Make readings and faults safe; they are what they were where that cannot be done."""
        try:
            self._world.keeping.note_faults()
            self._world.store.commit()
        except StorageError:
            self._world.keeping.take_up()
            raise

    # All of it

    def read_again(
        self, api: Api, websites: Iterable[Website], readings: Readings, of_websites: Mapping[str, Values]
    ) -> None:
        """Take another document, other fixtures and readings; payments, and every change of websites, stay."""
        self._world.keeping.read(api, readings, of_websites)
        self._world.store.reseed(websites)
        self._commit()

    def snapshot(self, *, payments: bool = True) -> dict[str, Any]:
        """What the fixtures do not hold: payments, and websites and sessions that were added. Tokens are included."""
        return state.snapshot(self._world.store, payments=payments)

    def replace(self, snapshot: Any) -> None:
        """Back to the fixtures, and then what a snapshot holds; nothing is changed where it is wrong.

        Raises:
            ValueError: it is not a snapshot; the text says what came and what was expected.
        """
        for _ in self.replacing(snapshot):
            pass

    def replacing(self, snapshot: Any) -> state.Steps[None]:
        """The same in small steps; nothing is changed before the last one.

        Raises:
            ValueError: see `replace`.
        """
        return state.replacing(self._world.store, snapshot)
