"""Kinds of requests whose answers differ, for what one may do to the next: sequences, long runs, many at once."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from typing import Any

from trackfox_contract.cases.builder import ABSENT, RequestBuilder
from trackfox_contract.request.call import Call, encode


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of request.

    Attributes:
        name: what it is, in a few words.
        clause_id: the clause that a wrong answer breaks.
        call: the request.
    """

    name: str
    clause_id: str
    call: Call

    @property
    def is_valid(self) -> bool:
        """Whether a payment is expected of it."""
        return self.clause_id == "endpoint"


def scenarios_of(ground: RequestBuilder) -> list[Scenario]:
    """The kinds that a service has to keep apart; without writes only those that are refused."""
    refused = [
        Scenario("no token", "auth.missing", ground.authorized()),
        Scenario("a malformed header", "auth.malformed", ground.authorized("Bearer")),
        Scenario("an unknown token", "auth.invalid", ground.authorized(f"Bearer {ground.unknown('token')}")),
        Scenario("an invalid e-mail", "email.valid", ground.call(_known(ground, {"email": "nobody"}))),
        Scenario("an invalid amount", "revenue.positive-integer", ground.call(_known(ground, {"revenue": -1}))),
        Scenario("an absent session", "field.required", ground.call({"session_id": ABSENT})),
        Scenario("no JSON", "body.object", ground.raw(b'{"session_id": ')),
        Scenario("an unknown session", "match.session", ground.call({"session_id": ground.unknown("session")})),
        Scenario("an unknown visitor", "match.visitor", ground.call({"visitor_id": ground.unknown("visitor")})),
    ]
    for other in ground.facts.websites:
        if other.api_token != ground.website.api_token:
            refused.append(
                Scenario("another website's token", "auth.website", ground.authorized(f"Bearer {other.api_token}"))
            )
            break
    return [kind for kind in (*_valid(ground), *_mixed(ground), *refused) if _is_about_a_field(ground, kind)]


def _known(ground: RequestBuilder, changes: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in changes.items() if name in ground.document.fields}


def _is_about_a_field(ground: RequestBuilder, kind: Scenario) -> bool:
    """An edited document may have no e-mail or amount; then there is nothing to be wrong about it."""
    return kind.is_valid or kind.call != ground.call()


def _valid(ground: RequestBuilder) -> list[Scenario]:
    if ground.session is None:
        return []
    kinds = [Scenario("a valid call", "endpoint", ground.call())]
    for session in ground.website.sessions:
        if session.visitor_id != ground.session.visitor_id:
            kinds.append(
                Scenario("a valid call of another visitor", "endpoint", ground.at(ground.website, session).call())
            )
            break
    for website in ground.facts.websites:
        if website.website_id != ground.website.website_id and website.sessions:
            call = ground.at(website, website.sessions[0]).call()
            kinds.append(Scenario("a valid call of another website", "endpoint", call))
            break
    return kinds


def _mixed(ground: RequestBuilder) -> list[Scenario]:
    if ground.session is None:
        return []
    for session in ground.website.sessions:
        if session.visitor_id != ground.session.visitor_id:
            return [
                Scenario("another visitor's session", "match.together", ground.call({"session_id": session.session_id}))
            ]
    return []


_MOST_SESSIONS = 12
_PAYMENTS = (
    {"revenue": 2, "email": "customer@example.org"},
    {"revenue": 99, "email": "customer+tag@example.com"},
    {"revenue": 1000, "email": "CUSTOMER@EXAMPLE.COM"},
    {"revenue": 9900, "email": "customer@mail.example.co.uk"},
    {"revenue": 250_000, "email": "first.last@example.com"},
    {"revenue": 5_000_000, "email": "customer@example.io"},
    {"revenue": 100_000_000, "email": "customer@example.museum"},
    {"revenue": 4999, "email": "test@example.com"},
    {"revenue": 29_900, "email": "admin@example.net"},
)


def _reversed(body: Mapping[str, Any]) -> bytes:
    return encode(dict(reversed(list(body.items()))))


def _sorted(body: Mapping[str, Any]) -> bytes:
    return encode(dict(sorted(body.items())))


def _tight(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, separators=(",", ":")).encode()


def _indented(body: Mapping[str, Any]) -> bytes:
    return json.dumps(body, indent=2).replace("\n", "\r\n").encode()


_WRITINGS = (_reversed, _sorted, _tight, _indented)


def everywhere(grounds: Sequence[RequestBuilder]) -> Iterator[RequestBuilder]:
    """A ground for each session of each website, and for payments of other amounts to other addresses.

    The payments are written in other ways too, so that what is wrong in one writing alone is met.
    """
    for ground in grounds:
        for session in ground.website.sessions[:_MOST_SESSIONS] if ground.writes else (None,):
            yield ground.at(ground.website, session)
    for payment, write in zip(_PAYMENTS, cycle(_WRITINGS)):
        yield grounds[0].with_values(**payment).written(write)


def where(ground: RequestBuilder) -> str:
    """Which ground it is, in a few words."""
    if ground.always:
        return ", ".join(f"{name} {value}" for name, value in ground.always.items())
    sessions = list(ground.website.sessions)
    return (
        f"{ground.website.website_id}, session {sessions.index(ground.session) + 1}"
        if ground.session
        else ground.website.website_id
    )


_FEW = {"endpoint", "auth.missing", "auth.invalid", "auth.website", "email.valid", "match.session", "field.required"}


def few(kinds: Sequence[Scenario]) -> list[Scenario]:
    """The kinds that differ most, for when every one is tried after every two others."""
    return [kind for kind in kinds if kind.clause_id in _FEW]


def every_order(count: int, depth: int) -> list[int]:
    """A de Bruijn sequence: every `depth` numbers below `count`, in every order, each once and overlapping."""
    letters, sequence = [0] * count * depth, []

    def extend(position: int, period: int) -> None:
        if position > depth:
            if depth % period == 0:
                sequence.extend(letters[1 : period + 1])
            return
        letters[position] = letters[position - period]
        extend(position + 1, period)
        for letter in range(letters[position - period] + 1, count):
            letters[position] = letter
            extend(position + 1, position)

    extend(1, 1)
    return sequence + sequence[: depth - 1]
