"""Safe mode checks a service whatever its ids look like, and names none of its sessions."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

import pytest

from tests.services.examine import BRIEF, broken, examine, websites
from tests.services.service import FIELDS, Refused, Request, Send, Service
from trackfox_contract.engine.check import Check
from trackfox_contract.engine.settings import App, Settings
from trackfox_contract.learning.compare import compare
from trackfox_contract.learning.mock import Mock
from trackfox_contract.learning.observe import observe
from trackfox_contract.oracle.document import Document
from trackfox_contract.request.call import encode, post
from trackfox_contract.wire.safety import SafetyGuard, UnsafeCallError
from trackfox_mock import Session, Website, load_spec, running

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
        pytest.param(ids, id=name, marks=() if name == "one letter" else pytest.mark.slow)
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


@pytest.mark.slow
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


@pytest.mark.parametrize("session_id", ["ses_long_1", "~*~*~*~*"])
def test_an_id_may_stand_nowhere_in_the_address(session_id: str) -> None:
    guard = SafetyGuard([website_of("w", session_id, "\u00e4")], [post("/", encode(_USUAL), None)])
    with pytest.raises(UnsafeCallError):
        guard.check(post(f"/?session={session_id}", encode(_USUAL), None))


def test_a_guard_that_has_let_many_calls_pass_refuses_as_before() -> None:
    guard = SafetyGuard([website_of("w", "ses_long_1", "\u00e4")], [post("/", encode(_USUAL), None)], {"email"})
    for number in range(3000):
        guard.check(post("/", encode(_USUAL | {"session_id": f"none-{number}", "visitor_id": f"{number}-none"}), None))
    for named in ("ses_long_1", "SES-LONG-1", "none-1-ses_long_1", "long"):
        with pytest.raises(UnsafeCallError):
            guard.check(post("/", encode(_USUAL | {"session_id": named, "visitor_id": "none-1"}), None))


class Skipping(Service):
    """Forgets some of its steps, and does not mind what then is absent."""

    def parse(self, request: Request) -> dict[str, Any]:
        return {**dict.fromkeys(FIELDS), **super().parse(request)}

    def create(self, state: dict[str, Any]) -> None:
        self.payments.append(dict(state.get("body", {})))


class NotEvenJson(Skipping):
    steps = ()


class NeitherMatchNorJson(Skipping):
    steps = ("authorize", "read", "authenticate_if_it_can")

    def parse(self, request: Request) -> dict[str, Any]:
        try:
            return super().parse(request)
        except (Refused, ValueError):
            return dict.fromkeys(FIELDS)

    def authenticate_if_it_can(self, state: dict[str, Any]) -> None:
        if state["body"]["website_id"] is not None:
            self.authenticate(state)


class LetsEveryHundredthPass(Service):
    def match(self, state: dict[str, Any]) -> None:
        if self.count % 100:
            super().match(state)


class AnEmptyVisitorMatches(Service):
    def match(self, state: dict[str, Any]) -> None:
        if state["body"]["visitor_id"]:
            super().match(state)


class GetPaysToo(Skipping):
    steps = ("authorize", "read", "validate", "authenticate")

    def route(self, request: Request) -> None:
        """Any path, any method."""


def _without(*skipped: str) -> type[Service]:
    steps = tuple(step for step in Service.steps if step not in skipped)
    return type("Without" + "".join(map(str.title, skipped)), (Skipping,), {"steps": steps})


SKIPPING = [
    _without("match"),
    _without("authorize", "authenticate"),
    _without("authorize", "authenticate", "match"),
    _without("authenticate", "match"),
    _without("validate"),
    _without("validate", "match"),
    _without("authorize", "authenticate", "validate"),
    _without("authorize", "authenticate", "validate", "match"),
    NotEvenJson,
    NeitherMatchNorJson,
    LetsEveryHundredthPass,
    AnEmptyVisitorMatches,
    GetPaysToo,
]
_STILL_MATCHING = ("WithoutAuthorizeAuthenticate", "WithoutValidate", "WithoutAuthorizeAuthenticateValidate")
_PAYING = [kind for kind in SKIPPING if kind.__name__ not in _STILL_MATCHING]


def check_of(service: App | str) -> Check:
    """A run in safe mode."""
    return Check(
        Settings(service, Document.of(load_spec()), websites(), allow_writes=False, budget=BRIEF, seed=1, timeout=2.0)
    )


_QUICK = {"NotEvenJson", "LetsEveryHundredthPass"}
_KINDS = [pytest.param(kind, marks=() if kind.__name__ in _QUICK else pytest.mark.slow) for kind in SKIPPING]


@pytest.mark.parametrize("kind", _KINDS)
def test_verify_is_answered_with_success_once_at_most(kind: type[Service]) -> None:
    service = kind()
    seen = examine(service, writes=False)
    assert len(service.payments) == seen.payments == (kind in _PAYING)
    assert seen.findings or kind not in _PAYING


@pytest.mark.parametrize("kind", SKIPPING)
def test_observe_is_answered_with_success_once_at_most(kind: type[Service]) -> None:
    service = kind()
    check = check_of(service)
    observe(check, Mock(load_spec(), websites()))
    check.client.close()
    assert len(service.payments) == check.client.payments <= 1


@pytest.mark.parametrize("kind", _KINDS)
def test_compare_is_answered_with_success_once_at_most(kind: type[Service]) -> None:
    service = kind()
    checks = check_of(service), check_of(Service())
    list(compare(*checks, Mock(load_spec(), websites())))
    for check in checks:
        check.client.close()
    assert len(service.payments) == checks[0].client.payments <= 1


class Slowly(Skipping):
    """Answers late, so that many requests are under way at once."""

    async def handle(self, request: Request, send: Send) -> None:
        await asyncio.sleep(0.04)
        await super().handle(request, send)


@pytest.mark.parametrize("kind", _PAYING)
def test_many_connections_at_once_are_answered_with_success_once_at_most(kind: type[Service]) -> None:
    service = type("Late", (kind, Slowly), {})()
    with running(service) as url:
        check = check_of(url)
        builder = check.builder
        calls = [builder.call({"session_id": builder.unknown(f"{number}"), "visitor_id": ""}) for number in range(40)]
        answers = check.client.send_all(calls * 3, connections=8)
        check.client.close()
    assert len(service.payments) == 1
    assert None in answers


def test_what_was_paid_is_named_so_that_it_can_be_found() -> None:
    service = _without("match")()
    notes = examine(service, writes=False).warning
    assert service.payments[0]["session_id"] in notes
    assert service.payments[0]["visitor_id"] in notes
    assert "@example.com" in notes
    assert "1 cent" in notes


@pytest.mark.slow
def test_a_service_that_looks_for_no_match_is_still_asked_what_it_must_refuse_for_want_of_a_token() -> None:
    service = _without("match")()
    seen = examine(service, writes=False)
    assert broken(seen) >= {"match.session"}
    assert seen.requests["auth.missing"] > 0
    assert len(service.payments) == 1
