"""What a run's time allows: how much of the table a slow service is sent, and when a generated phase has to end."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from trackfox_contract.engine.settings import Settings
    from trackfox_contract.wire.client import Client

_FEWEST_ROWS, _TABLES, _PATIENCE = 25, 20, 4
_Row = TypeVar("_Row")


class Pace:
    """Divides a run's time among its parts.

    Args:
        settings: the budget, and the seed of what is left to chance.
        client: how much was sent so far, and whether the service is slow.
    """

    def __init__(self, settings: Settings, client: Client) -> None:
        self._settings, self._client = settings, client
        self._started = time.monotonic()

    def until(self, part: float) -> float:
        """The moment at which a phase has to end that may take this part of the budget; all parts make up 1."""
        return time.monotonic() + self._settings.budget.seconds * part

    def affordable(self, rows: Sequence[_Row]) -> tuple[list[_Row], list[_Row]]:
        """Rows that there is time for, and those that there is not: of a slow service's, a sample of the later ones."""
        most = self._most_rows()
        if not self._client.is_slow or len(rows) <= most:
            return list(rows), []
        first = range(most // 2)
        sample = self.random("sample").sample(range(most // 2, len(rows)), most - len(first))
        kept = {*first, *sample}
        return [row for at, row in enumerate(rows) if at in kept], [
            row for at, row in enumerate(rows) if at not in kept
        ]

    def _most_rows(self) -> int:
        rate = self._client.sent_in_all / max(time.monotonic() - self._started, 0.001)
        return max(_FEWEST_ROWS, int(rate * self._settings.budget.seconds * _PATIENCE / _TABLES))

    def random(self, purpose: str) -> random.Random:
        """A source of chance that is the same for the same seed and purpose."""
        return random.Random(f"{self._settings.seed}/{purpose}")  # noqa: S311 - not for secrets
