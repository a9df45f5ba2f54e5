"""The payments that a service has recorded, read by what its owner names, a command or a URL, or by the mock's API."""

from __future__ import annotations

import json
import shlex
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from typing import Any

from trackfox_contract.request.call import Call
from trackfox_contract.wire.asgi import AsgiTransport
from trackfox_contract.wire.client import Client
from trackfox_contract.wire.transport import Response
from trackfox_mock import within

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
    def fetch() -> bytes:
        return _bounded(urllib.request.urlopen(url, timeout=_PATIENCE))  # noqa: S310 - its scheme was looked at

    try:
        return _in_time(fetch)
    except (OSError, ValueError, HTTPException) as problem:
        raise PaymentsUnreadableError(f"the payments could not be fetched: {problem}") from None


def _printed(command: str) -> str:
    try:
        with _running(shlex.split(command)) as process:
            printed = _in_time(lambda: _bounded(process.stdout))
            subprocess.CompletedProcess(command, process.wait(_PATIENCE)).check_returncode()
    except (OSError, ValueError, subprocess.SubprocessError) as problem:
        raise PaymentsUnreadableError(f"the command that prints the payments failed: {problem}") from None
    return printed


@contextmanager
def _running(command: Sequence[str]) -> Iterator[subprocess.Popen[bytes]]:
    """A command, which is ended if it has not ended itself."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)  # noqa: S603 - the user's
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def _bounded(source: Any) -> bytes:
    with source:
        found: bytes = source.read(_MOST + 1)
    if len(found) > _MOST:
        raise ValueError("they have more than 64 MiB")
    return found


def _in_time(read: Callable[[], bytes]) -> str:
    try:
        return within(_PATIENCE, read).decode("utf-8", "replace")
    except TimeoutError:
        raise TimeoutError(f"they have not all come within {_PATIENCE:g} s") from None


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
