"""A curl command that the mock accepts: the request as it should have been."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from typing import Any

from trackfox_mock.explain.inquiry import Diagnosis, Inquiry
from trackfox_mock.model import IDS, Session


def corrected(inquiry: Inquiry, diagnoses: Iterable[Diagnosis], base_url: str, *, show_secrets: bool) -> str:
    """The command, over several lines.

    Args:
        inquiry: the request.
        diagnoses: what is wrong with it, as far as it is known.
        base_url: where the mock is.
        show_secrets: put the real token and e-mail there, instead of a variable and the document's example.
    """
    body = _valid(inquiry, _mended(inquiry, diagnoses), keep_email=show_secrets)
    session = _session(inquiry, body)
    if session is None:
        body.update({name: value for name, value in _example(inquiry).items() if name in IDS})
    else:
        ids = {"session_id": session.session_id, "visitor_id": session.visitor_id, "website_id": session.website_id}
        body.update({name: value for name, value in ids.items() if name in inquiry.service.fields})
    token = _token(inquiry, str(body.get("website_id")), show_secrets=show_secrets)
    headers = [f"-H {token}"] if token else []
    if inquiry.service.fields:
        headers.append("-H 'Content-Type: application/json'")
    return " \\\n".join(
        [
            f"curl -X {inquiry.api.method} {shlex.quote(base_url + inquiry.api.path)}",
            *([f"  {' '.join(headers)}"] if headers else []),
            *([f"  -d {shlex.quote(json.dumps(body, ensure_ascii=True))}"] if inquiry.service.fields else []),
        ]
    )


def _mended(inquiry: Inquiry, diagnoses: Iterable[Diagnosis]) -> dict[str, Any]:
    body = dict(inquiry.document)
    for diagnosis in diagnoses:
        body = {**{name: value for name, value in body.items() if name not in diagnosis.without}, **diagnosis.fields}
    return body


def _valid(inquiry: Inquiry, body: dict[str, Any], *, keep_email: bool) -> dict[str, Any]:
    """The documented fields alone, those that are against the schema as in the document's example."""
    example = _example(inquiry)
    found = {name: body[name] for name in inquiry.service.fields if name in body}
    for name in inquiry.service.fields:
        if not keep_email and inquiry.api.property_schema(name).get("format") == "email":
            found.pop(name, None)
    broken = {step for violation in inquiry.service.violations(found) for step in violation.location[1:2]}
    return {
        name: example[name] if name in example and (name in broken or name not in found) else found.get(name)
        for name in inquiry.service.fields
        if name in found or name in example
    }


def _example(inquiry: Inquiry) -> dict[str, Any]:
    return inquiry.api.example if isinstance(inquiry.api.example, dict) else {}


def _session(inquiry: Inquiry, body: dict[str, Any]) -> Session | None:
    """The visitor event that was most likely meant, or any that there is."""
    website_id, store = _website_id(inquiry, body), inquiry.store
    if website_id is None:
        return None
    session_id, visitor_id = body.get("session_id"), body.get("visitor_id")
    if isinstance(session_id, str) and (events := store.session(website_id, session_id)):
        return next((event for event in events if event.visitor_id == visitor_id), events[-1])
    sessions = list(store.sessions(website_id))
    return next(
        (session for session in sessions if session.visitor_id == visitor_id), sessions[0] if sessions else None
    )


def _website_id(inquiry: Inquiry, body: dict[str, Any]) -> str | None:
    website_id = body.get("website_id")
    owner = inquiry.store.token_owner(inquiry.token) if inquiry.token else None
    for candidate in (website_id, owner):
        if isinstance(candidate, str) and inquiry.store.website(candidate) is not None:
            return candidate
    ids = (website.website_id for website in inquiry.websites)
    return next((website_id for website_id in ids if inquiry.store.sessions_total(website_id)), None)


def _token(inquiry: Inquiry, website_id: str, *, show_secrets: bool) -> str:
    if not inquiry.api.authenticated:
        return ""
    website = inquiry.store.website(website_id)
    if website is not None and show_secrets:
        return shlex.quote(f"Authorization: Bearer {website.api_token}")
    variable = (website.token_variable if website else "") or "TRACKFOX_API_TOKEN"
    return f'"Authorization: Bearer ${variable}"'
