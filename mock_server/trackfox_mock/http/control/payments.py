"""`/__admin/payments`: what was recorded, newest first."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import islice
from typing import Annotated

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.control.console import Console, Noun
from trackfox_mock.http.control.exchange import answer, read_query
from trackfox_mock.journal.serializers import show_payment
from trackfox_mock.model import PaymentEvent


class Wanted(msgspec.Struct, forbid_unknown_fields=True):
    """Which payments: all criteria that are given must hold."""

    website_id: str | None = None
    session_id: str | None = None
    visitor_id: str | None = None
    email: str | None = None
    revenue: int | None = None
    since: datetime | None = None
    limit: Annotated[int, msgspec.Meta(ge=0)] = 1000

    def matches(self, payment: PaymentEvent) -> bool:
        """Whether a payment is meant."""
        session = payment.session
        return (
            self.session_id in (None, session.session_id)
            and self.visitor_id in (None, session.visitor_id)
            and self.email in (None, payment.email)
            and self.revenue in (None, payment.revenue)
            and (
                self.since is None
                or payment.recorded_at >= self.since.replace(tzinfo=self.since.tzinfo or UTC).timestamp()
            )
        )


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
        wanted = read_query(request, Wanted)
        self._known(wanted.website_id)
        found = [payment for payment in self._world.store.payments(wanted.website_id) if wanted.matches(payment)]
        shown = [show_payment(payment, self._redactor) for payment in islice(reversed(found), wanted.limit)]
        return answer({"payments": shown, "meta": {"total": len(found)}})

    async def forget(self, request: Request) -> Response:
        website_id = read_query(request, Owner).website_id
        self._known(website_id)
        self._world.store.forget_payments(website_id)
        return answer({})

    def _known(self, website_id: str | None) -> None:
        if website_id is not None:
            self._console.website(website_id)
