"""Events that are found though an id is unknown, or belongs to another event."""

from __future__ import annotations

from typing import Any

from tests.services.service import Refused, Service
from tests.services.wrong.table import patched, refuse, wrong

patched("match.session", "TheSessionDoesNotCount", same_session=lambda s, g, k: True)
patched("match.visitor", "TheVisitorDoesNotCount", same_visitor=lambda s, g, k: True)
patched("match.session", "UnknownIs400", no_match=lambda s, st: refuse(400))
patched("match.session", "UnknownIs422", no_match=lambda s, st: refuse(422))
patched("match.session", "UnknownIs410", no_match=lambda s, st: refuse(410))
patched("match.session", "UnknownIsFine", no_match=lambda s, st: None)
patched("match.session", "UnknownIs500", no_match=lambda s, st: refuse(500))
patched("match.session", "EmptySessionMatches", same_session=lambda s, g, k: g in ("", k))
patched("match.visitor", "EmptyVisitorMatches", same_visitor=lambda s, g, k: g in ("", k))
patched("match.visitor", "AnonymousVisitors", same_visitor=lambda s, g, k: g in ("anonymous", k))
patched("match.session", "NullAsText", same_session=lambda s, g, k: g in ("null", k))
patched("match.session", "PrototypesMatch", same_session=lambda s, g, k: g in ("constructor", k))


@wrong("match.session")
class AnUnknownSessionIsCreated(Service):
    def match(self, state: dict[str, Any]) -> None:
        key = (state["body"]["website_id"], state["body"]["session_id"], state["body"]["visitor_id"])
        if key in self.memory:
            return
        try:
            super().match(state)
        except Refused:
            self.memory[key] = True
            raise


@wrong("match.session")
class OnceInFiftyAnyMatches(Service):
    def no_match(self, state: dict[str, Any]) -> None:
        self.memory["n"] = self.memory.get("n", 0) + 1
        if self.memory["n"] % 50:
            raise Refused(404)


@wrong("match.session")
class TheLastMatchIsReused(Service):
    """A lookup that fails takes the result of the one before."""

    def no_match(self, state: dict[str, Any]) -> None:
        if self.memory.pop("matched", None) != state["body"]["visitor_id"]:
            raise Refused(404)

    def create(self, state: dict[str, Any]) -> None:
        super().create(state)
        self.memory["matched"] = state["body"]["visitor_id"]


# match.together


@wrong("match.together")
class EachIdForItself(Service):
    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:
        events = self.shops[body["website_id"]]["events"]
        return any(body["session_id"] == s for s, _ in events) and any(body["visitor_id"] == v for _, v in events)


@wrong("match.together")
class AnyWebsitesEvent(Service):
    def match(self, state: dict[str, Any]) -> None:
        body = state["body"]
        if not any((body["session_id"], body["visitor_id"]) in shop["events"] for shop in self.shops.values()):
            raise Refused(404)


@wrong("match.together")
class AVisitorOfAnyWebsite(Service):
    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:
        known = {v for shop in self.shops.values() for _, v in shop["events"]} - {
            v for _, v in self.shops[body["website_id"]]["events"]
        }
        return body["session_id"] == session and body["visitor_id"] in known | {visitor}


@wrong("match.together")
class SwappedIdsMatch(Service):
    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:
        return {body["session_id"], body["visitor_id"]} == {session, visitor}


@wrong("match.together")
class TheIdsAreJoined(Service):
    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:
        return bool(body["session_id"] + body["visitor_id"] == session + visitor)


@wrong("match.together")
class OfOneWebsiteOnly(Service):
    """Only the first website's sessions are looked at together."""

    def is_event(self, body: dict[str, Any], session: str, visitor: str) -> bool:
        if body["website_id"] == "shop_heron":
            return bool(body["session_id"] == session)
        return super().is_event(body, session, visitor)
