"""The veil over an explanation: it hides the credentials of the request too, whatever brought them into a sentence."""

from __future__ import annotations

import msgspec

from trackfox_mock.document.lookalikes import is_lost, is_placeholder, template_in
from trackfox_mock.explain.case import Case
from trackfox_mock.explain.explanation import Explanation
from trackfox_mock.redaction.redactor import Veil

_SHORTEST = 8


def veil_of(case: Case) -> Veil:
    """Hides the tokens of all websites, the credentials of the request, and keys of payment providers."""
    words = {word for word in _credentials(case) if len(word) >= _SHORTEST and not _is_harmless(word, case)}
    return Veil(case, emails=True, secrets=words)  # e-mails are masked where a sentence is made


def veiled(case: Case, explanation: Explanation) -> Explanation:
    """The same explanation, with every text in it hidden."""
    hidden = veil_of(case).data(msgspec.to_builtins(explanation))
    # The command is made of the store's own ids, of which the client's credentials may be a part by chance.
    hidden["curl"] = Veil(case, emails=True).text(explanation.curl)
    return msgspec.convert(hidden, Explanation)


def _credentials(case: Case) -> set[str]:
    words = (case.call.authorization or "").split()[:32]
    return {*words, *(word.strip("'\"`\\") for word in words)}


def _is_harmless(word: str, case: Case) -> bool:
    """What a program or a person wrote for want of a token is no secret, and saying it helps."""
    return (
        is_lost(word)
        or is_placeholder(word)
        or template_in(word) == word
        or word in case.store.tenants
        or word in case.service.fields
    )
