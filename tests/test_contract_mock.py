"""The mock keeps the contract under every reading of every silence."""

from __future__ import annotations

import pytest

from mock_server import SILENCES, Readings, World, create_app
from tests.services.examine import examine

READINGS = [(silence.id, value) for silence in SILENCES.values() for value in silence.values]


@pytest.mark.slow
@pytest.mark.parametrize(("silence", "value"), READINGS)
def test_the_mock_keeps_the_contract_however_it_reads_a_silence(silence: str, value: str) -> None:
    world = World(readings=Readings().with_values({silence: value}))
    assert examine(create_app(world), known=world.fixtures).findings == []
    assert examine(create_app(world), known=world.fixtures, writes=False).findings == []
