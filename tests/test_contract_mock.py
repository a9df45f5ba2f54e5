"""The mock keeps the contract under every reading of every silence."""

from __future__ import annotations

import pytest

from mock_server import SILENCES, Readings, Request, World, create_app
from tests.services.examine import examine

READINGS = [(silence.id, value) for silence in SILENCES.values() for value in silence.values]


@pytest.mark.slow
@pytest.mark.parametrize(("silence", "value"), READINGS)
def test_the_mock_keeps_the_contract_however_it_reads_a_silence(silence: str, value: str) -> None:
    world = World(readings=Readings().with_values({silence: value}))
    assert examine(create_app(world), known=world.fixtures).findings == []
    assert examine(create_app(world), known=world.fixtures, writes=False).findings == []


@pytest.mark.parametrize("depth", [200, 900, 1015])
def test_a_wrong_body_that_is_also_nested_deeply_is_refused(world: World, depth: int) -> None:
    body = b'{"email": "nobody", "x": ' + b"[" * depth + b"]" * depth + b"}"
    headers = ((b"authorization", b"Bearer tf_your_api_token_here"), (b"content-type", b"application/json"))
    request = Request("POST", world.api.path, headers, body, body_size=len(body))
    assert world.answer(request).decision.reply.status == 400
