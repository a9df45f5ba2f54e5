"""How many requests came for each website in this second (silence `rate-limit`)."""

from __future__ import annotations

REQUESTS_A_SECOND = 20


class Rates:
    """Counts the requests of each website, second by second."""

    def __init__(self) -> None:
        self._counts: dict[str | None, tuple[int, int]] = {}

    def is_too_fast(self, website_id: str | None, now: float) -> bool:
        """Count a request; tells whether it is beyond the twenty of its second.

        Args:
            website_id: whose request it is.
            now: seconds since the epoch.
        """
        second, count = self._counts.get(website_id, (0, 0))
        count = count + 1 if second == int(now) else 1
        self._counts[website_id] = (int(now), count)
        return count > REQUESTS_A_SECOND

    def forget(self, website_id: str) -> None:
        """Drop the count of a website that is gone."""
        self._counts.pop(website_id, None)

    def clear(self) -> None:
        """Begin anew for every website."""
        self._counts.clear()
