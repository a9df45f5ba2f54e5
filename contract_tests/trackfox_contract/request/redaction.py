"""Keeps secrets out of every output, by value and in every form in which a value may come back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import count
from typing import Any

from trackfox_contract.request.secret_forms import SHORTEST_PART, SecretForm, forms_of
from trackfox_mock import Redactor as EveryRedactor
from trackfox_mock import Website

_VARIABLE = "TRACKFOX_API_TOKEN"
_MOST_READ = 1 << 16

Pieces = list["str | SecretForm"]
"""A text in pieces: what may be shown, and what may not."""


class Redactor:
    """Replaces known tokens, and parts of them, by what bash makes them of; the mock's own redactor hides what is left.

    Args:
        websites: the websites whose tokens are secret.

    Attributes:
        variables: by `website_id`, the environment variable that stands for its token.
    """

    def __init__(self, websites: Iterable[Website]) -> None:
        websites = tuple(websites)
        names = (f"{_VARIABLE}_{number}" if number > 1 else _VARIABLE for number in count(1))
        named = [(website, website.token_variable or name) for website, name in zip(websites, names, strict=False)]
        self.variables = {website.website_id: name for website, name in named}
        forms: dict[str, SecretForm] = {}
        for form in (form for website, name in named for form in forms_of(website.api_token, name)):
            forms.setdefault(form.text, form)  # a token in lower case is the token itself
        self._forms = sorted(forms.values(), key=lambda form: -len(form.text))
        self._others = EveryRedactor.of(websites)
        self._beginnings = {form.text[:SHORTEST_PART] for form in self._forms}

    def pieces(self, text: str) -> Pieces:
        """A text cut where a secret begins or ends; the longest secret is looked for first."""
        form = self._longest_form_in(text)
        if form is None:
            return [text] if text else []
        first, *others = map(self.pieces, text.split(form.text))
        return [*first, *(piece for pieces in others for piece in (form, *pieces))]

    def _longest_form_in(self, text: str) -> SecretForm | None:
        begun = {beginning for beginning in self._beginnings if beginning in text}
        candidates = (form for form in self._forms if form.text[:SHORTEST_PART] in begun) if begun else ()
        return next((form for form in candidates if form.text in text), None)

    def text(self, text: str) -> str:
        """The text without any known token, whole, in part, in another case or encoded, and without other secrets.

        What only looks like a credential, and e-mail addresses, a service may have from its customers.
        """
        told = (piece if isinstance(piece, str) else piece.told for piece in self.pieces(text))
        return self._others.text("".join(told))

    def values(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Plain values by name, without any known token."""
        return {self.text(name): self.text(one) if isinstance(one, str) else one for name, one in values.items()}

    def shown(self, text: str, most: int) -> str:
        """A text for a person: without secrets, on one line, without anything that a terminal obeys, and then cut.

        Args:
            text: what may hold secrets, and anything that a service likes to answer.
            most: how many characters of it are shown.
        """
        shown = _harmless(self.text(text[:_MOST_READ]))
        return shown if len(shown) <= most else f"{shown[:most]}…"


def _harmless(text: str) -> str:
    """A text whose control characters, line ends and invisible marks are written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
