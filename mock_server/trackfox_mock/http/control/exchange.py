"""What comes into the control API and goes out: bodies, queries, answers, problems."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import msgspec
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Match

from trackfox_mock.decision.problems import details
from trackfox_mock.errors import StorageError
from trackfox_mock.files.validation import described
from trackfox_mock.redaction.masking import printable
from trackfox_mock.redaction.redactor import Redactor

LARGEST_BODY = 16 * 1024 * 1024
LARGEST_MATCHER = 64 * 1024
"""Bytes of a matcher: every request of the journal is compared with all of it."""
_LONGEST_DETAIL = 2000

Shape = TypeVar("Shape")


class ProblemError(Exception):
    """The control API refuses a call.

    Args:
        kind: one of `PROBLEMS`.
        detail: what came, what was expected, what to do.
        more: extension members of the answer.
    """

    def __init__(self, kind: str, detail: str, **more: Any) -> None:
        super().__init__(detail)
        self.kind = kind
        self.content = details(kind, detail, **more)


def json_response(content: Any, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """An answer in JSON."""
    return Response(msgspec.json.encode(content), status, headers, "application/json")


async def read_body(request: Request, shape: type[Shape], largest: int = LARGEST_BODY) -> Shape:
    """The body in a shape; an empty body counts as `{}`.

    Raises:
        ProblemError: it is too large, not JSON, or of another shape; the detail names the field.
    """
    body = await read_bytes(request, largest)
    with told_as_problems():
        return msgspec.json.decode(body or b"{}", type=shape)


async def read_bytes(request: Request, largest: int = LARGEST_BODY) -> bytes:
    """The body as it came.

    Raises:
        ProblemError: it is too large, or its client left before all of it was there.
    """
    parts, size = [], 0
    try:
        async for part in request.stream():
            size += len(part)
            if size > largest:
                raise ProblemError("too-large", f"The body has more than {largest} bytes.")
            parts.append(part)
    except ClientDisconnect:
        raise ProblemError("body", "The client left before its body was whole.") from None
    return b"".join(parts)


@contextmanager
def told_as_problems() -> Iterator[None]:
    """What is wrong with a body becomes a `ProblemError`."""
    try:
        yield
    except msgspec.ValidationError as problem:
        raise ProblemError("body", described(problem)) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise ProblemError("body", f"The body is not JSON: {problem}.") from None
    except RecursionError:
        raise ProblemError("body", "The body is nested too deeply.") from None


def read_query(request: Request, shape: type[Shape]) -> Shape:
    """The query in a shape; numbers and times are read from their text.

    Raises:
        ProblemError: a parameter is unknown, or of another kind.
    """
    try:
        return msgspec.convert(dict(request.query_params), shape, strict=False)
    except msgspec.ValidationError as problem:
        raise ProblemError("query", described(problem)) from None


def problem_response(content: dict[str, Any], headers: dict[str, str] | None = None) -> Response:
    """Problem details as an answer."""
    return Response(msgspec.json.encode(content), content["status"], headers, "application/problem+json")


def handlers(redactor: Redactor) -> dict[Any, Any]:
    """What answers a problem, for Starlette: its detail may quote what came, and is shown like everything else."""

    def shown(content: dict[str, Any]) -> dict[str, Any]:
        return {**content, "detail": printable(redactor.text(content["detail"]), _LONGEST_DETAIL)}

    async def refuse(_: Request, problem: Exception) -> Response:
        assert isinstance(problem, ProblemError)  # noqa: S101 - Starlette looked it up by this type
        return problem_response(shown(problem.content))

    async def http(request: Request, problem: Exception) -> Response:
        """What Starlette itself refuses: a path that is not there, a method that is not taken."""
        assert isinstance(problem, HTTPException)  # noqa: S101 - Starlette looked it up by this type
        kind = {404: "not-found", 405: "method", 413: "too-large"}.get(problem.status_code, "body")
        what = f"{request.method} {request.url.path} is not part of the control API"
        content = details(kind, f"{what}; /__admin/openapi.json describes it.")
        fields = dict(problem.headers or {})
        if problem.status_code == 405:
            fields["Allow"] = ", ".join(_methods(request))
        return problem_response(shown(content), fields)

    async def not_kept(_: Request, problem: Exception) -> Response:
        assert isinstance(problem, StorageError)  # noqa: S101 - Starlette looked it up by this type
        return problem_response(details(problem.kind, str(problem)))

    return {ProblemError: refuse, HTTPException: http, StorageError: not_kept}


def _methods(request: Request) -> list[str]:
    """All methods of a path, which several routes may share, in an order that does not change."""
    routes = [route for route in request.app.routes if route.matches(request.scope)[0] != Match.NONE]
    return sorted({method for route in routes for method in getattr(route, "methods", None) or ()})
