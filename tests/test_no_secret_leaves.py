"""One property over every output of the project: a secret that stands anywhere in a request is in none of them."""

from __future__ import annotations

import asyncio
import base64
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import httpx2
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conftest import ENDPOINT, LAMPS, LAMPS_TOKEN
from tests.control import Client
from tests.test_contract_report import reported, written
from tests.test_redaction import leaks
from trackfox_contract.request.call import Call
from trackfox_contract.suite.run import Outputs
from trackfox_mock import Access, Request, Website, World, create_app, load_spec, running
from trackfox_mock.commands.arrivals import Arrivals
from trackfox_mock.testing import Exchange, in_process
from trackfox_mock.world.log import json_line, text_line

ADMIN = {"x-admin-token": "opensesame"}

SHAPELESS = "0pen-sesame-0f-the-f0rty-thieves"
API = load_spec()
WEBSITES = (*World().fixtures, Website("web_cave", SHAPELESS))

BY_SHAPE = {
    "a website's token": LAMPS_TOKEN,
    "a website's token of no shape": SHAPELESS,
    "a token of nobody": "tf_9f86d081884c7d659a2feaa0",
    "a key of Stripe": "sk_live_51HxQ2eZvKYlo2C",
    "a webhook secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
    "a JSON web token": "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmN",
    "an address": "ada.lovelace@analytical-engines.example",
}
OF_A_SERVICE = sorted(BY_SHAPE.keys() - {"a website's token of no shape"})  # which is not one of its own
BY_NAME = {
    "a cookie": ("cookie", "sid=s3ss10n-0f-4d4; theme=dark"),
    "an API key": ("x-api-key", "0pen-sesame-0pen-sesame"),
    "a password": ("proxy-authorization", f"Basic {base64.b64encode(b'ada:l0velace-the-c0untess').decode()}"),
}

ENCODINGS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent-encoded": lambda text: "".join(f"%{byte:02X}" for byte in text.encode()),
    "percent-encoded twice": lambda text: "".join(f"%25{byte:02x}" for byte in text.encode()),
    "with JSON's escapes": lambda text: "".join(f"\\u{ord(letter):04x}" for letter in text),
    "in base64": lambda text: base64.b64encode(text.encode()).decode(),
    "in base64 at another letter": lambda text: base64.b64encode(f"ä:{text}".encode()).decode(),
}

FIELDS = ("session_id", "visitor_id", "website_id", "revenue", "email")
PLACES: tuple[str, ...] = (
    *("method", "path", "query", "name in the query", "user-agent", "host", "other header", "name of a header"),
    *("authorization", "bearer", "scheme", "key", "nested key", "nested", "no JSON", "form", *FIELDS),
)
LISTINGS = (
    *("requests", "requests/unmatched", "rows", "payments", "state", "websites"),
    *("requests/har", "requests/curl"),
)
CUTS = (0, 60, 200, 256, 320, 16 * 1024)
"""After so many letters a text is cut, somewhere: in a sentence, a row, a head, a line, a body."""


def request(place: str, text: str) -> Request:
    """A request with a text somewhere in it, so large that the journal cuts it."""
    method, path, query = "POST", ENDPOINT, b""
    body: dict[str, object] = dict(LAMPS)
    headers = [(b"content-type", b"application/json"), (b"x-filler", b"x" * 9000)]
    raw = text.encode()
    if place == "method":
        method = text
    elif place == "path":
        path = f"/{text}"
    elif "query" in place:
        query = raw + b"=1" if "name" in place else b"x=" + raw
    elif place in FIELDS:
        body[place] = text
    elif place in ("key", "nested key", "nested"):
        inside = {"key": (text, 1), "nested key": ("a", [{text: 1}]), "nested": ("a", {"b": [text]})}
        body.update([inside[place]])
    else:
        headers.append(_field(place, raw))
    if "authorization" not in {name.decode("latin-1") for name, _ in headers}:
        headers.append((b"authorization", f"Bearer {LAMPS_TOKEN}".encode()))
    # Escapes of JSON stay what they are: a body in which they stand once more is another place.
    content = json.dumps(body, ensure_ascii=False).replace("\\\\u", "\\u").encode()
    content = {"no JSON": b"{" + raw, "form": b"a=1&b=" + raw}.get(place, content)
    return Request(method, path, headers, content, query, len(content))


def _field(place: str, raw: bytes) -> tuple[bytes, bytes]:
    return {
        "user-agent": (b"user-agent", raw),
        "host": (b"host", raw),
        "name of a header": (raw, b"1"),
        "authorization": (b"authorization", raw),
        "bearer": (b"authorization", b"Bearer " + raw),
        "scheme": (b"authorization", raw + b" abc"),
    }.get(place, (b"x-other", raw))


def outputs(*sent: Request) -> Iterator[tuple[str, str]]:
    """Everything that leaves a mock to which each of these requests was sent twice."""
    world = World(API, WEBSITES)
    arrivals = Arrivals(world, with_rows=True)
    for one in (*sent, *sent):
        world.finish(world.answer(one), 0.001)
    yield "exec", "\n".join(arrivals.lines)
    yield "exec report", json.dumps(list(arrivals.rows))
    for second in list(world.journal)[len(sent) :]:
        yield "log", text_line(world, second)
        yield "JSON log", json_line(world, second)
        exchange = Exchange(in_process(world), second)
        yield from (("pytest", f"{exchange}"), ("repr", repr(exchange)), ("pytest explains", exchange.explanation))
    yield from asyncio.run(shown_by_the_control_api(world, sent))


async def shown_by_the_control_api(world: World, sent: Sequence[Request]) -> list[tuple[str, str]]:
    """What it answers on an address that others can reach: there e-mails are masked in everything.

    It is called without a thread or a socket between: seven thousand requests are looked at like this.
    """
    entries = [f"requests/{number}" for number in range(1, 2 * len(sent) + 1)]
    firsts, seconds = entries[: len(sent)], entries[len(sent) :]
    paths = [*LISTINGS, *firsts, *(f"{second}/explain" for second in seconds)]
    described = [{"url": f"{one.path}?x", "body": one.body.decode(), "method": one.method} for one in sent]
    wait = {"n": 1000, "timeout": 0, "urlPath": "/elsewhere", "headers": {"x-other": {"equalTo": "1"}}}
    plain = {"accept": "text/plain"}
    transport = httpx2.ASGITransport(create_app(world, access=Access(token="opensesame", exposed=True)))
    async with httpx2.AsyncClient(transport=transport, base_url="http://testserver/__admin", headers=ADMIN) as client:
        return [
            *[(path, (await client.get(path)).text) for path in paths],
            *[(f"{path}, text", (await client.get(f"{path}/explain", headers=plain)).text) for path in seconds],
            ("find", (await client.post("requests/find", json={"method": "ANY"})).text),
            ("wait", (await client.post("requests/wait", json=wait)).text),
            *[("explain before", (await client.post("explain", json=one)).text) for one in described],
        ]


def check(place: str, texts: Iterable[str], secret: str) -> None:
    """Look for a secret in all that is told of requests that have these texts at a place, in one mock."""
    for name, output in outputs(*(request(place, text) for text in texts)):
        assert not leaks(output, secret), name


ANYWHERE = st.tuples(
    st.sampled_from(sorted(BY_SHAPE)),
    st.sampled_from(PLACES),
    st.sampled_from(sorted(ENCODINGS)),
    st.sampled_from(CUTS),
    st.integers(0, 120),
)


@settings(deadline=None, max_examples=8)
@given(ANYWHERE)
@example(("an address", "key", "with JSON's escapes", 0, 0))
@example(("a website's token", "query", "percent-encoded", 0, 0))
@example(("a website's token", "session_id", "as it is", 60, 29))
@example(("a JSON web token", "name of a header", "as it is", 0, 0))
@example(("an address", "no JSON", "in base64", 16 * 1024, 38))
def test_no_secret_in_a_request_is_in_any_output(somewhere: tuple[str, str, str, int, int]) -> None:
    plant(*somewhere)


@pytest.mark.slow
@settings(deadline=None, max_examples=400)
@given(ANYWHERE)
def test_no_secret_in_any_of_many_requests_is_in_any_output(somewhere: tuple[str, str, str, int, int]) -> None:
    plant(*somewhere)


def plant(kind: str, place: str, encoding: str, cut: int, before: int) -> None:
    """Put a secret where it is cut after so many of its letters, or not at all, and look for it everywhere."""
    text = ENCODINGS[encoding](BY_SHAPE[kind])
    check(place, ["-" * max(0, cut - min(before, len(text))) + text], BY_SHAPE[kind])


@pytest.mark.parametrize("kind", BY_SHAPE)
def test_the_same_secret_is_shown_to_who_asks_for_it(kind: str) -> None:
    world = World()
    world.finish(world.answer(request("nested", BY_SHAPE[kind])), 0.001)
    with Client(create_app(world, access=Access(show_secrets=True))) as client:
        assert all(
            leaks(client.get(f"/__admin/requests{path}").text, BY_SHAPE[kind]) for path in ("", "/1", "/har", "/curl")
        )


@pytest.mark.parametrize("kind", BY_NAME)
def test_no_secret_that_its_name_gives_away_is_in_any_output(kind: str) -> None:
    name, secret = BY_NAME[kind]
    plain = request("path", "x")
    sent = Request("POST", ENDPOINT, [*plain.headers, (name.encode(), secret.encode())], plain.body, b"", 0)
    for output_name, output in outputs(sent):
        assert not leaks(output, secret), output_name


@pytest.mark.slow
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("encoding", ["as it is", "percent-encoded", "in base64"])
def test_no_beginning_of_a_token_is_shown_whatever_was_cut(place: str, encoding: str) -> None:
    text = ENCODINGS[encoding](SHAPELESS)
    check(place, [text], SHAPELESS)
    # Where less is left of it, as a whole or decoded, that is not enough to be a leak.
    befores = range(len(SHAPELESS) * 2 // 3, len(text) + 1, len(text) // 12)
    for cut in CUTS[1:]:
        check(place, ["-" * (cut - before) + text for before in befores], SHAPELESS)


@pytest.mark.parametrize("kind", BY_SHAPE)
def test_no_secret_is_in_what_is_told_as_it_happens(kind: str) -> None:
    world = World(API, WEBSITES)
    access = Access(token="opensesame", exposed=True)
    with running(create_app(world, access=access)) as url, httpx2.Client(base_url=url, timeout=30) as client:
        for path in ("/__admin/events", "/__admin/rows/events"):
            with client.stream("GET", path, headers=ADMIN) as stream:
                lines = stream.iter_lines()
                next(lines)
                client.post(ENDPOINT, json=LAMPS | {BY_SHAPE[kind]: 1, "session_id": BY_SHAPE[kind]})
                told = next(line for line in lines if line.startswith("data:") and "/attribute-payment" in line)
            assert not leaks(told, BY_SHAPE[kind])


@settings(deadline=None, max_examples=25)
@given(
    st.sampled_from(sorted(set(BY_SHAPE) - {"a website's token of no shape"})),
    st.sampled_from(sorted(ENCODINGS)),
    st.integers(0, 500),
)
def test_no_secret_in_a_services_answer_is_in_a_report_of_the_check(kind: str, encoding: str, before: int) -> None:
    secret = BY_SHAPE[kind]
    answer = json.dumps({"message": "-" * before + ENCODINGS[encoding](secret)}).encode()
    for output in written(reported(Call("POST", ENDPOINT, (), b"{}"), answer)):
        assert not leaks(output, secret)
        assert "\x1b" not in re.sub(r"\x1b\[[0-9;]*m", "", output)


@pytest.mark.parametrize("kind", OF_A_SERVICE)
def test_no_secret_that_a_service_answered_is_in_the_report_that_the_page_shows(kind: str, tmp_path: Path) -> None:
    answer = json.dumps({"message": BY_SHAPE[kind], BY_SHAPE[kind]: 1}).encode()
    ledger = reported(Call("POST", ENDPOINT, (), b"{}"), answer, name=BY_SHAPE[kind])
    path = tmp_path / "report.json"
    Outputs(path).write(ledger)
    with Client(create_app(World(), reports=[path])) as client:
        shown = client.get("/__admin/report")
    assert shown.status_code == 200
    assert not leaks(shown.text, BY_SHAPE[kind])
    assert all(not leaks(cause.sentence, BY_SHAPE[kind]) for cause in ledger.causes)
