"""Journal entries, payments and websites as JSON; the field names of requests are WireMock's."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

import msgspec

from trackfox_mock.faults.effects import Hit
from trackfox_mock.faults.schedule import Scheduled
from trackfox_mock.journal.entries import Entry, Relayed
from trackfox_mock.journal.search import url_of
from trackfox_mock.model import PaymentEvent, Reply, Request, Website
from trackfox_mock.redaction.redactor import Redactor
from trackfox_mock.tenants.fixtures import dump_session, iso_time
from trackfox_mock.tenants.store import Store

_WIDEST_INTEGER = 2**63


def show_entry(entry: Entry, redactor: Redactor) -> dict[str, Any]:
    """A request with what became of it."""
    decision = entry.decision
    return {
        "id": entry.number,
        "request": _show_request(entry, redactor),
        "response": None if entry.reply is None else _show_reply(entry.reply, redactor),
        "wasMatched": decision.refused_by != "route",
        "completed": entry.elapsed is not None,
        "timing": None if entry.elapsed is None else {"totalTime": round(entry.elapsed * 1000, 3)},
        "website_id": entry.website_id,
        "token_website_id": entry.token_website_id,
        "outcome": entry.outcome,
        "rule": decision.rule,
        "gates": {"order": list(decision.gates), "passed": decision.passed},
        "violations": [
            {
                "location": ["request", *redactor.data(violation.location)],
                "severity": "Error",
                "code": violation.code,
                "message": redactor.text(violation.message),
            }
            for violation in decision.violations
        ],
        "advice": [{"id": advisory.id, "sentence": redactor.text(advisory.sentence)} for advisory in entry.advice],
        "payment_id": None if entry.payment is None else entry.payment.payment_id,
        "repeats": None if entry.repeats is None else entry.repeats.payment_id,
        "fault": None if entry.fault is None else _show_hit(entry.fault),
        "relayed": None if entry.relayed is None else _show_relayed(entry.relayed, redactor),
        "explanation": f"/__admin/requests/{entry.number}/explain",
    }


def _show_relayed(relayed: Relayed, redactor: Redactor) -> dict[str, Any]:
    return {
        "verdict": relayed.verdict,
        "clauses": list(relayed.clauses),
        "sentence": redactor.text(relayed.sentence),
        "would": {"status": relayed.would.status, "body": redactor.text(relayed.would.body.decode("utf-8", "replace"))},
    }


def _show_request(entry: Entry, redactor: Redactor) -> dict[str, Any]:
    request, url = entry.request, redactor.text(url_of(entry))
    return {
        "url": url,
        "absoluteUrl": f"http://{redactor.text(_host(request))}{url}",
        "method": redactor.text(request.method),
        "clientIp": entry.client,
        "headers": _show_headers(request.headers, redactor),
        "body": redactor.text(request.body.decode("utf-8", "replace")),
        "bodySize": request.body_size,
        "loggedDate": int(entry.received_at * 1000),
        "loggedDateString": iso_time(entry.received_at),
    }


def _show_reply(reply: Reply, redactor: Redactor) -> dict[str, Any]:
    return {
        "status": reply.status,
        "headers": _show_headers(reply.headers, redactor),
        "body": redactor.text(reply.body.decode("utf-8", "replace")),
    }


def _show_hit(hit: Hit) -> dict[str, Any]:
    """What hit a request; `id` is that of a scheduled fault, `delay` is in milliseconds."""
    return {"name": hit.effect.name, "phase": hit.effect.phase, "delay": round(hit.delay, 3), "id": hit.fault_id}


def show_fault(scheduled: Scheduled) -> dict[str, Any]:
    """A scheduled fault with its counters."""
    expires_at = scheduled.expires_at
    return {
        "id": scheduled.fault_id,
        "name": scheduled.fault.name,
        **msgspec.to_builtins(scheduled.fault),
        "expires_at": None if expires_at is None else iso_time(expires_at),
        "seen": scheduled.seen,
        "hits": scheduled.hits,
    }


def _show_headers(headers: Iterable[tuple[bytes, bytes]], redactor: Redactor) -> dict[str, Any]:
    """Header fields as WireMock has them: a string each, a list where one is repeated."""
    shown: dict[str, Any] = {}
    for raw_name, raw_value in headers:
        called = raw_name.decode("latin-1")
        value = redactor.header(called.lower(), raw_value.decode("utf-8", "replace"))
        name = redactor.text(called)
        if name not in shown:
            shown[name] = value
        elif isinstance(shown[name], list):
            shown[name].append(value)
        else:
            shown[name] = [shown[name], value]
    return shown


def _host(request: Request) -> str:
    return next((value.decode("latin-1") for name, value in request.headers if name == b"host"), "")


def show_payment(payment: PaymentEvent, redactor: Redactor) -> dict[str, Any]:
    """A payment event with the attribution context that was copied into it. `revenue` is in cents.

    `further` are the fields that only an edited document lists.
    """
    session = payment.session
    return {
        "payment_id": payment.payment_id,
        "website_id": session.website_id,
        "session_id": session.session_id,
        "visitor_id": session.visitor_id,
        "revenue": _integer(payment.revenue),
        "email": redactor.email(payment.email),
        "recorded_at": iso_time(payment.recorded_at),
        "attribution": dict(session.attribution),
        "further": redactor.data(payment.further or {}),
    }


def show_website(store: Store, website: Website, redactor: Redactor, *, sessions: int = 0) -> dict[str, Any]:
    """A website with its first so many sessions."""
    website_id = website.website_id
    return {
        "website_id": website_id,
        "api_token": redactor.token(website.api_token),
        "name": website.name,
        "sessions": [dump_session(session) for session in islice(store.sessions(website_id), sessions)],
        "sessions_total": store.sessions_total(website_id),
        "payments_total": store.payments_total(website_id),
    }


def _integer(value: int) -> int | str:
    """JSON integers end at 64 bits in many tools; beyond that it is written as a string."""
    return value if -_WIDEST_INTEGER <= value < _WIDEST_INTEGER else str(value)
