"""Keeps secrets out of every output, by value and in every form in which a value may come back."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import count

from trackfox_contract.request.secret_forms import SHORTEST_PART, SecretForm, forms_of
from trackfox_mock import Website

_VARIABLE = "TRACKFOX_API_TOKEN"

Pieces = list["str | SecretForm"]
"""A text in pieces: what may be shown, and what may not."""


class Redactor:
    """Replaces known tokens, and parts of them, by what bash makes them of.

    Args:
        websites: the websites whose tokens are secret.

    Attributes:
        variables: by `website_id`, the environment variable that stands for its token.
    """

    def __init__(self, websites: Iterable[Website]) -> None:
        names = (f"{_VARIABLE}_{number}" if number > 1 else _VARIABLE for number in count(1))
        named = [(website, website.token_variable or name) for website, name in zip(websites, names, strict=False)]
        self.variables = {website.website_id: name for website, name in named}
        forms: dict[str, SecretForm] = {}
        for form in (form for website, name in named for form in forms_of(website.api_token, name)):
            forms.setdefault(form.text, form)  # a token in lower case is the token itself
        self._forms = sorted(forms.values(), key=lambda form: -len(form.text))
        self._beginnings = {form.text[:SHORTEST_PART] for form in self._forms}
        self._longest = max((len(form.text) for form in self._forms), default=0)

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
        """The text without any known token, whole, in part, in another case or encoded."""
        return "".join(piece if isinstance(piece, str) else piece.told for piece in self.pieces(text))

    def shown(self, text: str, most: int) -> str:
        """A text for a person: without secrets, on one line, without anything that a terminal obeys, and then cut.

        Args:
            text: what may hold secrets, and anything that a service likes to answer.
            most: how many characters of it are shown.
        """
        shown, at = "", 0
        for piece in self.pieces(text[: most + self._longest]):
            if at >= most:
                break
            shown += _harmless(piece[: most - at]) if isinstance(piece, str) else piece.told
            at += len(piece) if isinstance(piece, str) else len(piece.text)
        return shown + ("…" if len(text) > most else "")


def _harmless(text: str) -> str:
    """A text whose control characters, line ends and invisible marks are written out."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode() for c in text)
