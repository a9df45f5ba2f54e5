"""Redaction of an explanation: it hides the credentials of the request too, whatever brought them into a sentence."""

from __future__ import annotations

from typing import Any

import msgspec

from trackfox_mock.document.lookalikes import is_lost, is_placeholder, template_in
from trackfox_mock.explain.explanation import Explanation
from trackfox_mock.explain.inquiry import Inquiry
from trackfox_mock.redaction.redactor import Redactor

_SHORTEST = 8


def redactor_of(inquiry: Inquiry) -> Redactor:
    """Hides the tokens of all websites, the credentials of the request, and keys of payment providers."""
    words = {word for word in _credentials(inquiry) if len(word) >= _SHORTEST and not _is_harmless(word, inquiry)}
    return Redactor(inquiry, secrets=words)


def redacted(inquiry: Inquiry, explanation: Explanation) -> Explanation:
    """The same explanation, with every text in it hidden."""
    hidden = _values(redactor_of(inquiry), msgspec.to_builtins(explanation))
    # The command is made of the store's own ids, of which the client's credentials may be a part by chance.
    # Its address is the document's own.
    hidden["curl"] = Redactor(inquiry, public=_texts(inquiry.api.example)).text(explanation.curl)
    return msgspec.convert(hidden, Explanation)


def _values(redactor: Redactor, value: Any) -> Any:
    """Every text hidden but for the names of fields, which are ours and may be a client's token by chance."""
    if isinstance(value, dict):
        return {name: _values(redactor, inner) for name, inner in value.items()}
    return [_values(redactor, inner) for inner in value] if isinstance(value, list | tuple) else redactor.data(value)


def _texts(value: Any) -> set[str]:
    """Every text of an example, at its top."""
    return {text for text in value.values() if isinstance(text, str)} if isinstance(value, dict) else set()


def _credentials(inquiry: Inquiry) -> set[str]:
    words = (inquiry.parsed.authorization or "").split()[:32]
    return {*words, *(word.strip("'\"`\\") for word in words)}


def _is_harmless(word: str, inquiry: Inquiry) -> bool:
    """What a program or a person wrote for want of a token is no secret, and saying it helps."""
    return (
        is_lost(word)
        or is_placeholder(word)
        or template_in(word) == word
        or inquiry.store.website(word) is not None
        or word in inquiry.service.fields
    )
