"""The mock under any readings, in this process: what it would answer is what a reading means."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import unquote

from trackfox_contract.request.call import Call, on_the_wire
from trackfox_contract.wire.transport import Response
from trackfox_mock import Api, Readings, Request, Website, World


class Mock:
    """Answers calls as a service with these websites would, under whichever readings are asked about.

    Args:
        api: the document.
        websites: the websites that the looked-at service knows.
    """

    def __init__(self, api: Api, websites: Sequence[Website]) -> None:
        self._api, self._websites = api, websites
        self._worlds: dict[Readings, World] = {}

    def answer(self, readings: Readings, call: Call) -> Response:
        """What the mock would answer to a call under these readings; nothing is recorded."""
        if readings not in self._worlds:
            self._worlds[readings] = World(self._api, self._websites, readings)
        reply = self._worlds[readings].consider(_request(call)).reply
        headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in reply.headers)
        return Response(reply.status, headers, reply.body)


def _request(call: Call) -> Request:
    path, _, query = call.target.partition("?")
    headers = [(on_the_wire(name.lower()), on_the_wire(value.strip(" \t"))) for name, value in call.headers]
    if call.wire.chunked:
        headers.append((b"transfer-encoding", b"chunked"))
    return Request(call.method, unquote(path), headers, call.body, query.encode("latin-1"), len(call.body))
