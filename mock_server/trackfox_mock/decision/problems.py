"""Answers that are ours and not the service's: RFC 9457 problem details, whose `type` is a page of this mock."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

import orjson

from trackfox_mock.model import Reply

PAGES = "/__admin/problems"


class Problem(NamedTuple):
    """A kind of problem: its status, its title, and what it means."""

    status: int
    title: str
    meaning: str


PROBLEMS: Mapping[str, Problem] = {
    "unknown-path": Problem(
        404,
        "Not the documented endpoint",
        "The document that is served has one endpoint. Everything else, but for what begins with /__admin, is nowhere.",
    ),
    "unknown-preference": Problem(
        501,
        "Not a preference of this mock",
        "The request asked, in its Prefer header or its query, for something that this mock cannot do; "
        "the contract never answers 501. Known are code, delay, dribble, fault, phase, expect "
        "and explain, as in `Prefer: code=500`.",
    ),
    "not-found": Problem(
        404,
        "Not there",
        "There is no such thing: it never was, it was deleted or reset, or its time to live is over.",
    ),
    "method": Problem(
        405, "Another method is needed", "The path is right and the method is not; see the Allow header."
    ),
    "body": Problem(
        400,
        "Not the body that was expected",
        "The body is not JSON, or not of the shape that /__admin/openapi.json describes; the detail names the field.",
    ),
    "query": Problem(
        400,
        "Not the query that was expected",
        "A query parameter has a value of another kind; /__admin/openapi.json describes them.",
    ),
    "storage": Problem(
        507,
        "Cannot be kept",
        "The mock keeps its state in a file, and cannot write to it, as when the disk is full. Nothing was recorded or "
        "changed; once there is room, it goes on by itself, and GET /readyz says so.",
    ),
    "store": Problem(
        503,
        "The store is away",
        "The mock shares its state with other nodes in the store of --store, which is away, slow, full, or used by "
        "nodes that serve something else; the detail says which. Nothing was acknowledged: send it again. Once the "
        "store is back, it goes on by itself, and GET /readyz says so.",
    ),
    "too-large": Problem(413, "Too large", "The control API takes bodies of at most 16 MiB."),
    "conflict": Problem(409, "There already", "The id or the token is in use; choose another, or let the mock choose."),
    "not-arrived": Problem(
        406,
        "It did not arrive",
        "The time was up before enough requests had come that match; the closest ones are listed with what is "
        "different about them.",
    ),
    "admin-token": Problem(
        401,
        "The control API needs its token",
        "This mock was started with a token for /__admin, or printed one at its start: "
        "`Authorization: Bearer …` or `X-Admin-Token: …`.",
    ),
    "host": Problem(
        403,
        "Not a name of this machine",
        "The Host header is not a loopback name, as when a web page has its own name resolve to this machine. "
        "Use http://127.0.0.1 or http://localhost.",
    ),
    "origin": Problem(
        403,
        "Asked by a page of another origin",
        "A web page of another origin has no business with the control API of your machine.",
    ),
}


def details(kind: str, detail: str, **more: Any) -> dict[str, Any]:
    """A problem as an RFC 9457 object; `more` are its extension members."""
    problem = PROBLEMS[kind]
    return {
        "type": f"{PAGES}/{kind}",
        "title": problem.title,
        "status": problem.status,
        "detail": detail,
        **more,
    }


def problem_reply(kind: str, detail: str) -> Reply:
    """A problem as an answer."""
    body = orjson.dumps(details(kind, detail))
    length = (b"content-length", b"%d" % len(body))
    headers = ((b"content-type", b"application/problem+json"), length, (b"x-content-type-options", b"nosniff"))
    return Reply(PROBLEMS[kind].status, headers, body)
