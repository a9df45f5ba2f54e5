"""Websites and their sessions in memory, and from there the facts of a decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import chain, islice

from msgspec.structs import replace

from trackfox_mock.model import Session, Website
from trackfox_mock.redaction.known_tokens import KnownTokens
from trackfox_mock.tenants.store import Change


class Tenant:
    """One website with all that belongs to it.

    Args:
        website: its id, token, name and first sessions.

    `bearer` is the Authorization header that is good for it under every reading; None where its token is an odd one.
    `added` are the visitor events that came after the first ones.
    """

    def __init__(self, website: Website) -> None:
        self.website = replace(website, sessions=())
        self.bearer = _bearer(website.api_token)
        self.events: dict[str, tuple[Session, ...]] = {}
        self.added: list[Session] = []
        self._visitors: set[str] | None = None
        for session in website.sessions:
            self.add(session)

    @property
    def sessions(self) -> Iterator[Session]:
        """Every visitor event, in the order in which their sessions were added."""
        return chain.from_iterable(self.events.values())

    @property
    def visitors(self) -> set[str]:
        """The ids of every visitor."""
        if self._visitors is None:
            self._visitors = {session.visitor_id for session in self.sessions}
        return self._visitors

    def add(self, session: Session) -> bool:
        """Add a visitor event, unless the same one is there: whether it was added."""
        events = self.events.get(session.session_id)
        if events is None:
            self.events[session.session_id] = (session,)
        elif session in events:
            return False
        else:
            # sorted() is stable: of events without a time, or with the same, the one added last counts as the latest.
            self.events[session.session_id] = tuple(sorted((*events, session), key=_time))
        self._visitors = None
        return True


def _time(session: Session) -> float:
    return session.occurred_at or 0.0


def _bearer(token: str) -> bytes | None:
    is_plain = token and token.isprintable() and " " not in token
    return b"Bearer " + token.encode() if is_plain else None


class Directory:
    """The websites that are there, and in what they differ from the fixtures: half of a `Store`.

    Args:
        fixtures: the websites it starts with.
    """

    def __init__(self, fixtures: Iterable[Website] = ()) -> None:
        self._start(fixtures)

    # Facts

    def website(self, website_id: str) -> Website | None:
        """The website of that id, without its sessions."""
        tenant = self._tenants.get(website_id)
        return None if tenant is None else tenant.website

    def token_owner(self, api_token: str) -> str | None:
        """The id of a website that has this token."""
        return self._owners.get(api_token)

    def events(self, website_id: str, session_id: str, visitor_id: str) -> tuple[Session, ...]:
        """The visitor events of that session and visitor in that website, the earliest first."""
        tenant = self._tenants.get(website_id)
        return () if tenant is None else _of_visitor(tenant.events.get(session_id, ()), visitor_id)

    def admitted(self, website_id: str, authorization: bytes, session_id: str, visitor_id: str) -> tuple[Session, ...]:
        """The same events, if that Authorization header is good for the website under every reading; else none."""
        tenant = self._tenants.get(website_id)
        if tenant is None or tenant.bearer != authorization:
            return ()
        return _of_visitor(tenant.events.get(session_id, ()), visitor_id)

    def knows_session(self, website_id: str, session_id: str) -> bool:
        """Whether the website has a session of that id."""
        tenant = self._tenants.get(website_id)
        return tenant is not None and session_id in tenant.events

    def knows_visitor(self, website_id: str, visitor_id: str) -> bool:
        """Whether the website has a visitor of that id."""
        tenant = self._tenants.get(website_id)
        return tenant is not None and visitor_id in tenant.visitors

    # Websites and sessions

    def websites(self) -> Iterator[Website]:
        """Every website, without its sessions."""
        return (tenant.website for tenant in list(self._tenants.values()))

    @property
    def websites_total(self) -> int:
        """How many websites there are."""
        return len(self._tenants)

    def sessions(self, website_id: str) -> Iterator[Session]:
        """The visitor events of a website, in the order in which their sessions were added."""
        return self._tenants[website_id].sessions

    def sessions_total(self, website_id: str) -> int:
        """How many visitor events a website has."""
        return sum(map(len, self._tenants[website_id].events.values()))

    def session(self, website_id: str, session_id: str) -> tuple[Session, ...]:
        """The visitor events of one session, whoever the visitor is, the earliest first."""
        tenant = self._tenants.get(website_id)
        return () if tenant is None else tenant.events.get(session_id, ())

    def session_ids(self, website_id: str) -> Iterable[str]:
        """The ids of the sessions of a website."""
        return self._tenants[website_id].events.keys()

    def visitor_ids(self, website_id: str) -> Iterable[str]:
        """The ids of the visitors of a website."""
        return self._tenants[website_id].visitors

    def knows_id(self, text: str) -> bool:
        """Whether one of the first hundred websites has a session or a visitor of that id."""
        return any(text in tenant.events or text in tenant.visitors for tenant in islice(self._tenants.values(), 100))

    # The fixtures

    def change(self) -> Change:
        """In what its websites and sessions differ from the fixtures."""
        added = [tenant for website_id, tenant in self._tenants.items() if website_id in self._added]
        fixed = [tenant for website_id, tenant in self._tenants.items() if website_id not in self._added]
        return Change(
            tuple(replace(tenant.website, sessions=tuple(tenant.sessions)) for tenant in added),
            tuple(chain.from_iterable(tenant.added for tenant in fixed)),
            tuple(sorted(self._removed)),
        )

    def _start(self, fixtures: Iterable[Website]) -> None:
        self.fixtures = tuple(fixtures)
        self._fixed = {website.website_id for website in self.fixtures}
        self._added: set[str] = set()
        self._removed: set[str] = set()
        self._tenants: dict[str, Tenant] = {}
        self._owners: dict[str, str] = {}
        self.known_tokens = KnownTokens()
        for website in self.fixtures:
            self._put(website)

    def _put(self, website: Website) -> None:
        self._tenants[website.website_id] = Tenant(website)
        self._owners[website.api_token] = website.website_id
        self.known_tokens.add(website.api_token)

    def _drop(self, website_id: str) -> None:
        tenant = self._tenants.pop(website_id, None)
        if tenant is not None:
            self.known_tokens.remove(tenant.website.api_token)
        if tenant is not None and self._owners.get(tenant.website.api_token) == website_id:
            token = tenant.website.api_token
            del self._owners[token]
            # Fixtures may give two websites one token; it stays known, and a secret, while either is there.
            others = ((token, other) for other, one in self._tenants.items() if one.website.api_token == token)
            self._owners.update(others)
        self._added.discard(website_id)
        if website_id in self._fixed:
            self._removed.add(website_id)

    def _add(self, website: Website) -> None:
        self._drop(website.website_id)
        self._added.add(website.website_id)
        self._put(website)

    def _add_session(self, session: Session) -> None:
        tenant = self._tenants[session.website_id]
        if tenant.add(session):
            tenant.added.append(session)

    def _make(self, change: Change) -> None:
        """Make a change of earlier again; what the fixtures have by now wins over a website that was only added."""
        for website_id in self._fixed.intersection(change.removed):
            self._drop(website_id)
        for website in change.websites:
            if website.website_id not in self._tenants:
                self._add(website)
        for session in change.sessions:
            if session.website_id in self._tenants:
                self._add_session(session)


def _of_visitor(events: tuple[Session, ...], visitor_id: str) -> tuple[Session, ...]:
    if len(events) == 1 and events[0].visitor_id == visitor_id:
        return events
    return tuple(event for event in events if event.visitor_id == visitor_id)
