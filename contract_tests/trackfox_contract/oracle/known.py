"""What is known of a service: its document, and the websites, tokens and sessions of the fixtures."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache, partial
from itertools import chain
from typing import TYPE_CHECKING

import msgspec

from trackfox_contract.oracle.document import IDENTITY, Document
from trackfox_contract.oracle.oracle import LARGE, expect
from trackfox_contract.oracle.shapes import UUID, shape_of

if TYPE_CHECKING:
    import re
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from trackfox_contract.oracle.expectation import Expectation, Stage
    from trackfox_contract.request.call import Call
    from trackfox_mock import Website

_CALLS = 8192  # more than a standard run sends that differ
_SHORT_ID = 6
_MOST_WEBSITES = 8
_MOST_SESSIONS = 12


@dataclass(frozen=True, slots=True)
class KnownWebsites:
    """What is known of the service: its document, and the websites of the fixtures.

    Attributes:
        document: the document that the service is to keep.
        websites: the websites, tokens and sessions that it is known to have.
        letters_of_nobody: what unknown ids are made of, so that no short known id is a part of one; empty when the
            known ids are long.
        refuses_shapes: whether the service was seen to refuse ids of another shape than the known ones.
        shapes: the ids of which a service may refuse all with 400 that do not match: where all known ones are UUIDs,
            and wherever it was seen to.
        asked_about: the websites, with the sessions, that a run names: all of a few, else the first ones, since each
            is tried with each other.
    """

    document: Document
    websites: Sequence[Website]

    refuses_shapes: bool = False
    shapes: Mapping[str, re.Pattern[str]] = field(init=False, repr=False, compare=False)
    letters_of_nobody: str = field(init=False, repr=False, compare=False)
    asked_about: tuple[Website, ...] = field(init=False, repr=False, compare=False)
    _tokens: dict[str, str] = field(init=False, repr=False, compare=False)
    _events: dict[str | None, Events] = field(init=False, repr=False, compare=False)
    _known: dict[str, frozenset[str]] = field(init=False, repr=False, compare=False)
    _remembered: Callable[..., Expectation] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        events: dict[str | None, Events] = {
            website.website_id: Events((session.session_id, session.visitor_id) for session in website.sessions)
            for website in self.websites
        }
        events[None] = Events(chain.from_iterable(one.pairs for one in events.values()))
        sessions, visitors = events[None].ids
        known = {
            "session_id": sessions,
            "visitor_id": visitors,
            "website_id": frozenset(website.website_id for website in self.websites),
            "token": frozenset(website.api_token for website in self.websites),
        }
        object.__setattr__(self, "_events", events)
        object.__setattr__(self, "_known", known)
        object.__setattr__(self, "asked_about", tuple(_first(self.websites)))
        object.__setattr__(self, "letters_of_nobody", _free_letters(sessions | visitors))
        object.__setattr__(self, "shapes", dict(self._shapes()))
        object.__setattr__(self, "_tokens", {website.website_id: website.api_token for website in self.websites})
        object.__setattr__(self, "_remembered", lru_cache(_CALLS)(partial(expect, self)))

    def expect(self, call: Call, before_match: frozenset[Stage] = frozenset()) -> Expectation:
        """As the function `expect`, for whoever asks about the same calls again and again, as a run does."""
        return self._remembered(call, before_match) if len(call.body) <= LARGE else expect(self, call, before_match)

    def _shapes(self) -> Iterator[tuple[str, re.Pattern[str]]]:
        for name in IDENTITY:
            shape = shape_of(self._known[name])
            if shape is not None and (shape is UUID or self.refuses_shapes):
                yield name, shape

    def tokens(self) -> Mapping[str, str]:
        """Each website's token."""
        return self._tokens

    def all_of(self, name: str) -> frozenset[str]:
        """All that is known of a field of ids, or of `token`."""
        return self._known[name]

    def events(self, website_id: str | None = None) -> Events:
        """The visitor events of one website, or of all."""
        return self._events.get(website_id, _NO_EVENTS)


class Events:
    """The pairs of session and visitor that a website has, and its ids of either kind."""

    def __init__(self, pairs: Iterable[tuple[str, str]] = ()) -> None:
        self.pairs = set(pairs)
        self.ids = frozenset(one for one, _ in self.pairs), frozenset(other for _, other in self.pairs)

    def __contains__(self, pair: object) -> bool:
        return pair in self.pairs

    def unmatched(self, given: Mapping[int, str]) -> list[str]:
        """The clauses that ids break: 0 is the session's, 1 the visitor's; those that are not given match all."""
        if tuple(given.values()) in self.pairs or (not given and self.pairs):
            return []
        unknown = [index for index, value in given.items() if value not in self.ids[index]]
        if unknown:
            return ["match.visitor" if index else "match.session" for index in unknown]
        return [] if len(given) == 1 else ["match.together"]


_NO_EVENTS = Events()


def _first(websites: Sequence[Website]) -> Iterator[Website]:
    if len(websites) > _MOST_WEBSITES:
        websites = sorted(websites, key=lambda website: not website.sessions)[:_MOST_WEBSITES]
    for website in websites:
        has_more = len(website.sessions) > _MOST_SESSIONS
        yield msgspec.structs.replace(website, sessions=website.sessions[:_MOST_SESSIONS]) if has_more else website


def _free_letters(ids: Iterable[str]) -> str:
    used = set("".join(known for known in ids if len(known) < _SHORT_ID).casefold())
    free = "".join(sorted(set("abcdefghijklmnopqrstuvwxyz0123456789") - used))
    return free if used and len(free) > 1 else ""
