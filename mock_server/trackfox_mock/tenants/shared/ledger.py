"""The payments and requests of a shared store, read a page at a time. Nobody's answer waits for these but who looks."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from heapq import merge
from itertools import islice
from typing import Any

from redis.exceptions import RedisError

from trackfox_mock.model import PaymentEvent
from trackfox_mock.tenants.shared import rows
from trackfox_mock.tenants.shared.line import Line
from trackfox_mock.tenants.store import Wanted

_PAGE = 1000


class SharedLedger:
    """Reads what nodes have recorded.

    Args:
        line: to the store.

    All of its methods raise a `StoreAwayError` where the store does not answer.
    """

    def __init__(self, line: Line) -> None:
        self._line = line
        self._client: Any = line.client
        self._prefix = line.address.prefix.encode()

    def twin(self, payment: PaymentEvent) -> PaymentEvent | None:
        """The payment that is like another, if there was one among the last 10,000."""
        website_id = payment.session.website_id
        with self._told():
            number = self._client.zscore(self._name(b"known", website_id), rows.likeness(payment))
            row = None if number is None else self._client.hget(self._name(b"payments", website_id), int(number))
        return None if row is None else rows.read_payment(website_id, int(number), row)

    def payments(self, owners: Collection[str]) -> Iterator[PaymentEvent]:
        """The payments of some websites, the earliest first, as they are when the first one is asked for."""
        sizes = self._sizes(owners)
        yield from merge(*(self._earliest(owner, size) for owner, size in sizes.items()), key=_number)

    def find(self, owners: Collection[str], wanted: Wanted, limit: int) -> tuple[int, list[PaymentEvent]]:
        """How many of the payments of some websites are wanted, and the newest so many, the newest first."""
        sizes = self._sizes(owners)
        newest = merge(*(self._newest(owner, size) for owner, size in sizes.items()), key=_number, reverse=True)
        if wanted == Wanted(wanted.website_id):
            total = sum(sizes.values())
            return total, list(islice(newest, min(limit, total)))
        found = [payment for payment in newest if wanted.matches(payment)]
        return len(found), found[:limit]

    def total(self, owners: Collection[str]) -> int:
        """How many payments some websites have had."""
        if not owners:
            return 0
        with self._told():
            found = self._client.hmget(self._prefix + b"totals", [rows.key(owner) for owner in owners])
        return sum(int(total or 0) for total in found)

    def owners(self) -> list[str]:
        """The websites that have payments."""
        with self._told():
            return [key.decode("utf-8", "surrogatepass") for key in self._client.hkeys(self._prefix + b"totals")]

    def requests(self) -> list[bytes]:
        """The requests that are kept, in order of their numbers."""
        with self._told():
            found = self._client.hgetall(self._prefix + b"requests")
        return [found[number] for number in sorted(found, key=int)]

    def _sizes(self, owners: Collection[str]) -> dict[str, int]:
        """How many payments of each website are kept, at one moment: what comes later is behind those."""
        with self._told(), self._client.pipeline(transaction=True) as asked:
            for owner in owners:
                asked.llen(self._name(b"numbers", owner))
            return dict(zip(owners, asked.execute(), strict=True))

    def _earliest(self, owner: str, size: int) -> Iterator[PaymentEvent]:
        for start in range(0, size, _PAGE):
            yield from self._page(owner, start, min(start + _PAGE, size))

    def _newest(self, owner: str, size: int) -> Iterator[PaymentEvent]:
        for end in range(size, 0, -_PAGE):
            yield from reversed(self._page(owner, max(end - _PAGE, 0), end))

    def _page(self, owner: str, start: int, end: int) -> list[PaymentEvent]:
        with self._told():
            numbers = self._client.lrange(self._name(b"numbers", owner), start, end - 1)
            found = self._client.hmget(self._name(b"payments", owner), numbers) if numbers else []
        rows_of = zip(numbers, found, strict=True)
        return [rows.read_payment(owner, int(number), row) for number, row in rows_of if row is not None]

    def _name(self, kind: bytes, owner: str) -> bytes:
        return self._prefix + kind + b":" + rows.key(owner)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (RedisError, OSError) as problem:
            raise self._line.failed(problem) from None


def _number(payment: PaymentEvent) -> int:
    return payment.number
