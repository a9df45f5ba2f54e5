"""The gates `token` and `known-token`: whose token is this, and what happened to it on the way?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from trackfox_mock.document.lookalikes import is_lost, is_placeholder, mistaken_id, provider_key, template_in
from trackfox_mock.explain.inquiry import Diagnosis, Inquiry, known, nearly, shown
from trackfox_mock.redaction.masking import fingerprint

_AROUND = " \t\r\n'\"`"


class _Finding(NamedTuple):
    slip: str
    came: str
    mend: str


def passed(inquiry: Inquiry) -> str:
    """Whose token it is."""
    owner = inquiry.store.token_owner(inquiry.token)
    return f"the token is the one of website {shown(owner)}" if owner else "the token was the right one"


def diagnose(inquiry: Inquiry) -> Diagnosis:
    """Why the token is not the one of the body's website."""
    website, website_id = inquiry.website, inquiry.parsed.website_id
    owner = inquiry.store.token_owner(inquiry.token)
    if website is None and inquiry.decision.rule != "auth.invalid":
        return unknown_website(inquiry)
    if owner is not None and owner != website_id:
        return _of_another_website(inquiry, owner)
    slip, came, mend = next(_slips(inquiry))
    expected = f"the API token of {shown(website_id)}" if website else "the API token of a website"
    return Diagnosis(slip, came, expected, mend)


def _of_another_website(inquiry: Inquiry, owner: str) -> Diagnosis:
    website_id = inquiry.parsed.website_id
    came = f"the token {fingerprint(inquiry.token)} is the one of website {shown(owner)}"
    expected = f"the one of the body's website, {shown(website_id)}"
    session_id, visitor_id = inquiry.parsed.id("session_id"), inquiry.parsed.id("visitor_id")
    if session_id and visitor_id and inquiry.store.events(owner, session_id, visitor_id):
        mend = f"send website_id {shown(owner)}, to which the session and the visitor belong"
        return Diagnosis("token.other-website", came, expected, mend, fields={"website_id": owner})
    return Diagnosis("token.other-website", came, expected, f"use the token of {shown(website_id)}")


def unknown_website(inquiry: Inquiry) -> Diagnosis:
    """Why no website has the body's `website_id`."""
    website_id = inquiry.parsed.website_id
    expected = "the id of one of your websites"
    owner = inquiry.store.token_owner(inquiry.token) if inquiry.token else None
    right = {} if owner is None else {"website_id": owner}
    mend = f"send {shown(owner)}, the website of this token" if owner else "check the id in TrackFox's settings"
    if website_id is None:
        came = f"website_id is {shown(inquiry.document.get('website_id'))}"
        return Diagnosis("website_id.type", came, expected, mend, right, silence="unknown-website")
    ids = [website.website_id for website in inquiry.websites]
    near = nearly(website_id, ids)
    if near is not None:
        came = f"website_id is {shown(website_id)}, which is {shown(near[0])} {near[1]}"
        return Diagnosis("website_id.nearly", came, expected, f"send {shown(near[0])}", {"website_id": near[0]})
    mistaken = mistaken_id(website_id)
    slip, what = mistaken or ("website_id.unknown", "which no website has")
    came = f"website_id is {shown(website_id)}, {what}"
    if owner is None and ids:
        mend = f"the mock knows {known(ids)}; add yours to the fixtures, or send one of these"
    return Diagnosis(slip, came, expected, mend, right, silence="unknown-website")


def _slips(inquiry: Inquiry) -> Iterator[_Finding]:
    token = inquiry.token
    bare = token.replace("\\n", "").replace("\\r", "").replace("%22", "").replace("%0A", "").strip(_AROUND)
    variable = "check the variable that holds it, and the .env file it comes from"
    if bare != token:
        what = "quotes" if set(token) & set("'\"`") or "%22" in token else "a line break"
        owner = inquiry.store.token_owner(bare)
        whose = f" of {shown(owner)}" if owner else ""
        yield _Finding("token.quoted", f"the token{whose} came with {what} around it", f"send it without; {variable}")
    if is_lost(token):
        yield _Finding(
            "token.lost", f"the token is {shown(token)}", f"the variable that holds it is not set; {variable}"
        )
    if template := template_in(token):
        what = shown(template) if template.startswith("$") else "a template"
        yield _Finding("token.template", f"the token is {what}, not filled in", variable)
    if key := provider_key(token):
        yield _Finding("token.provider", f"the token is {key}", "send TrackFox's own; never a provider's key")
    if inquiry.store.website(token) is not None:
        yield _Finding("token.website-id", "the token is the id of a website", "send the website's API token instead")
    near = nearly(token, (website.api_token for website in inquiry.websites))
    if near is not None:
        owner = inquiry.store.token_owner(near[0])
        came = f"the token is the one of {shown(owner)} {near[1]}"
        yield _Finding("token.nearly", came, f"copy it again, as a whole; {variable}")
    if is_placeholder(token):
        yield _Finding("token.placeholder", "the token is a placeholder", "put your website's own in its place")
    if token.lower().startswith("bearer"):
        yield _Finding("token.bearer", "the token begins with Bearer", f"write Bearer once; {variable}")
    came = f"no website has the token {fingerprint(token)}"
    yield _Finding("token.unknown", came, f"copy it from TrackFox's settings; {variable}")
