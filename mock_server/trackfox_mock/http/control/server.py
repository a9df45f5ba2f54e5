"""The mock itself: is it alive, which version, back to the start, and the pages that problems point to."""

from __future__ import annotations

import time
from functools import cached_property

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.assets import control_api_path
from trackfox_mock.decision.problems import PAGES, PROBLEMS
from trackfox_mock.errors import InputFileError
from trackfox_mock.files.input_file import read_input_file
from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import ProblemError, json_response, read_body
from trackfox_mock.release import VERSION
from trackfox_mock.world.administration import PARTS


class Reset(msgspec.Struct, forbid_unknown_fields=True):
    """What goes back to the start: all, or the named parts, of everything or of one website."""

    website_id: str | None = None
    parts: tuple[str, ...] = PARTS


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    server = _Server(console)
    return [
        Route("/livez", server.alive, methods=["GET"]),
        Route("/readyz", server.ready, methods=["GET"]),
        Route("/__admin/health", server.health, methods=["GET"]),
        Route("/__admin/version", server.version, methods=["GET"]),
        Route("/__admin/reset", server.reset, methods=["POST"]),
        Route("/__admin/openapi.json", server.document, methods=["GET"]),
        Route(PAGES, server.problems, methods=["GET"]),
        Route(f"{PAGES}/{{name}}", server.problem, methods=["GET"]),
    ]


class _Server:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._world = console.world

    async def alive(self, _: Request) -> Response:
        return json_response({"status": "ok"})

    async def ready(self, _: Request) -> Response:
        trouble = self._world.store.trouble()
        return (
            json_response({"status": "ok"})
            if not trouble
            else json_response({"status": "not ready", "why": trouble}, 503)
        )

    async def health(self, _: Request) -> Response:
        store = self._world.store
        return json_response(
            {
                "status": "healthy",
                "version": VERSION,
                "uptimeInSeconds": int(time.monotonic() - self._world.began),
                "endpoint": f"{self._world.api.method} {self._world.api.path}",
                "websites": store.websites_total,
                "payments": store.payments_total(),
                "requests": self._world.journal.total,
            }
        )

    async def version(self, _: Request) -> Response:
        return json_response({"version": VERSION})

    async def document(self, _: Request) -> Response:
        return json_response(self._document)

    @cached_property
    def _document(self) -> msgspec.Raw:
        """The control API's own document in JSON, read once, for the first who asks: to parse its YAML takes long."""
        return msgspec.Raw(msgspec.json.encode(read_input_file(control_api_path(), InputFileError).data))

    async def reset(self, request: Request) -> Response:
        wanted = await read_body(request, Reset)
        unknown = [part for part in wanted.parts if part not in PARTS]
        if unknown:
            raise ProblemError("body", f"parts: came {unknown[0]!r}; expected some of {', '.join(PARTS)}.")
        if wanted.website_id is not None:
            self._console.website(wanted.website_id)
        self._world.administration.reset(wanted.parts, wanted.website_id)
        return json_response({})

    async def problems(self, _: Request) -> Response:
        return json_response(
            {"problems": [{"type": f"{PAGES}/{name}", **kind._asdict()} for name, kind in PROBLEMS.items()]}
        )

    async def problem(self, request: Request) -> Response:
        kind = PROBLEMS.get(request.path_params["name"])
        if kind is None:
            raise ProblemError("not-found", f"There is no such kind of problem; {PAGES} lists those there are.")
        return json_response({"type": request.url.path, **kind._asdict()})
