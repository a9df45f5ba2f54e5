"""A website that belongs to one test: its token, sessions and readings, and that it goes when the test is over."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from typing import Any, Self

from trackfox_mock.model import Session, Website
from trackfox_mock.testing.host import Host

_ATTRIBUTION = {"source": "google", "medium": "cpc", "campaign": "launch"}


class Tenant:
    """A website of its own on a mock that others use, too.

    Args:
        host: the mock.
        readings: by silence, what is read otherwise than by default for this website.
    """

    def __init__(self, host: Host, readings: Mapping[str, str] | None = None) -> None:
        self._host = host
        self._readings = dict(readings or {})
        self._others: list[Self] = []
        self.base_url = host.base_url
        self.url = host.base_url + host.world.api.path
        self.website_id = f"web_{secrets.token_hex(6)}"
        self.api_token = f"tf_mock_{secrets.token_hex(12)}"
        self.session = self._session(f"vis_{secrets.token_hex(6)}", _ATTRIBUTION)
        self._last_number = host.call(self._arrive)

    def _arrive(self) -> int:
        world = self._host.world
        world.store.add(Website(self.website_id, self.api_token, sessions=(self.session,)))
        world.services.read_website(self.website_id, self._readings)
        self._host.guests.append(self)
        return max((entry.number for entry in world.journal), default=0)

    def leave(self) -> None:
        """Remove the website with its payments, requests and readings, and those of `other_website`."""
        for other in self._others:
            other.leave()
        self._host.call(self._leave)

    def _leave(self) -> None:
        self._host.world.administration.remove_website(self.website_id)
        self._host.guests.remove(self)

    def new_session(self, visitor_id: str | None = None, /, **attribution: Any) -> Session:
        """Add a visitor's session to the website.

        Args:
            visitor_id: whose; a new visitor's by default.
            attribution: its attribution context, as `source="newsletter"`.
        """
        session = self._session(visitor_id or f"vis_{secrets.token_hex(6)}", attribution)
        self._host.call(lambda: self._host.world.store.add_session(session))
        return session

    def _session(self, visitor_id: str, attribution: Mapping[str, Any]) -> Session:
        return Session(self.website_id, f"ses_{secrets.token_hex(6)}", visitor_id, time.time(), attribution)

    def other_website(self) -> Self:
        """Another website with a token and a session of its own; it goes when this one goes."""
        other = type(self)(self._host, self._readings)
        self._others.append(other)
        return other

    def reading(self, **values: str) -> None:
        """Read silences otherwise from now on, as `reading(order="body-first", error_body="html")`.

        Raises:
            ReadingValueError: a silence or a value does not exist.
        """
        self._readings |= {silence.replace("_", "-"): value for silence, value in values.items()}
        self._host.call(lambda: self._host.world.services.read_website(self.website_id, self._readings))
        for other in self._others:
            other.reading(**values)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.website_id} on {self.base_url}>"
