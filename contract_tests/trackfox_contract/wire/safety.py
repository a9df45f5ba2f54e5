"""Safe mode: no request may come near an existing session, so that on a right service none can create a payment.

The guard stands in the transport. It looks at every byte that is about to be sent, in every form that a service might
read it in, and refuses what names, or nearly names, a known session or visitor.
"""

from __future__ import annotations

import json
import re
import unicodedata
from functools import lru_cache
from html import unescape
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote_plus

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from trackfox_contract.request.call import Call
    from trackfox_mock import Website

SAFE_MODE = (
    "Safe mode: no request names an existing session. A right service records nothing; one that pays for a session "
    "that nobody has is left alone after the first such payment."
)
"""What a command says before it starts without `--allow-writes`."""

_SHORTEST_PART = 4
_SHORT, _LONG = 2, 6
_REMEMBERED = 4096  # calls; each is asked about when a table is planned, and again when it is sent
_WORDS = 4096
_WORD = re.compile(r"[^\s\"'{}\[\]:,=&;?/\\<>]+")
_NO_LETTER = re.compile(r"[\W_]+")
_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})")


class UnsafeCallError(Exception):
    """A request names an existing session or visitor, and payments are not allowed."""


def _bare(text: str) -> str:
    """A text as a careless comparison may see it: without case, width, spaces and punctuation."""
    return _NO_LETTER.sub("", (text if text.isascii() else unicodedata.normalize("NFKC", text)).casefold())


def _values(document: Any) -> Iterator[str]:
    """Every string and number in a document; names of fields are no values."""
    waiting = [document]
    while waiting:
        value = waiting.pop()
        if isinstance(value, (dict, list)):
            waiting.extend(value.values() if isinstance(value, dict) else value)
        elif not isinstance(value, bool) and value is not None:
            yield str(value)


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


def _words(call: Call) -> set[str]:
    return {word for text in _texts(call) for word in _WORD.findall(text)}


def _holding(known: Iterable[str]) -> Callable[[str], re.Match[str] | None]:
    """What finds any of the known ids in a text."""
    return re.compile("|".join(map(re.escape, known)) or r"(?!)").search  # (?!) is found nowhere


class _Search:
    """Looks through texts for what must not be there, at each once: most of a call's stood in the one before, too.

    Args:
        is_found: whether a text holds it.
    """

    def __init__(self, is_found: Callable[[str], bool]) -> None:
        self._is_found = is_found
        self._harmless: set[str] = set()

    def finds(self, texts: set[str]) -> bool:
        """Whether any of the texts holds it."""
        if any(map(self._is_found, texts - self._harmless)):
            return True
        if len(self._harmless) > _WORDS:
            self._harmless.clear()
        self._harmless |= texts
        return False


class SafetyGuard:
    """Refuses every request that comes near a known session or visitor.

    Most ids may stand nowhere in a request. One that is very short, or is a word of every request (`1`, `email`), may
    not stand where a service looks for an id: anywhere but in those fields of the document that hold something else.

    Args:
        websites: the websites whose sessions must not be touched; their ids and tokens may be sent.
        usual: requests that name nobody; the words in them say nothing about a session.
        fields: the document's fields that hold neither a session nor a visitor.
    """

    def __init__(self, websites: Iterable[Website], usual: Iterable[Call] = (), fields: Iterable[str] = ()) -> None:
        sessions = [session for website in websites for session in website.sessions]
        ids = {session.session_id for session in sessions} | {session.visitor_id for session in sessions}
        words = {word for call in usual for word in _words(call)}
        self._ids = {_bare(known) or known for known in ids}
        self._usual = words | {_bare(word) for word in words}
        self._all_ids = "\n".join(self._ids)
        self._holds_id = _holding(known for known in self._ids if len(known) > _SHORT)
        self._holds_clear_id = _holding(
            known for known in self._ids if len(known) >= _LONG and not self._is_usual(known)
        )
        self._fields = set(fields)
        self._harmless = {website.website_id for website in websites} | {website.api_token for website in websites}
        self._harmless -= ids
        self._demand_safe = lru_cache(_REMEMBERED)(self._look_through)
        self._words, self._values = _Search(self._holds_clear), _Search(self._names)

    def check(self, call: Call) -> None:
        """Lets a request pass, or refuses it.

        Raises:
            UnsafeCallError: the request holds a known id in some form, or a part of one as a value.
        """
        self._demand_safe(call)

    def _look_through(self, call: Call) -> None:
        words = _words(call) - self._harmless
        if self._words.finds(words):
            raise UnsafeCallError("safe mode: the request names an existing session or visitor")
        try:
            values = set(_values(self._where_ids_stand(json.loads(call.body)))) - self._harmless
        except (ValueError, RecursionError):
            if any((_bare(word) or word) in self._ids for word in words - self._usual):
                raise UnsafeCallError("safe mode: an existing session's or visitor's id stands in the body") from None
            return
        if self._values.finds(values):
            raise UnsafeCallError("safe mode: the request holds an existing session's or visitor's id, or a part of it")

    def _where_ids_stand(self, document: Any) -> Any:
        """A document without the plain values of those fields that hold something else."""
        if not isinstance(document, dict):
            return document
        kept = (name for name, value in document.items() if name not in self._fields or isinstance(value, (list, dict)))
        return {name: document[name] for name in kept}

    def _is_usual(self, known: str) -> bool:
        return any(known in word for word in self._usual)

    def _holds_clear(self, text: str) -> bool:
        return self._holds_clear_id(_bare(text) or text) is not None

    def _names(self, text: str) -> bool:
        bare = _bare(text) or text
        is_part = len(bare) >= _SHORTEST_PART and bare in self._all_ids
        return bare in self._ids or is_part or self._holds_id(bare) is not None
