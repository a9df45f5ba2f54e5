"""Made-up ids and tokens for websites and sessions that a test wants without caring what they are called."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping
from typing import Any

_LETTERS = "0123456789abcdefghijklmnopqrstuvwxyz"


class IdFactory:
    """A source of ids and tokens.

    Args:
        seed: the same seed gives the same names in the same order; None gives names that nobody can guess.
    """

    def __init__(self, seed: int | None = None) -> None:
        self._random: random.Random = secrets.SystemRandom() if seed is None else random.Random(seed)  # noqa: S311 - repeatable on purpose

    def name(self, prefix: str, length: int = 12) -> str:
        """A name such as `web_4k2m9x0q7tz1`."""
        return prefix + "".join(self._random.choices(_LETTERS, k=length))

    def website(self, given: Mapping[str, Any], is_free: Callable[[str], bool]) -> dict[str, Any]:
        """A website in the shape of a fixture file, with what is missing filled in: id, token, one session.

        Args:
            given: what was chosen; may be empty.
            is_free: whether no website has that id.
        """
        made = {"website_id": self.name("web_"), "api_token": self.name("tf_mock_", 24)}
        while not is_free(made["website_id"]):
            made["website_id"] = self.name("web_")
        return {**made, "sessions": [self.session({})], **given}

    def session(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """A session in the shape of a fixture file, with what is missing filled in."""
        made = {"session_id": self.name("ses_"), "visitor_id": self.name("vis_")}
        return {**made, "attribution": {"source": "mock"}, **given}
