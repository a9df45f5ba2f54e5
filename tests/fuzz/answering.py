"""A request and its first look: what is known at once is what the gates would have said, and everything is answered."""

from __future__ import annotations

import contextlib
from functools import cache
from unittest.mock import patch

import msgspec

from tests.conftest import ENDPOINT, TOKEN, VALID
from tests.fuzz.reading import is_one_in, text_of
from trackfox_contract.oracle.email_addresses import judge_address
from trackfox_mock import AddressKind, Redactor, Request, World, classify_address
from trackfox_mock.decision.parsed_request import MalformedBodyError, decode, parse
from trackfox_mock.document.email_addresses import is_plain
from trackfox_mock.journal.exports import curl_command, har_entry
from trackfox_mock.journal.serializers import show_entry
from trackfox_mock.world import world as world_module

_HEADERS = [
    (b"host", b"127.0.0.1:4012"),
    (b"content-type", b"application/json"),
    (b"authorization", f"Bearer {TOKEN}".encode()),
]


@cache
def _world() -> World:
    return World(journal_size=2, payments_limit=2)


def bodies(data: bytes) -> None:
    """The first look reads what a careful one reads; the quick decision is the one of the gates; all can be shown."""
    request = Request("POST", ENDPOINT, _HEADERS, data, b"", len(data))
    parsed = parse(request)
    if parsed.body is not None:
        assert decode(data) == msgspec.structs.asdict(parsed.body)
    for reading in ("first-wins", "refused"):
        with contextlib.suppress(MalformedBodyError):
            parse(request, reading).document  # noqa: B018 - it is read when somebody asks
    _answered_alike(request)


def _answered_alike(request: Request) -> None:
    world = _world()
    world.store.forget_payments()
    world.journal.clear()
    quick = world.answer(request)
    quick_payment = quick.payment
    world.finish(quick, 0.0)
    world.store.forget_payments()
    with patch.object(world_module, "ordinary", lambda *_: None):
        slow = world.answer(request)
    world.finish(slow, 0.0)
    assert quick.decision.reply == slow.decision.reply
    assert (quick.decision.rule, quick.decision.session) == (slow.decision.rule, slow.decision.session)
    told, other = quick_payment, slow.payment
    assert (told is None) == (other is None)
    if told is not None and other is not None:
        assert (told.revenue, told.email, told.session) == (other.revenue, other.email, other.session)
    if is_one_in(4, request.body + request.query + request.path.encode("utf-8", "replace")):
        _shown(world)


def _shown(world: World) -> None:
    redactor = Redactor(world)
    for entry in world.journal:
        msgspec.json.encode([show_entry(entry, redactor), har_entry(entry, redactor)])
        curl_command(entry, redactor).encode()
        explanation = world.explain(entry, base_url="http://127.0.0.1:4012")
        msgspec.json.encode(explanation.as_dict())
        explanation.text().encode()


def preferences(data: bytes) -> None:
    """What a request asks for itself, in a header field or in its query, is done or refused; it is answered anyhow."""
    prefer, _, query = data.partition(b"\n")
    body = b'{"session_id": "tf_session_id"}'
    request = Request("POST", ENDPOINT, [*_HEADERS, (b"prefer", prefer)], body, query, len(body))
    world = _world()
    entry = world.answer(request)
    world.finish(entry, 0.0)
    assert 200 <= entry.decision.reply.status <= 599
    if entry.fault is not None:
        assert 0 <= entry.fault.delay <= 600_000
        assert entry.fault.effect.sentence
    if is_one_in(4, data):
        _shown(world)


def heads(data: bytes) -> None:
    """Method, path, query and header fields, whatever they hold, are answered, explained and exported."""
    line, *fields = data.split(b"\n")
    method, _, target = line.partition(b" ")
    path, _, query = target.partition(b"?")
    named = [tuple(field.partition(b":")[::2]) for field in fields]
    headers = [(name.lower(), value) for name, value in named if name]
    body = b'{"session_id": 1}'
    # As the connection has it: a method and header fields are ASCII or not looked at, a path is text.
    request = Request(method.decode("ascii", "replace"), text_of(path), headers, body, query, len(body))
    _answered_alike(request)


def addresses(data: bytes) -> None:
    """No address is plain to one and wrong to the other, of mock and check, which have each their own rules."""
    address = text_of(data)
    kind = classify_address(address).kind
    judged = judge_address(address)
    assert is_plain(address) == (kind is AddressKind.PLAIN)
    assert not (kind is AddressKind.PLAIN and judged == "wrong")
    assert not (kind is AddressKind.WRONG and judged == "plain")


def ordinary_request() -> Request:
    """The document's example."""
    body = msgspec.json.encode(VALID)
    return Request("POST", ENDPOINT, _HEADERS, body, b"", len(body))
