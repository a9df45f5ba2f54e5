"""`/__admin/payments`: what was recorded, newest first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.control.console import Console, Noun
from trackfox_mock.http.control.exchange import json_response, read_query
from trackfox_mock.http.control.turns import in_turns, stream
from trackfox_mock.journal.serializers import show_payment
from trackfox_mock.model import PaymentEvent
from trackfox_mock.tenants.store import Wanted

_AT_ONCE = 2000  # payments that are looked through in one turn


class Query(msgspec.Struct, forbid_unknown_fields=True):
    """Which payments: all criteria that are given must hold."""

    website_id: str | None = None
    session_id: str | None = None
    visitor_id: str | None = None
    email: str | None = None
    revenue: int | None = None
    since: datetime | None = None
    limit: Annotated[int, msgspec.Meta(ge=0, le=2**31)] = 1000

    @property
    def criteria(self) -> Wanted:
        """The same for a store."""
        since = None if self.since is None else self.since.replace(tzinfo=self.since.tzinfo or UTC).timestamp()
        return Wanted(self.website_id, self.session_id, self.visitor_id, self.email, self.revenue, since)


class Owner(msgspec.Struct, forbid_unknown_fields=True):
    """Whose payments."""

    website_id: str | None = None


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    payments = _Payments(console)
    return [
        Route("/__admin/payments", payments.listing, methods=["GET"]),
        Route("/__admin/payments", payments.forget, methods=["DELETE"]),
    ]


class _Payments(Noun):
    async def listing(self, request: Request) -> Response:
        query = read_query(request, Query)
        self._known(query.website_id)
        total, found = await self._found(query.criteria, query.limit)
        repeats = await _repeats(reversed(found))

        def write(payment: PaymentEvent) -> bytes:
            shown = show_payment(payment, self._redactor)
            return msgspec.json.encode({**shown, "repeats": repeats.get(payment.number)})

        return stream(b'{"payments":[', found, write, b'],"meta":{"total":%d}}' % total)

    async def forget(self, request: Request) -> Response:
        website_id = read_query(request, Owner).website_id
        self._known(website_id)
        self._world.store.forget_payments(website_id)
        return json_response({})

    async def _found(self, wanted: Wanted, limit: int) -> tuple[int, list[PaymentEvent]]:
        """How many are wanted, and the newest so many of them, the newest first."""
        store = self._world.store
        if store.is_durable or (limit <= _AT_ONCE and wanted == Wanted(wanted.website_id)):
            return store.find(wanted, limit)  # which looks through few of them, or elsewhere
        payments = in_turns(store.payments(wanted.website_id))
        found = [payment async for payment in payments if wanted.matches(payment)]
        return len(found), found[-1 : -limit - 1 : -1]

    def _known(self, website_id: str | None) -> None:
        if website_id is not None:
            self._console.website(website_id)


async def _repeats(payments: Iterable[PaymentEvent]) -> dict[int, str]:
    """By its number, the id of the first payment of the same session, revenue and e-mail, for every later one."""
    firsts: dict[tuple[object, ...], PaymentEvent] = {}
    found = {}
    async for payment in in_turns(payments):
        session = payment.session
        first = firsts.setdefault((session.website_id, session.session_id, payment.revenue, payment.email), payment)
        if first is not payment:
            found[payment.number] = first.payment_id
    return found
