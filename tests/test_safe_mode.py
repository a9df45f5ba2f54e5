"""Safe mode checks a service whatever its ids look like, and names none of its sessions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.services.examine import broken, examine
from tests.services.service import Service
from trackfox_contract.request.call import encode, post
from trackfox_contract.wire.safety import SafetyGuard, UnsafeCallError
from trackfox_mock import Session, Website

_UNUSUAL = {
    "one letter": ("w", "1", "a"),
    "digits": ("7", "1", "2"),
    "names of fields": ("website_id", "session_id", "visitor_id"),
    "words of every request": ("json", "revenue", "application"),
    "not ASCII": ("w\u00e9", "s\u00e9", "v\u00fc"),
    "not Latin": ("\u72d0", "\u72d0\u72f8", "\U0001f98a"),
    "the website's own id": ("acme-1", "acme-1", "v-1"),
    "the check's address": ("acme", "contract-check@example.com", "example.com"),
    "punctuation": ("--", "-", "_"),
    "every letter of the alphabet": ("w", "abcde fghijklmnopqrstuvwxyz", "0123456789"),
}


def service_of(kind: type[Service], website_id: str, session_id: str, visitor_id: str) -> Service:
    service = kind()
    service.shops = {website_id: {"token": "tf_unusual_1", "events": [(session_id, visitor_id)]}}
    return service


def website_of(website_id: str, session_id: str, visitor_id: str) -> Website:
    return Website(website_id, "tf_unusual_1", sessions=(Session(website_id, session_id, visitor_id, None, {}),))


@pytest.mark.parametrize(
    "ids",
    [
        pytest.param(ids, id=name, marks=() if name in ("one letter", "not Latin") else pytest.mark.slow)
        for name, ids in _UNUSUAL.items()
    ],
)
def test_a_legal_service_of_unusual_ids_is_checked_and_not_accused(ids: tuple[str, str, str]) -> None:
    service = service_of(Service, *ids)
    seen = examine(service, writes=False, known=[website_of(*ids)])
    assert seen.findings == []
    assert {"400", "401", "404"} <= set(seen.statuses)
    assert service.payments == []


class AnyAddress(Service):
    def is_address(self, value: Any) -> bool:
        return isinstance(value, str)


class NoLookUp(Service):
    """Breaks so that whatever names a known session is paid, under any name of a field."""

    def validate(self, state: dict[str, Any]) -> None:
        super().validate(state)
        known = {session for shop in self.shops.values() for session, _ in shop["events"]}
        named = [value for name, value in state["body"].items() if name not in ("website_id", "revenue", "email")]
        if any(value in known for value in named if isinstance(value, str)):
            self.create(state)


def test_a_wrong_service_of_short_ids_is_found() -> None:
    ids = _UNUSUAL["one letter"]
    service = service_of(AnyAddress, *ids)
    assert "email.valid" in broken(examine(service, writes=False, known=[website_of(*ids)], looking_for="email.valid"))


def test_a_short_id_is_not_named_even_by_chance() -> None:
    ids = _UNUSUAL["one letter"]
    service = service_of(NoLookUp, *ids)
    examine(service, writes=False, known=[website_of(*ids)])
    assert service.payments == []


_USUAL = {"website_id": "w", "session_id": "zzzz", "visitor_id": "yyyy", "revenue": 1, "email": "x@example.com"}


@pytest.mark.parametrize(
    ("session_id", "body", "refused"),
    [
        ("1", _USUAL, ""),
        ("1", _USUAL | {"session_id": "1"}, "existing session"),
        ("1", _USUAL | {"session_id": 1}, "existing session"),
        ("1", _USUAL | {"visitor_id": ["1"]}, "existing session"),
        ("1", _USUAL | {"sessionId": "1"}, "existing session"),
        ("1", _USUAL | {"revenue": {"session_id": "1"}}, "existing session"),
        ("email", _USUAL, ""),
        ("email", _USUAL | {"session_id": "E-Mail"}, "existing session"),
        ("ses_long_1", _USUAL | {"email": "ses_long_1@example.com"}, "existing session"),
        ("ses_long_1", _USUAL | {"session_id": "SES-LONG-1"}, "existing session"),
        ("ses_long_1", _USUAL | {"session_id": "long"}, "existing session"),
    ],
)
def test_an_id_may_not_stand_where_a_service_looks_for_it(
    session_id: str, body: Mapping[str, Any], refused: str
) -> None:
    usual = post("/", encode(_USUAL), "tf_unusual_1")
    guard = SafetyGuard([website_of("w", session_id, "\u00e4")], [usual], {"website_id", "revenue", "email"})
    call = post("/", encode(body), "tf_unusual_1")
    if refused:
        with pytest.raises(UnsafeCallError, match=refused):
            guard.check(call)
    else:
        guard.check(call)
