"""What can be done to a world beside sending it requests: websites come and go, it is reset, saved and restored."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any

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

        Raises:
            KeyError: there is no such website.
            ValueError: the shape is wrong; the text names the field.
        """
        session = parse_session(website_id, self._ids.session(given))
        self._world.store.add_session(session)
        return session

    def remove_website(self, website_id: str) -> None:
        """Remove a website and all that belongs to it: sessions, payments, requests, readings."""
        self._world.store.remove(website_id)
        self._world.journal.forget(website_id)
        self._world.refusals.forget(website_id)
        self._world.expectations.clear(website_id)
        self._world.services.read_website(website_id, {})
        self._world.rates.forget(website_id)
        self._world.faults.clear(website_id)

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
            self._world.services.reset(website_id)

    def reseed(self, websites: Iterable[Website]) -> None:
        """Take other fixtures; payments, and websites and sessions that were added, stay."""
        self._world.store.reseed(websites)

    def snapshot(self) -> dict[str, Any]:
        """What the fixtures do not hold: payments, and websites and sessions that were added. Tokens are included."""
        return state.snapshot(self._world.store)

    def restore(self, snapshot: Any) -> None:
        """Add what a snapshot holds to what is there.

        Raises:
            ValueError: it is not a snapshot; the text says what came and what was expected.
        """
        state.restore(self._world.store, snapshot)

    def replace(self, snapshot: Any) -> None:
        """Back to the fixtures, and then what a snapshot holds; nothing is changed where it is wrong.

        Raises:
            ValueError: it is not a snapshot; the text says what came and what was expected.
        """
        state.replace(self._world.store, snapshot)
