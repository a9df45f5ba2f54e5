"""What the mock is compared with: BASE and LIMIT, two applications that decide nothing."""

from __future__ import annotations

from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

PATH = "/api/v1/attribute-payment"
MESSAGE = {"message": "Payment event attributed successfully."}
_BODY = b'{"message":"Payment event attributed successfully."}'
_HEADERS = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_BODY))]


async def _payment(request: Request) -> JSONResponse:
    await request.json()
    return JSONResponse(MESSAGE)


BASE = Starlette(routes=[Route(PATH, _payment, methods=["POST"])])
"""A bare Starlette route that reads JSON and answers JSON."""


async def LIMIT(scope: Any, receive: Any, send: Any) -> None:  # noqa: ARG001, N802 - the shape is ASGI's, the name a constant's
    """A bare ASGI function that reads the body and answers constant bytes: nothing on this stack is faster."""
    while (await receive()).get("more_body", False):
        pass
    await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
    await send({"type": "http.response.body", "body": _BODY})
