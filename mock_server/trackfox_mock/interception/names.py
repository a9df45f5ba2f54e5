"""Names of hosts, asked for in a network that leads nowhere: ours are the mock's, there are no others (RFC 1035)."""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import Any, cast

from trackfox_mock.interception.hosts import Hosts

_HEADER = struct.Struct("!6H")  # RFC 1035, 4.1.1
_QUESTION = struct.Struct("!2H")
_IS_ANSWER, _RECURSION_ASKED, _RECURSION_THERE, _NO_SUCH_NAME = 0x8000, 0x0100, 0x0080, 3
_ADDRESS, _ADDRESS_OF_IPV6, _INTERNET = 1, 28, 1
_LONGEST_LABEL = 63
# A pointer to the name that was asked for, an IPv4 address of this machine, good for no second.
_OURS = struct.pack("!3HIH4s", 0xC000 | _HEADER.size, _ADDRESS, _INTERNET, 0, 4, bytes((127, 0, 0, 1)))


class Names(asyncio.DatagramProtocol):
    """Answers who asks for a name.

    Args:
        hosts: whose names are the mock's.
        on_other: is told of any other name.
    """

    def __init__(self, hosts: Hosts, on_other: Callable[[str], None]) -> None:
        self._hosts = hosts
        self._on_other = on_other
        self._own_name = socket.gethostname().lower()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep what answers are sent by."""
        self._transport = cast("asyncio.DatagramTransport", transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        """Answer a question; what is none is dropped."""
        try:
            name, kind, question = asked_for(data)
        except ValueError:
            return
        number, flags = _HEADER.unpack_from(data)[:2]
        is_ours = name in self._hosts or name == self._own_name
        if not is_ours and kind in (_ADDRESS, _ADDRESS_OF_IPV6):
            self._on_other(name)
        answers = [_OURS] if is_ours and kind == _ADDRESS else []
        flags = _IS_ANSWER | flags & _RECURSION_ASKED | _RECURSION_THERE | (0 if is_ours else _NO_SUCH_NAME)
        self._transport.sendto(_HEADER.pack(number, flags, 1, len(answers), 0, 0) + question + b"".join(answers), addr)


def asked_for(data: bytes) -> tuple[str, int, bytes]:
    """The name in lower case and the kind of a question, and the question as it came.

    Raises:
        ValueError: it is no single question about the internet.
    """
    try:
        flags, questions = _HEADER.unpack_from(data)[1:3]
        labels, place = [], _HEADER.size
        while length := data[place]:
            labels.append(data[place + 1 : place + 1 + length])
            place += 1 + length
            if length > _LONGEST_LABEL:
                raise ValueError("a label is too long, or a pointer")
        kind, group = _QUESTION.unpack_from(data, place + 1)
    except (struct.error, IndexError):
        raise ValueError("it ends too early") from None
    if flags & _IS_ANSWER or questions != 1 or group != _INTERNET:
        raise ValueError("it is no single question about the internet")
    name = b".".join(labels).decode("ascii", "replace").lower()
    return name, kind, data[_HEADER.size : place + 1 + _QUESTION.size]
