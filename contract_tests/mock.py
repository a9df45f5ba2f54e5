"""The mock under any readings, in this process: what it would answer is what a reading means."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Self

from contract_tests.calls import Call
from contract_tests.transport import AsgiTransport, Outcome
from mock_server import Api, Readings, Website, World, create_app

_TIMEOUT = 10.0


class Mock:
    """Answers calls as a service with these websites would, under whichever readings are asked about.

    Args:
        api: the document.
        websites: the websites that the looked-at service knows.
    """

    def __init__(self, api: Api, websites: Sequence[Website]) -> None:
        self._api, self._websites = api, websites
        self._worlds: dict[Readings, AsgiTransport] = {}
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._runner.close()

    def answer(self, readings: Readings, call: Call) -> Outcome:
        """What the mock answers to a call under these readings."""
        if readings not in self._worlds:
            app = create_app(World(self._api, self._websites, readings))
            self._worlds[readings] = AsgiTransport(app, _TIMEOUT)
        return self._runner.run(self._worlds[readings].exchange(call, 0))
