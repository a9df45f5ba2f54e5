"""One call of TrackFox's attribute-payment endpoint, and what its outcome means."""

import os
from functools import cache
from typing import NamedTuple

import httpx2

TIMEOUT = 10.0
"""Seconds. Without one, a call that hangs keeps the outbox waiting for ever."""


class Outcome(NamedTuple):
    """The state that the payment's row takes next, and a note for the person who looks at it."""

    state: str
    note: str


def attribute(*, session_id: str, visitor_id: str, cents: int, email: str) -> Outcome:
    """Tell TrackFox of one payment.

    Returns:
        `attributed`: done. `waiting`: nothing was sent, so another try cannot count twice. `refused`: the answer is
        final, another try would get the same. `unknown`: it may have been counted, so nobody tries again unasked.
    """
    base_url = os.environ.get("TRACKFOX_BASE_URL", "https://trackfox.app")
    try:
        response = _client().post(
            f"{base_url}/api/v1/attribute-payment",
            headers={"Authorization": f"Bearer {os.environ['TRACKFOX_API_TOKEN']}"},
            json={
                "website_id": os.environ["TRACKFOX_WEBSITE_ID"],
                "session_id": session_id,
                "visitor_id": visitor_id,
                "revenue": cents,
                "email": email,
            },
            timeout=TIMEOUT,
        )
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        return Outcome("waiting", f"not reached: {error}")
    except httpx2.TransportError as error:
        return Outcome("unknown", f"sent, and no answer came: {error!r}")
    return _outcome(response)


@cache
def _client() -> httpx2.Client:
    # One client, as its TLS context takes longer to make than a call; but no connection is kept, because on one that
    # the other side has closed meanwhile a call fails as if its answer were lost.
    return httpx2.Client(limits=httpx2.Limits(max_keepalive_connections=0))


def _outcome(response: httpx2.Response) -> Outcome:
    note = f"{response.status_code} {response.text[:200]}"
    if response.status_code == 200:
        return Outcome("attributed", note)
    if response.status_code == 429:
        return Outcome("waiting", note)
    if response.status_code >= 500:
        return Outcome("unknown", note)
    return Outcome("refused", note)
