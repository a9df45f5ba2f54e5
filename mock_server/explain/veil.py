"""Takes secrets out of an explanation, whatever brought them there."""

from __future__ import annotations

from typing import Any

import msgspec

from mock_server.explain.case import Case
from mock_server.explain.explanation import Explanation
from mock_server.lookalikes import is_lost, is_placeholder, provider_secrets, template_in
from mock_server.mask import hide

_SHORTEST = 8


class Veil:
    """Hides the tokens of all websites, the credentials of one request, and secret keys of payment providers.

    Args:
        case: the request.
    """

    def __init__(self, case: Case) -> None:
        self._store = case.store
        self._credentials = {
            word for word in _credentials(case) if len(word) >= _SHORTEST and not _is_harmless(word, case)
        }

    def hide(self, text: str) -> str:
        """The text, with a fingerprint for every secret in it."""
        secrets = {word for word in self._credentials if word in text}
        secrets.update(self._store.tokens_in(text), provider_secrets(text))
        return hide(text, secrets)

    def over(self, explanation: Explanation) -> Explanation:
        """The same, with every text in it hidden."""
        hidden = self._hidden(msgspec.to_builtins(explanation))
        # The command is made of the store's own ids, of which the client's credentials may be a part by chance.
        hidden["curl"] = hide(explanation.curl, self._store.tokens_in(explanation.curl))
        return msgspec.convert(hidden, Explanation)

    def _hidden(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.hide(value)
        if isinstance(value, dict):
            return {key: self._hidden(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return [self._hidden(inner) for inner in value]
        return value


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
