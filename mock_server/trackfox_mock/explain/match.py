"""The gate `match`: no visitor event has these three ids together."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from trackfox_mock.document.lookalikes import is_lost, mistaken_id
from trackfox_mock.explain.inquiry import Diagnosis, Inquiry, known, nearly, shown
from trackfox_mock.explain.tokens import unknown_website
from trackfox_mock.model import Session
from trackfox_mock.tenants.fixtures import iso_time
from trackfox_mock.tenants.store import Store

_FEW = 100

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


_KINDS = {bool: "boolean", int: "number", float: "number", list: "array", dict: "object"}


def diagnose(inquiry: Inquiry) -> Diagnosis:
    """Why nothing matches: which of the ids is unknown, or which do not belong together."""
    session_id, visitor_id = inquiry.parsed.id("session_id"), inquiry.parsed.id("visitor_id")
    website_id = inquiry.parsed.website_id
    if website_id is None or inquiry.website is None:
        return unknown_website(inquiry)
    if session_id is None or visitor_id is None:
        name = "session_id" if session_id is None else "visitor_id"
        value = inquiry.document.get(name)
        silence = inquiry.service.readings.key("wrong-type-id", _KINDS.get(type(value), ""))
        came = f"{name} is {shown(value)}, not a string"
        return Diagnosis("field.type", came, "a string", f"send the id, and {_HOW}", silence=silence)
    if inquiry.store.events(website_id, session_id, visitor_id):
        return Diagnosis("match.now", "nothing matched then", "a visitor event", "send it again: by now there is one")
    return next(_findings(inquiry, website_id, session_id, visitor_id))


def _findings(inquiry: Inquiry, website_id: str, session_id: str, visitor_id: str) -> Iterator[Diagnosis]:
    store = inquiry.store
    knows_session, knows_visitor = (
        store.knows_session(website_id, session_id),
        store.knows_visitor(website_id, visitor_id),
    )
    yield from _swapped(store, website_id, session_id, visitor_id)
    if not knows_session:
        ids = store.session_ids(website_id)
        yield from _mistaken("session_id", session_id, ids, store.knows_session, inquiry)
    if not knows_visitor:
        ids = store.visitor_ids(website_id)
        yield from _mistaken("visitor_id", visitor_id, ids, store.knows_visitor, inquiry)
    if knows_session and knows_visitor:
        yield _apart(store.session(website_id, session_id), session_id, visitor_id)
    if knows_session:
        yield _unknown(website_id, "visitor_id", visitor_id, store.visitor_ids(website_id))
    else:
        yield _unknown(website_id, "session_id", session_id, store.session_ids(website_id))


def _swapped(store: Store, website_id: str, session_id: str, visitor_id: str) -> Iterator[Diagnosis]:
    both = {"session_id": visitor_id, "visitor_id": session_id}
    is_visitor, events = store.knows_visitor(website_id, session_id), store.session(website_id, visitor_id)
    if is_visitor and events:
        came = f"session_id is {shown(session_id)}, a visitor, and visitor_id is {shown(visitor_id)}, a session"
        yield Diagnosis("match.swapped", came, "each in its own field", "swap them", both)
    elif is_visitor:
        came = f"session_id is {shown(session_id)}, which is a visitor"
        own = next((session for session in store.sessions(website_id) if session.visitor_id == session_id), None)
        fixed = {} if own is None else {"session_id": own.session_id, "visitor_id": own.visitor_id}
        yield Diagnosis(
            "match.visitor-for-session", came, "the id of a session", f"send the session's id, and {_HOW}", fixed
        )
    elif events:
        came = f"visitor_id is {shown(visitor_id)}, which is a session"
        owner = events[-1].visitor_id
        mend = f"send the visitor's id, {shown(owner)} for this session"
        fixed = {"session_id": visitor_id, "visitor_id": owner}
        yield Diagnosis("match.session-for-visitor", came, "the id of a visitor", mend, fixed)


def _mistaken(
    name: str, value: str, ids: Iterable[str], is_in: Callable[[str, str], bool], inquiry: Inquiry
) -> Iterator[Diagnosis]:
    noun = name.removesuffix("_id")
    expected = f"the id of a {noun} of {shown(inquiry.parsed.website_id)}"
    is_example = value in inquiry.service.placeholders and not is_lost(value)
    mistaken = ("id.placeholder", "the documentation's placeholder") if is_example else mistaken_id(value)
    if mistaken is not None:
        slip, what = mistaken
        mend = f"send TrackFox's {noun} id, and {_HOW}"
        silence = "empty-id" if slip == "id.empty" else ""
        yield Diagnosis(slip, f"{name} is {shown(value)}, {what}", expected, mend, silence=silence)
    other = next((website for website in inquiry.others() if is_in(website.website_id, value)), None)
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


def _apart(events: Sequence[Session], session_id: str, visitor_id: str) -> Diagnosis:
    owner = events[-1].visitor_id
    came = f"session {shown(session_id)} is of visitor {shown(owner)}, not of {shown(visitor_id)}"
    mend = f"send visitor_id {shown(owner)}, or a session of this visitor"
    return Diagnosis("match.apart", came, "a session and its own visitor", mend, {"visitor_id": owner})


def _unknown(website_id: str, name: str, value: str, every: Iterable[str]) -> Diagnosis:
    noun, ids = name.removesuffix("_id"), list(islice(every, _FEW))
    if len(ids) < _FEW:
        ids.sort()
    came = f"{shown(website_id)} has no {noun} {shown(value)}"
    mend = f"send one that it has ({known(ids)}), or add this one to the mock" if ids else "add one to the mock first"
    return Diagnosis(f"match.unknown-{noun}", came, f"the id of a {noun} of {shown(website_id)}", mend)
