"""The payments that a service has recorded, read by what its owner names, a command or a URL, or by the mock's API."""

from __future__ import annotations

import json
import shlex
import subprocess
import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPException, HTTPResponse
from typing import Any

from trackfox_contract.request.call import Call
from trackfox_contract.wire.asgi import AsgiTransport
from trackfox_contract.wire.client import Client
from trackfox_contract.wire.transport import Response

Payment = dict[str, Any]
PaymentReader = Callable[[], list[Payment]]
_PATIENCE = 10.0  # seconds
_MOST = 64 << 20  # bytes
_OF_THE_MOCK = "/__admin/payments"


class PaymentsUnreadableError(Exception):
    """The payments could not be read; the text says why."""


def reader_of(source: str) -> PaymentReader:
    """What reads the payments.

    Args:
        source: a URL that answers them as JSON, or a command that prints them.
    """
    return lambda: _parsed(_fetched(source) if source.startswith(("http://", "https://")) else _printed(source))


def reader_of_mock(app: Any) -> PaymentReader:
    """What reads the payments of a mock in this process, over its control API."""

    def read() -> list[Payment]:
        client = Client(AsgiTransport(app, _PATIENCE))
        outcome = client.send(Call("GET", _OF_THE_MOCK, (), b"")).outcome
        client.close()
        return _parsed(outcome.text() if isinstance(outcome, Response) else "")

    return read


def _fetched(url: str) -> str:
    try:
        with urllib.request.urlopen(url, timeout=_PATIENCE) as response:  # noqa: S310 - its scheme was looked at
            return _whole(response).decode("utf-8", "replace")
    except (OSError, ValueError, HTTPException) as problem:
        raise PaymentsUnreadableError(f"the payments could not be fetched: {problem}") from None


def _whole(response: HTTPResponse) -> bytes:
    """The body, if it comes in time: the time-out of a socket begins anew with every byte."""
    deadline, body = time.monotonic() + _PATIENCE, b""
    while part := response.read1(1 << 20):
        body += part
        if len(body) > _MOST:
            raise ValueError("they have more than 64 MiB")
        if time.monotonic() > deadline:
            raise TimeoutError(f"they have not all come within {_PATIENCE:g} s")
    return body


def _printed(command: str) -> str:
    try:
        done = subprocess.run(  # noqa: S603 - the user has named it
            shlex.split(command), capture_output=True, text=True, timeout=_PATIENCE, check=True
        )
    except (OSError, ValueError, subprocess.SubprocessError) as problem:
        raise PaymentsUnreadableError(f"the command that prints the payments failed: {problem}") from None
    return done.stdout


def _parsed(text: str) -> list[Payment]:
    """The payments in a JSON list, or in the one list that stands in a JSON object.

    Raises:
        PaymentsUnreadableError: it is neither.
    """
    try:
        found = json.loads(text)
    except ValueError:
        raise PaymentsUnreadableError("what came for the payments is no JSON") from None
    lists = [value for value in found.values() if isinstance(value, list)] if isinstance(found, dict) else [found]
    payments = lists[0] if len(lists) == 1 and isinstance(lists[0], list) else None
    if payments is None or not all(isinstance(payment, dict) and "revenue" in payment for payment in payments):
        raise PaymentsUnreadableError("expected a JSON list of payments, each an object with at least its revenue")
    return payments
