"""`/__admin/state`: what the fixtures do not hold, as a snapshot to be put back later."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import ProblemError, answer, read_body
from trackfox_mock.redaction.masking import fingerprint


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    world, redactor = console.world, console.redactor

    async def show(_: Request) -> Response:
        snapshot = world.administration.snapshot()
        for website in snapshot["websites"]:
            website["api_token"] = redactor.token(website["api_token"])
        return answer(snapshot)

    async def replace(request: Request) -> Response:
        snapshot = await read_body(request, dict[str, Any])
        try:
            _reveal(console, snapshot.get("websites", []))
            world.administration.replace(snapshot)
        except ValueError as problem:
            raise ProblemError("body", str(problem)) from None
        return await show(request)

    return [
        Route("/__admin/state", show, methods=["GET"]),
        Route("/__admin/state", replace, methods=["PUT"]),
    ]


def _reveal(console: Console, websites: Any) -> None:
    """Put back the tokens that a snapshot shows as fingerprints, where the website is still here."""
    for website in websites if isinstance(websites, list) else []:
        if not isinstance(website, dict) or "…#" not in str(website.get("api_token")):
            continue
        known = console.world.store.website(str(website.get("website_id")))
        if known is None or fingerprint(known.api_token) != website["api_token"]:
            raise ValueError(
                f"the token of {website.get('website_id')!r} is a fingerprint, and the website is not here any more; "
                "take the snapshot from a mock that was started with --show-secrets"
            )
        website["api_token"] = known.api_token
