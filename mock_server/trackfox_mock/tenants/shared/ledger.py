"""The payments and requests of a shared store, read a page at a time. Nobody's answer waits for these but who looks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
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

    def payments(self, owners: Iterable[str]) -> Iterator[PaymentEvent]:
        """The payments of some websites, the earliest first."""
        return merge(*(self._payments(owner, newest_first=False) for owner in owners), key=_number)

    def find(self, owners: Collection[str], wanted: Wanted, limit: int) -> tuple[int, list[PaymentEvent]]:
        """How many of the payments of some websites are wanted, and the newest so many, the newest first."""
        newest = merge(*(self._payments(owner, newest_first=True) for owner in owners), key=_number, reverse=True)
        if wanted == Wanted(wanted.website_id):
            with self._told():
                total = sum(self._client.llen(self._name(b"numbers", owner)) for owner in owners)
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

    def _payments(self, owner: str, *, newest_first: bool) -> Iterator[PaymentEvent]:
        start = 0
        while True:
            first, last = (-start - _PAGE, -start - 1) if newest_first else (start, start + _PAGE - 1)
            with self._told():
                numbers = self._client.lrange(self._name(b"numbers", owner), first, last)
                found = self._client.hmget(self._name(b"payments", owner), numbers) if numbers else []
            page = [
                rows.read_payment(owner, int(number), row)
                for number, row in zip(numbers, found, strict=True)
                if row is not None
            ]
            yield from reversed(page) if newest_first else page
            if len(numbers) < _PAGE:
                return
            start += _PAGE

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
