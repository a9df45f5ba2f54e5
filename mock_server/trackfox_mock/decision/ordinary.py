"""A request about which nothing is odd, known as such at once.

Nearly all that a working application sends is ordinary: every gate of `decide` lets it through, in whatever order, and
there is nothing to advise about it. A few comparisons tell. Whatever gives the least cause for doubt goes through the
gates, which alone refuse. `tests/test_ordinary.py` holds the one against the other.
"""

from __future__ import annotations

from trackfox_mock.decision.parsed_request import Body, FirstLook
from trackfox_mock.document.email_addresses import is_plain
from trackfox_mock.document.service import Service
from trackfox_mock.document.service_registry import ServiceRegistry
from trackfox_mock.model import Request, Session
from trackfox_mock.tenants.store import Store

Ordinary = tuple[Service, Session, Body]
"""The document as the request's website reads it, the visitor event that the payment belongs to, and what was sent."""


def ordinary(services: ServiceRegistry, store: Store, request: Request, seen: FirstLook) -> Ordinary | None:
    """What an ordinary request asks for; None for any other, and where a reading or the document leaves a doubt."""
    fields, body = seen.fields, seen.body
    if (
        body is None
        or fields.get(b"content-type") != b"application/json"
        or b"origin" in fields
        or b"prefer" in fields
        or len(fields) < len(request.headers)
        or request.query
        or request.body_size > len(request.body)
    ):
        return None
    website_id = body.website_id
    service = services.of(website_id)
    tenant = store.tenants.get(website_id)
    if (
        body.revenue not in service.ordinary_revenue
        or tenant is None
        or fields.get(b"authorization", b"") != tenant.bearer
    ):
        return None
    events = store.events(website_id, body.session_id, body.visitor_id)
    if (
        events
        and request.path == service.api.path
        and request.method == service.api.method
        and service.placeholders.isdisjoint((body.session_id, body.visitor_id, website_id))
        and is_plain(body.email)
    ):
        return service, service.event_of(events), body
    return None
