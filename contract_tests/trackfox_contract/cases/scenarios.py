"""Requests whose answers differ, for what one may do to the next: in sequences, long runs, many at once."""

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
    """A kind of request, with the clause that a wrong answer to it breaks.

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


def scenarios_of(builder: RequestBuilder) -> list[Scenario]:
    """The scenarios that a service has to keep apart; without writes only those that are refused."""
    refused = [
        Scenario("no token", "auth.missing", builder.authorized()),
        Scenario("a malformed header", "auth.malformed", builder.authorized("Bearer")),
        Scenario("an unknown token", "auth.invalid", builder.authorized(f"Bearer {builder.unknown('token')}")),
        Scenario("an invalid e-mail", "email.valid", builder.call(_known(builder, {"email": "nobody"}))),
        Scenario("an invalid amount", "revenue.positive-integer", builder.call(_known(builder, {"revenue": -1}))),
        Scenario("an absent session", "field.required", builder.call({"session_id": ABSENT})),
        Scenario("no JSON", "body.object", builder.raw(b'{"session_id": ')),
        Scenario("an unknown session", "match.session", builder.call({"session_id": builder.unknown("session")})),
        Scenario("an unknown visitor", "match.visitor", builder.call({"visitor_id": builder.unknown("visitor")})),
    ]
    for other in builder.known.asked_about:
        if other.api_token != builder.website.api_token:
            refused.append(
                Scenario("another website's token", "auth.website", builder.authorized(f"Bearer {other.api_token}"))
            )
            break
    return [one for one in (*_valid(builder), *_mixed(builder), *refused) if _is_about_a_field(builder, one)]


def _known(builder: RequestBuilder, changes: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in changes.items() if name in builder.document.fields}


def _is_about_a_field(builder: RequestBuilder, scenario: Scenario) -> bool:
    """Whether a scenario differs from the valid call: an edited document may have no e-mail or amount to be wrong."""
    return scenario.is_valid or scenario.call != builder.call()


def _valid(builder: RequestBuilder) -> list[Scenario]:
    if builder.session is None:
        return []
    scenarios = [Scenario("a valid call", "endpoint", builder.call())]
    for session in builder.website.sessions:
        if session.visitor_id != builder.session.visitor_id:
            scenarios.append(
                Scenario("a valid call of another visitor", "endpoint", builder.at(builder.website, session).call())
            )
            break
    for website in builder.known.asked_about:
        if website.website_id != builder.website.website_id and website.sessions:
            call = builder.at(website, website.sessions[0]).call()
            scenarios.append(Scenario("a valid call of another website", "endpoint", call))
            break
    return scenarios


def _mixed(builder: RequestBuilder) -> list[Scenario]:
    if builder.session is None:
        return []
    for session in builder.website.sessions:
        if session.visitor_id != builder.session.visitor_id:
            return [
                Scenario(
                    "another visitor's session", "match.together", builder.call({"session_id": session.session_id})
                )
            ]
    return []


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


def everywhere(builders: Sequence[RequestBuilder]) -> Iterator[RequestBuilder]:
    """Builders for each session of each website, and for payments of other amounts to other addresses.

    The payments are written in other ways too, so that what is wrong in one writing alone is met.
    """
    for builder in builders:
        for session in builder.website.sessions if builder.writes else (None,):
            yield builder.at(builder.website, session)
    for payment, write in zip(_PAYMENTS, cycle(_WRITINGS)):
        yield builders[0].with_values(**payment).written(write)


def where(builder: RequestBuilder) -> str:
    """What a builder's requests are about, in a few words."""
    if builder.always:
        return ", ".join(f"{name} {value}" for name, value in builder.always.items())
    sessions = list(builder.website.sessions)
    return (
        f"{builder.website.website_id}, session {sessions.index(builder.session) + 1}"
        if builder.session
        else builder.website.website_id
    )


_FEW = {"endpoint", "auth.missing", "auth.invalid", "auth.website", "email.valid", "match.session", "field.required"}


def few(scenarios: Sequence[Scenario]) -> list[Scenario]:
    """The scenarios that differ most, for when every one is tried after every two others."""
    return [scenario for scenario in scenarios if scenario.clause_id in _FEW]


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
