"""What a run's time allows: how much of the table a slow service is sent, and when a generated phase has to end."""

from __future__ import annotations

import random
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar

from trackfox_contract.engine.settings import BUDGETS

if TYPE_CHECKING:
    from trackfox_contract.engine.settings import Budget, Settings
    from trackfox_contract.wire.client import Client

_FEWEST_ROWS, _TABLES, _PATIENCE = 25, 20, 4
_ROWS_OF_THE_TABLE, _TABLES_OF_A_SLOW_RUN, _STEPS_IN_A_ROW = 4000, 40, 300
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
        return _rows_of(self._settings.budget, self._client.sent_in_all / max(time.monotonic() - self._started, 0.001))

    def forecast(self, rate: float) -> str:
        """How long a service that limits its callers will take, and what budget would be shorter: an estimate.

        Args:
            rate: the requests a second that it lets pass.
        """
        minutes = {name: _minutes_of(budget, rate) for name, budget in BUDGETS.items()}
        own = next((name for name, one in BUDGETS.items() if one == self._settings.budget), "")
        told = f"about {_amount(_minutes_of(self._settings.budget, rate))} for this run"
        shorter = [name for name in minutes if own and minutes[name] < 0.8 * minutes[own]]
        cure = ", ".join(f"--budget {name} would take about {_amount(minutes[name])}" for name in shorter)
        cure = cure or "no smaller budget makes that much shorter"
        return f"about {rate * 60:,.0f} requests a minute get through, which makes {told}; {cure}"

    def random(self, purpose: str) -> random.Random:
        """A source of chance that is the same for the same seed and purpose."""
        return random.Random(f"{self._settings.seed}/{purpose}")  # noqa: S311 - not for secrets


def _rows_of(budget: Budget, rate: float) -> int:
    """How many rows of one table a slow service is sent."""
    return max(_FEWEST_ROWS, int(rate * budget.seconds * _PATIENCE / _TABLES))


def _minutes_of(budget: Budget, rate: float) -> float:
    """Minutes that a run takes of so many requests a second: its tables, and the requests in a row."""
    table = min(_ROWS_OF_THE_TABLE, _TABLES_OF_A_SLOW_RUN * _rows_of(budget, rate))
    return (table / rate + budget.seconds + _STEPS_IN_A_ROW / rate) / 60


def _amount(minutes: float) -> str:
    return f"{minutes:.0f} minutes" if minutes >= 1.5 else f"{max(minutes * 60, 1):.0f} seconds"
