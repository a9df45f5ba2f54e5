"""Pays on the real host, by the client of the first argument: `python pay.py requests`. Prints the status."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import urllib.request
from collections.abc import Callable

URL = os.environ.get("URL", "https://trackfox.app/api/v1/attribute-payment")
PAYMENT = {
    "session_id": os.environ["TRACKFOX_SESSION_ID"],
    "visitor_id": os.environ["TRACKFOX_VISITOR_ID"],
    "website_id": os.environ["TRACKFOX_WEBSITE_ID"],
    "revenue": 9900,
    "email": "ada@example.com",
}
HEADERS = {"Authorization": f"Bearer {os.environ['TRACKFOX_API_TOKEN']}", "Content-Type": "application/json"}


def by_urllib() -> int:
    request = urllib.request.Request(URL, json.dumps(PAYMENT).encode(), HEADERS)  # noqa: S310 - written above
    with urllib.request.urlopen(request, timeout=10) as response:  # noqa: S310 - written above
        return int(response.status)


def by_requests() -> int:
    import requests

    return requests.post(URL, json=PAYMENT, headers=HEADERS, timeout=10).status_code


def by_httpx() -> int:
    import httpx

    return httpx.post(URL, json=PAYMENT, headers=HEADERS).status_code


def by_httpx2() -> int:
    import httpx2

    return httpx2.post(URL, json=PAYMENT, headers=HEADERS).status_code


def by_aiohttp(*, trust_env: bool = False) -> int:
    import aiohttp

    async def pay() -> int:
        async with (
            aiohttp.ClientSession(trust_env=trust_env) as session,
            session.post(URL, json=PAYMENT, headers=HEADERS) as response,
        ):
            return response.status

    return asyncio.run(pay())


CLIENTS: dict[str, Callable[[], int]] = {
    "urllib": by_urllib,
    "requests": by_requests,
    "httpx": by_httpx,
    "httpx2": by_httpx2,
    "aiohttp": by_aiohttp,
    "aiohttp, trust_env=True": lambda: by_aiohttp(trust_env=True),
}

if __name__ == "__main__":
    print(CLIENTS[sys.argv[1]]())
