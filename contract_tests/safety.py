"""Safe mode: no request may create a payment, even on a broken service, so none may come near an existing session.

The guard stands in the transport. It looks at every byte that is about to be sent, in every form that a service might
read it in, and refuses what names, or nearly names, a known session or visitor.
"""

from __future__ import annotations

import json
import re
import unicodedata
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from contract_tests.calls import Call
    from contract_tests.transport import NoReply, Reply, Transport
    from mock_server import Website

_SHORTEST_PART = 4
_LONG = 6
_WORD = re.compile(r"[^\s\"'{}\[\]:,=&;?/\\<>]+")
_NO_LETTER = re.compile(r"[\W_]+")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


class UnsafeCallError(Exception):
    """A request names an existing session or visitor, and payments are not allowed."""


def _bare(text: str) -> str:
    """A text without all that a careless comparison may overlook: case, width, spaces, punctuation."""
    return _NO_LETTER.sub("", (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold())


def _values(document: Any) -> Iterator[str]:
    """Every string and number in a document; names of fields are no values."""
    if isinstance(document, dict):
        document = list(document.values())
    if isinstance(document, list):
        for value in document:
            yield from _values(value)
    elif not isinstance(document, bool) and document is not None:
        yield str(document)


def _texts(call: Call) -> set[str]:
    """Everything that is sent, as it stands and as it reads when its escapes are undone."""
    text = call.body.decode("utf-8", "replace")
    sent = {call.target, text, *(value for _, value in call.headers)}
    if b"\x00" in call.body or not call.body.isascii():
        sent |= {call.body.decode(name, "ignore") for name in ("utf-16-le", "utf-16-be", "latin-1")}
    if "\\" in text:
        sent.add(_ESCAPE.sub(lambda escape: chr(int(escape[1], 16)), text))
    sent |= {unquote_plus(part) for part in sent if "%" in part or "+" in part}
    return sent | {unescape(part) for part in sent if "&" in part}


class SafetyGuard:
    """Refuses every request that comes near a known session or visitor.

    Args:
        websites: the websites whose sessions must not be touched; their ids and tokens may be sent.
    """

    def __init__(self, websites: Iterable[Website]) -> None:
        sessions = [session for website in websites for session in website.sessions]
        ids = {session.session_id for session in sessions} | {session.visitor_id for session in sessions}
        self._ids = {_bare(known) or known for known in ids}
        self._long_ids = {known for known in self._ids if len(known) >= _LONG}
        self._harmless = {website.website_id for website in websites} | {website.api_token for website in websites}
        self._harmless -= ids

    def check(self, call: Call) -> None:
        """Lets a request pass, or refuses it.

        Raises:
            UnsafeCallError: the request holds a known id in some form, or a part of one as a value.
        """
        words = {word for text in _texts(call) for word in _WORD.findall(text)} - self._harmless
        for word in words:
            if self._names(word):
                raise UnsafeCallError("safe mode: the request names an existing session or visitor")
        try:
            values = set(_values(json.loads(call.body))) - self._harmless
        except (ValueError, RecursionError):
            return
        for value in values:
            if self._names(value) or self._is_part(_bare(value)):
                raise UnsafeCallError(
                    "safe mode: the request holds an existing session's or visitor's id, or a part of it"
                )

    def _names(self, text: str) -> bool:
        bare = _bare(text) or text
        return bare in self._ids or any(known in bare for known in self._long_ids)

    def _is_part(self, bare: str) -> bool:
        return len(bare) >= _SHORTEST_PART and any(bare in known for known in self._ids)


class GuardedTransport:
    """A transport that asks the guard before every request.

    Args:
        inner: the transport that sends.
        guard: who decides.
    """

    def __init__(self, inner: Transport, guard: SafetyGuard) -> None:
        self.inner, self.guard = inner, guard

    @property
    def timeout(self) -> float:
        """Seconds that one request may take."""
        return self.inner.timeout

    @timeout.setter
    def timeout(self, seconds: float) -> None:
        self.inner.timeout = seconds

    async def exchange(self, call: Call, lane: int) -> Reply | NoReply:
        """Sends a request that the guard lets pass.

        Raises:
            UnsafeCallError: it does not.
        """
        self.guard.check(call)
        return await self.inner.exchange(call, lane)

    async def close(self) -> None:
        """Closes the transport."""
        await self.inner.close()
