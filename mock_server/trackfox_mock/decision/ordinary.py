"""A request about which nothing is odd, known as such at once.

Nearly all that a working application sends is ordinary: every gate of `decide` lets it through, in whatever order, and
all that may be advised about it is that it came before, or has the document's own ids. A few comparisons tell.
Whatever gives the least cause for doubt goes through the gates, which alone refuse. `tests/test_ordinary.py` holds the
one against the other.
"""

from __future__ import annotations

from trackfox_mock.decision.parsed_request import ParsedRequest
from trackfox_mock.document.email_addresses import is_plain
from trackfox_mock.document.service import Service
from trackfox_mock.model import Session
from trackfox_mock.tenants.store import Facts


def ordinary(service: Service, facts: Facts, parsed: ParsedRequest) -> Session | None:
    """The visitor event that an ordinary request is about; None for any other request, and at the least doubt."""
    request, fields, body = parsed.request, parsed.fields, parsed.body
    if (
        body is None
        or service.ordinary_amounts is None
        or body.revenue not in service.ordinary_amounts
        or fields.get(b"content-type") != b"application/json"
        or b"origin" in fields
        or b"prefer" in fields
        or request.query
        or len(fields) < len(request.headers)
        or request.body_size > len(request.body)
        or request.path != service.api.path
        or request.method != service.api.method
    ):
        return None
    authorization = fields.get(b"authorization", b"")
    events = facts.admitted(body.website_id, authorization, body.session_id, body.visitor_id)
    return events[service.which_event] if events and is_plain(body.email) else None
