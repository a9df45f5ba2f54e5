"""The header fields and the terminal line that tell what the body does not."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from tests.conftest import KITES_TOKEN, LAMPS, LAMPS_TOKEN, TOKEN, VALID, request
from trackfox_mock import Readings, World, create_app
from trackfox_mock.world.log import json_line, text_line


def headers(
    world: World, body: object, *, token: str = TOKEN, path: str = "/api/v1/attribute-payment"
) -> dict[str, str]:
    """The header fields of the answer to one request."""
    sent = request(body, token=token, path=path)
    messages: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": sent.body}

    async def send(message: Any) -> None:
        messages.append(message)

    scope = {"type": "http", "method": "POST", "path": path, "query_string": b"", "headers": sent.headers}

    async def ask() -> None:
        await create_app(world)(scope, receive, send)

    asyncio.run(ask())
    return {name.decode("ascii"): value.decode("ascii") for name, value in messages[0]["headers"]}


def test_an_accepted_request_is_told_its_outcome_and_where_it_is_explained(world: World) -> None:
    answer = headers(world, LAMPS, token=LAMPS_TOKEN)
    assert answer["x-mock-outcome"] == "attributed"
    assert answer["link"] == '</__admin/requests/1/explain>; rel="describedby"'
    assert "sl-violations" not in answer
    assert "x-mock-advice" not in answer


def test_what_looks_wrong_is_told_by_its_id(world: World) -> None:
    assert headers(world, LAMPS | {"revenue": 29, "note": ""}, token=LAMPS_TOKEN)["x-mock-advice"] == (
        "small-amount, extra-property"
    )


def test_violations_are_told_as_prism_tells_them(world: World) -> None:
    answer = headers(world, VALID | {"revenue": 29.99})
    assert answer["x-mock-outcome"] == "refused; rule=revenue.positive-integer"
    [violation] = json.loads(answer["sl-violations"])
    assert violation["location"] == ["request", "body", "revenue"]
    assert violation["severity"] == "Error"
    assert violation["code"] == "type"
    assert "29.99" not in violation["message"]


def test_a_wrong_token_is_told_without_the_token(world: World) -> None:
    told = headers(world, VALID, token=KITES_TOKEN)["sl-violations"]
    assert json.loads(told)[0]["location"] == ["request", "header", "authorization"]
    assert json.loads(told)[0]["code"] == "auth.website"
    assert KITES_TOKEN not in told


def test_violations_stay_json_when_there_are_too_many_of_them() -> None:
    world = World(readings=Readings().with_values({"extra-property": "refused"}))
    body = {f"{KITES_TOKEN}_é{number}": number for number in range(500)}
    told = headers(world, body)["sl-violations"]
    assert len(told) <= 4096
    assert KITES_TOKEN not in told
    assert json.loads(told)


def line(world: World, **fields: Any) -> str:
    """The terminal's line of one request."""
    return text_line(world, world.answer(request(**fields)))


def test_a_refused_request_is_one_line_that_says_what_to_do(world: World) -> None:
    told = line(world, revenue=29.99)
    assert "refused  revenue.positive-integer" in told
    assert "revenue is 29.99" in told
    assert "send 2999" in told
    assert "\n" not in told


@pytest.mark.parametrize("field", ["session_id", "visitor_id", "website_id", "email", "revenue", "note"])
def test_no_control_character_of_a_client_reaches_the_terminal(world: World, field: str) -> None:
    told = line(world, **{field: "x\x1b[2J\r\n\x07@example.com\u202e"})
    plain = told.replace("\x1b[31m", "").replace("\x1b[32m", "").replace("\x1b[33m", "").replace("\x1b[0m", "")
    assert all(part.isprintable() for part in plain.split("\n          ")), plain


def test_no_full_token_and_no_full_email_reaches_the_log(world: World) -> None:
    sent = [
        request(session_id=KITES_TOKEN, email="ada@example.com"),
        request(path=f"/{KITES_TOKEN}"),
        request(token=f"{KITES_TOKEN}x"),
        request(visitor_id="ada@example.com"),
        request({**VALID, KITES_TOKEN: "ada@example.com"}),
    ]
    for one in sent:
        entry = world.answer(one)
        for told in (text_line(world, entry), json_line(world, entry)):
            assert KITES_TOKEN not in told
            assert "ada@" not in told
