"""The environment of an application under test."""

from __future__ import annotations

from trackfox_mock.model import Session

BASE_URL = "http://127.0.0.1:4012"
"""Where a mock is that was not told otherwise."""


def environment(base_url: str, api_token: str, session: Session) -> dict[str, str]:
    """The five variables by which an application finds the mock.

    It posts to `$TRACKFOX_BASE_URL/api/v1/attribute-payment`.

    Args:
        base_url: where the mock is, as `http://127.0.0.1:4012`.
        api_token: of the session's website.
        session: whose website, visitor and session ids are given.
    """
    return {
        "TRACKFOX_BASE_URL": base_url,
        "TRACKFOX_WEBSITE_ID": session.website_id,
        "TRACKFOX_API_TOKEN": api_token,
        "TRACKFOX_VISITOR_ID": session.visitor_id,
        "TRACKFOX_SESSION_ID": session.session_id,
    }
