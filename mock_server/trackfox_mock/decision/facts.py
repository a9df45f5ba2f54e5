"""What the decision has to know of the ids and the token in a request."""

from __future__ import annotations

from typing import Protocol

from trackfox_mock.model import Session, Website


class Facts(Protocol):
    """What is known of the ids in a request. The store is one; a store that lives elsewhere would be another."""

    def website(self, website_id: str) -> Website | None:
        """The website of that id."""

    def token_owner(self, api_token: str) -> str | None:
        """The id of a website that has this token."""

    def events(self, website_id: str, session_id: str, visitor_id: str) -> tuple[Session, ...]:
        """The visitor events of that session and visitor in that website, the earliest first."""

    def admitted(self, website_id: str, authorization: bytes, session_id: str, visitor_id: str) -> tuple[Session, ...]:
        """The same events, if that is an Authorization header which is good for the website under every reading."""

    def knows_session(self, website_id: str, session_id: str) -> bool:
        """Whether the website has a session of that id."""

    def knows_visitor(self, website_id: str, visitor_id: str) -> bool:
        """Whether the website has a visitor of that id."""
