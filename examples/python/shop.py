"""The web application around a provider's webhook: verify, keep, answer, and only then tell TrackFox."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from outbox import Outbox
from payment import BadSignature, Payment
from starlette.applications import Starlette
from starlette.background import BackgroundTask
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

Reader = Callable[[Mapping[str, str], bytes], Payment | None]
"""Takes a request's headers and raw body; returns the payment it tells of, if any, or raises `BadSignature`."""


def create_app(read: Reader, outbox: Outbox) -> Starlette:
    """An application with one route, `POST /webhook`."""

    async def webhook(request: Request) -> Response:
        body = await request.body()  # the bytes as they came: parsed and written again, they are others
        try:
            payment = await run_in_threadpool(read, request.headers, body)
        except BadSignature as error:
            return PlainTextResponse(f"{error}\n", status_code=400)
        if payment is not None:
            await run_in_threadpool(outbox.add, payment)
        # 200 whatever TrackFox will say: to the provider, anything else means "send it again".
        return PlainTextResponse("kept\n", background=BackgroundTask(outbox.deliver))

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        outbox.recover()
        await run_in_threadpool(outbox.deliver)
        yield

    return Starlette(routes=[Route("/webhook", webhook, methods=["POST"])], lifespan=lifespan)
