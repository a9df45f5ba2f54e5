"""What is known at once to be ordinary: the gates would have said the same, whatever is odd about a request."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import asdict, replace

from tests.conftest import ENDPOINT
from trackfox_mock import SILENCES, Api, Readings, Request, Session, Website, World, load_spec
from trackfox_mock.decision.gates import GATES, decide
from trackfox_mock.decision.ordinary import ordinary
from trackfox_mock.decision.parsed_request import parse
from trackfox_mock.world import world as world_module

BODY = {"session_id": "ses", "visitor_id": "vis", "website_id": "web", "revenue": 9900, "email": "ada@example.com"}
HEADERS = {"host": b"localhost", "content-type": b"application/json", "authorization": b"Bearer tf_token"}
ODD_IDS = ["", "undefined", "tf_session_id", "a\x01b", "a b", "sés", "a:b", "s" * 300]
API = load_spec()


def session(website_id: str = "web", session_id: str = "ses", visitor_id: str = "vis", at: float = 1.0) -> Session:
    return Session(website_id, session_id, visitor_id, at, {"at": at})


WEBSITES = (
    Website(
        "web",
        "tf_token",
        sessions=(
            session(at=2.0),
            session(at=1.0),
            session(visitor_id="another"),
            *(session(session_id=odd) for odd in ODD_IDS),
            *(session(session_id="of odd visitors", visitor_id=odd) for odd in ODD_IDS),
        ),
    ),
    Website("another", "tf_another", sessions=(session("another"),)),
    Website("spaced", "tf token", sessions=(session("spaced"),)),
    Website("nameless", "", sessions=(session("nameless"),)),
    Website("foreign", "tf_tökén", sessions=(session("foreign"),)),
    Website("tabbed", "tf\ttoken", sessions=(session("tabbed"),)),
    Website("halved", "tf_\ud800", sessions=(session("halved"),)),
)


def document(**changes: Any) -> Api:
    """The document with another schema of the body: of a field, of the new field `note`, or of the whole."""
    schema = dict(API.schema)
    properties = dict(schema["properties"])
    for name, value in changes.items():
        (properties if name in {*BODY, "note"} else schema)[name] = value
    return replace(API, schema={**schema, "properties": properties})


# Documents under which a plain request is known at once, and those that ask for more than that could tell.
KNOWN = [
    API,
    document(session_id={"type": "string", "description": "told, not demanded"}),
    document(required=["session_id"]),
    document(note={"type": "string"}),
    document(additionalProperties=False),
    document(revenue={"type": "integer", "minimum": 500, "maximum": 9900.5}),
    document(revenue={"type": "integer"}),
    document(revenue={"type": "integer", "maximum": 2**40}),
    replace(API, authenticated=False),
]
DOUBTED = [
    document(session_id={"type": "string", "minLength": 4}),
    document(session_id=True, visitor_id={"$ref": "#/components/schemas/Attributed/properties/message"}),
    document(session_id=False),
    document(email={"type": "string", "pattern": "^b"}),
    document(revenue={"type": "integer", "maximum": 9000.5}),
    document(revenue={"type": "integer", "multipleOf": 50}),
    document(revenue={"type": "number", "minimum": 1}),
    document(required=[*BODY, "note"]),
    document(minProperties=6),
    document(type=["object", "null"]),
    document(type="array"),
    replace(API, path="/elsewhere"),
    replace(API, method="PUT"),
]


@dataclass(frozen=True)
class Departure:
    """In what a request departs from a plain one; a header field of None is left out."""

    body: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, bytes | None] = field(default_factory=dict)
    more: tuple[tuple[bytes, bytes], ...] = ()
    given: Mapping[str, Any] = field(default_factory=dict)
    damage: Callable[[bytes], bytes] = bytes

    def __or__(self, other: Departure) -> Departure:
        return Departure(
            {**self.body, **other.body},
            {**self.headers, **other.headers},
            self.more + other.more,
            {**self.given, **other.given},
            lambda body: other.damage(self.damage(body)),
        )

    def request(self) -> Request:
        body = self.damage(json.dumps({**BODY, **self.body}, ensure_ascii=False).encode())
        headers = [(name.encode(), value) for name, value in {**HEADERS, **self.headers}.items() if value is not None]
        return replace(Request("POST", ENDPOINT, [*headers, *self.more], body, b"", len(body)), **self.given)


REVENUES = [-1, 0, 1, 50, 99, 100, 499, 500, 9901, 9950, 2**31 - 1, 2**31, 2**53, 2**64 + 1, 100.0, "9900", True, None]
EMAILS = ["bob+1@shop.example.com", "ada@localhost", '"a"@b.co', "ada", "", "ada@é.com", "a:b@c.de", "a" * 65 + "@b.co"]
IDS: dict[str, list[object]] = {
    "session_id": [*ODD_IDS, "of odd visitors", "nobody", 7, None],
    "visitor_id": [*ODD_IDS, "another", "nobody"],
    "website_id": ["another", "spaced", "nameless", "foreign", "nobody", ""],
}
FIELDS: list[dict[str, bytes | None]] = [
    {"content-type": b"application/json; charset=utf-8"},
    {"content-type": b"text/plain"},
    {"content-type": None},
    {"authorization": None},
    {"authorization": b""},
    {"authorization": b"Bearer "},
    {"authorization": b"bearer tf_token"},
    {"authorization": b"Bearer  tf_token"},
    {"authorization": b"Bearer tf_another"},
    {"authorization": b"Bearer tf token"},
    {"authorization": "Bearer tf_tökén".encode()},
    {"authorization": b"Bearer tf_nobody"},
    {"origin": b"https://shop.example"},
    {"prefer": b"code=503"},
    {"prefer": b"nonsense"},
    {"accept-encoding": b"gzip"},
]
DAMAGES: list[Callable[[bytes], bytes]] = [
    lambda body: body[:-1],
    lambda body: body + b" ",
    lambda body: body + b" " * 5000,
    lambda body: body + b" " * (2 << 20),
    lambda body: b"\xef\xbb\xbf" + body,
    lambda body: body[:-1] + b',"revenue":200}',
    lambda body: body[:-1] + b',"revenu\\u0065":"200"}',
    lambda body: body[:-1] + b',"note":"of nobody"}',
    lambda body: body.replace(b'"email"', b'"e-mail"'),
    lambda body: body.replace(b"ada@", b"ada\xff@"),
    lambda body: body.replace(b"ada@", b"ada\\ud800@"),
    lambda body: body.replace(b"9900", b"99e2"),
    lambda body: b"[" + body + b"]",
    lambda _: b"",
]
DEPARTURES = [
    Departure(),
    Departure(),  # the second is a repetition
    *(Departure({name: value}) for name, values in IDS.items() for value in values),
    *(Departure({"revenue": revenue}) for revenue in REVENUES),
    *(Departure({"email": email}) for email in EMAILS),
    *(Departure({"session_id": "of odd visitors", "visitor_id": odd}) for odd in ODD_IDS),
    *(Departure(headers=headers) for headers in FIELDS),
    Departure({"website_id": "another"}, {"authorization": b"Bearer tf_another"}),
    Departure({"website_id": "spaced"}, {"authorization": b"Bearer tf token"}),
    Departure({"website_id": "spaced"}, {"authorization": None}),
    Departure({"website_id": "nameless"}, {"authorization": b"Bearer "}),
    Departure({"website_id": "foreign"}, {"authorization": "Bearer tf_tökén".encode()}),
    Departure({"website_id": "tabbed"}, {"authorization": b"Bearer tf\ttoken"}),
    Departure(more=((b"x-a", b"1"),)),
    Departure(more=((b"host", b"again"),)),
    Departure(more=((b"authorization", b"Bearer tf_token"),)),
    Departure(given={"method": "PUT"}),
    Departure(given={"path": "/elsewhere"}),
    Departure(given={"query": b"__code=502"}),
    Departure(given={"body_size": 2 << 20}),
    Departure(given={"body_size": 0}),
    *(Departure(damage=damage) for damage in DAMAGES),
]


def are_decided_alike(sent: Iterable[Departure], api: Api, readings: Mapping[str, str]) -> None:
    now = 0.0
    quick, gated = (World(api, WEBSITES, Readings().with_values(readings), clock=lambda: now) for _ in range(2))
    for number, departure in enumerate(sent):
        now = float(number // 30)  # which is more a second than any reading of `rate-limit` lets through
        request = departure.request()
        entry = quick.answer(request, "here")
        with patch.object(world_module, "ordinary", lambda *_: None):
            assert entry == gated.answer(request, "here"), departure
    assert quick.administration.snapshot() == gated.administration.snapshot()


@pytest.mark.parametrize("silence", SILENCES)
def test_the_gates_say_the_same_under_every_reading(silence: str) -> None:
    for value in SILENCES[silence].values:
        are_decided_alike(DEPARTURES, API, {silence: value})


@pytest.mark.parametrize("api", KNOWN + DOUBTED)
def test_the_gates_say_the_same_of_another_document(api: Api) -> None:
    are_decided_alike(DEPARTURES, api, {})


@pytest.mark.parametrize("order", SILENCES["order"].values)
def test_a_gate_writes_nothing_so_that_who_asks_it_again_hears_the_same(order: str) -> None:
    world = World(API, WEBSITES, Readings().with_values({"order": order}))
    service, before = world.service, world.administration.snapshot()
    for departure in DEPARTURES:
        parsed = parse(departure.request())
        alone = {name: gate(service, world.store, parse(departure.request())) for name, gate in GATES.items()}
        # Whatever was asked before, and in whichever order.
        for names in ([*GATES], [*GATES][::-1]):
            assert {name: GATES[name](service, world.store, parsed) for name in names} == alone, departure
        assert decide(service, world.store, parsed) == decide(service, world.store, parse(departure.request()))
    assert world.administration.snapshot() == before


few_departures = st.lists(st.sampled_from(DEPARTURES), max_size=3).map(
    lambda departures: reduce(Departure.__or__, departures, Departure())
)
mixed_readings = st.fixed_dictionaries(
    {}, optional={silence.id: st.sampled_from([*silence.values]) for silence in SILENCES.values()}
)


@given(sent=st.lists(few_departures, min_size=1, max_size=20), readings=mixed_readings, api=st.sampled_from(KNOWN))
@settings(max_examples=150, deadline=None)
def test_the_gates_say_the_same_of_any_mixture(sent: list[Departure], readings: dict[str, str], api: Api) -> None:
    are_decided_alike(sent, api, readings)


def test_a_token_of_two_websites_stays_good_for_the_one_that_is_left() -> None:
    def shared(website_id: str) -> Website:
        return Website(website_id, "tf_token", sessions=(session(website_id),))

    world = World(API, [shared("web"), shared("gone")], Readings().with_values({"order": "known-token-first"}))
    world.administration.remove_website("gone")
    request = Departure().request()
    assert world.consider(request) == world.answer(request).decision
    assert list(world.store.known_tokens.find(b"tf_token is a secret", ())) == [(0, 8)]


def is_ordinary(world: World) -> bool:
    request = Departure().request()
    return ordinary(world.services.of("web"), world.store, parse(request)) is not None


_LOOKING_FURTHER = ("rate-limit", "accept", "browser-fields", "chunked-request")


def _others(silence: str) -> list[str]:
    return [value for value in SILENCES[silence].values if value != SILENCES[silence].default]


@pytest.mark.parametrize("silence", SILENCES)
def test_a_plain_request_is_ordinary_under_nearly_every_reading(silence: str) -> None:
    doubted = {
        ("odd-id", "refused"),
        ("empty-id", "refused"),
        ("transport", "gzip"),
        *((name, value) for name in _LOOKING_FURTHER for value in _others(name)),
    }
    for value in SILENCES[silence].values:
        world = World(API, WEBSITES, Readings().with_values({silence: value}))
        assert is_ordinary(world) is ((silence, value) not in doubted)


def test_a_plain_request_is_ordinary_where_the_document_asks_for_no_more() -> None:
    assert all(is_ordinary(World(api, WEBSITES)) for api in KNOWN)
    assert not any(is_ordinary(World(api, WEBSITES)) for api in DOUBTED)


numbers = st.integers() | st.integers(-(2**64), 2**64) | st.floats() | st.sampled_from([10**399, 10**400])
any_body = st.fixed_dictionaries({**dict.fromkeys(BODY, st.text()), "revenue": numbers})


@given(fields=any_body, ascii_only=st.booleans(), indent=st.sampled_from([None, 2]), damage=st.sampled_from(DAMAGES))
@settings(max_examples=500)
def test_a_first_look_reads_what_json_says(
    fields: dict[str, Any], damage: Callable[[bytes], bytes], indent: int | None, *, ascii_only: bool
) -> None:
    plain = json.dumps(fields, ensure_ascii=ascii_only, indent=indent).encode()
    for content in (plain, damage(plain)):
        read = parse(Request("POST", ENDPOINT, body=content)).body
        if read is not None:
            said = json.loads(content)
            assert (asdict(read), type(read.revenue)) == (said, type(said["revenue"]))


def test_a_first_look_reads_a_plain_body_and_no_number_that_is_no_cents() -> None:
    assert asdict(parse(Departure().request()).body) == BODY  # type: ignore[arg-type]  # it is not None, or this fails
    for revenue in (100.0, True, "9900", 10**400, 2**64):
        assert parse(Departure({"revenue": revenue}).request()).body is None
