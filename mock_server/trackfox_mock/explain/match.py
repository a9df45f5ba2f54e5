"""The gate `match`: no visitor event has these three ids together."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator

from trackfox_mock.document.lookalikes import is_lost, stranger
from trackfox_mock.explain.inquiry import Diagnosis, Inquiry, known, nearly, shown
from trackfox_mock.explain.tokens import unknown_website
from trackfox_mock.tenants.fixtures import iso_time
from trackfox_mock.tenants.store import Tenant

_HOW = "carry it from the browser through the checkout's metadata to this call"


def passed(inquiry: Inquiry) -> str:
    """The visitor event that was found."""
    session = inquiry.decision.session
    if session is None:
        return "a visitor event has these three ids"
    at = "" if session.occurred_at is None else f" of {iso_time(session.occurred_at)}"
    return (
        f"visitor {shown(session.visitor_id)} had session {shown(session.session_id)} on {shown(session.website_id)}; "
        f"the attribution is copied from the event{at}"
    )


def diagnose(inquiry: Inquiry) -> Diagnosis:
    """Why nothing matches: which of the ids is unknown, or which do not belong together."""
    tenant = inquiry.tenant
    session_id, visitor_id = inquiry.parsed.id("session_id"), inquiry.parsed.id("visitor_id")
    if tenant is None:
        return unknown_website(inquiry)
    if session_id is None or visitor_id is None:
        name = "session_id" if session_id is None else "visitor_id"
        came = f"{name} is {shown(inquiry.document.get(name))}, not a string"
        return Diagnosis("field.type", came, "a string", f"send the id, and {_HOW}", silence="wrong-type-id")
    if inquiry.store.events(tenant.website.website_id, session_id, visitor_id):
        return Diagnosis("match.now", "nothing matched then", "a visitor event", "send it again: by now there is one")
    return next(_findings(inquiry, tenant, session_id, visitor_id))


def _findings(inquiry: Inquiry, tenant: Tenant, session_id: str, visitor_id: str) -> Iterator[Diagnosis]:
    knows_session, knows_visitor = session_id in tenant.events, visitor_id in tenant.visitors
    if session_id in tenant.visitors or visitor_id in tenant.events:
        yield from _swapped(tenant, session_id, visitor_id)
    if not knows_session:
        yield from _strange("session_id", session_id, tenant.events, lambda other: session_id in other.events, inquiry)
    if not knows_visitor:
        yield from _strange(
            "visitor_id", visitor_id, tenant.visitors, lambda other: visitor_id in other.visitors, inquiry
        )
    if knows_session and knows_visitor:
        yield _apart(tenant, session_id, visitor_id)
    name, value, ids = ("visitor_id", visitor_id, tenant.visitors)
    if not knows_session:
        name, value, ids = "session_id", session_id, set(tenant.events)
    yield _unknown(tenant, name, value, sorted(ids) if len(ids) < 100 else list(ids)[:4])


def _swapped(tenant: Tenant, session_id: str, visitor_id: str) -> Iterator[Diagnosis]:
    both = {"session_id": visitor_id, "visitor_id": session_id}
    if session_id in tenant.visitors and visitor_id in tenant.events:
        came = f"session_id is {shown(session_id)}, a visitor, and visitor_id is {shown(visitor_id)}, a session"
        yield Diagnosis("match.swapped", came, "each in its own field", "swap them", both)
    elif session_id in tenant.visitors:
        came = f"session_id is {shown(session_id)}, which is a visitor"
        own = next((session for session in tenant.sessions if session.visitor_id == session_id), None)
        fixed = {} if own is None else {"session_id": own.session_id, "visitor_id": own.visitor_id}
        yield Diagnosis(
            "match.visitor-for-session", came, "the id of a session", f"send the session's id, and {_HOW}", fixed
        )
    else:
        came = f"visitor_id is {shown(visitor_id)}, which is a session"
        owner = tenant.events[visitor_id][-1].visitor_id
        mend = f"send the visitor's id, {shown(owner)} for this session"
        fixed = {"session_id": visitor_id, "visitor_id": owner}
        yield Diagnosis("match.session-for-visitor", came, "the id of a visitor", mend, fixed)


def _strange(
    name: str, value: str, ids: Collection[str], is_in: Callable[[Tenant], bool], inquiry: Inquiry
) -> Iterator[Diagnosis]:
    noun = name.removesuffix("_id")
    expected = f"the id of a {noun} of {shown(inquiry.parsed.website_id)}"
    is_example = value in inquiry.service.placeholders and not is_lost(value)
    strange = ("id.placeholder", "the documentation's placeholder") if is_example else stranger(value)
    if strange is not None:
        slip, what = strange
        mend = f"send TrackFox's {noun} id, and {_HOW}"
        silence = "empty-id" if slip == "id.empty" else ""
        yield Diagnosis(slip, f"{name} is {shown(value)}, {what}", expected, mend, silence=silence)
    other = next((tenant.website for tenant in inquiry.others() if is_in(tenant)), None)
    if other is not None:
        came = f"{noun} {shown(value)} is known in {shown(other.website_id)}, not in {shown(inquiry.parsed.website_id)}"
        mend = f"send one of this website's, or website_id {shown(other.website_id)} with its own token"
        yield Diagnosis("match.other-website", came, expected, mend)
    near = nearly(value, ids)
    if near is not None:
        came = f"{name} is {shown(value)}, which is {shown(near[0])} {near[1]}"
        yield Diagnosis(
            "match.nearly", came, expected, f"send {shown(near[0])}, as ids are compared exactly", {name: near[0]}
        )


def _apart(tenant: Tenant, session_id: str, visitor_id: str) -> Diagnosis:
    owner = tenant.events[session_id][-1].visitor_id
    came = f"session {shown(session_id)} is of visitor {shown(owner)}, not of {shown(visitor_id)}"
    mend = f"send visitor_id {shown(owner)}, or a session of this visitor"
    return Diagnosis("match.apart", came, "a session and its own visitor", mend, {"visitor_id": owner})


def _unknown(tenant: Tenant, name: str, value: str, ids: list[str]) -> Diagnosis:
    noun, website_id = name.removesuffix("_id"), tenant.website.website_id
    came = f"{shown(website_id)} has no {noun} {shown(value)}"
    mend = f"send one that it has ({known(ids)}), or add this one to the mock" if ids else "add one to the mock first"
    return Diagnosis(f"match.unknown-{noun}", came, f"the id of a {noun} of {shown(website_id)}", mend)
