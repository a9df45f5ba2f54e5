"""What `serve` says when it is ready, and how much came when it ends."""

from __future__ import annotations

import json
import shlex

from trackfox_mock.document.schemas import ordinary_amounts
from trackfox_mock.errors import counted
from trackfox_mock.release import VERSION
from trackfox_mock.world.inputs import Inputs
from trackfox_mock.world.world import World


def page(url: str) -> str:
    """The address of the page of the mock at `url`."""
    return f"{url}/"


def greeting(world: World, inputs: Inputs, url: str, port: int | None) -> str:
    """What is said at the start; `port` where other machines can reach it."""
    store = world.store
    sessions = sum(store.sessions_total(website.website_id) for website in store.websites())
    where = ", ".join(map(str, inputs.fixtures)) or "the built-in fixtures"
    lines = [
        f"trackfox-mock {VERSION}, an unofficial mock of {world.api.method} {world.api.path}",
        f"{counted(store.websites_total, 'website')} with {counted(sessions, 'session')} from {where}",
        *(_of_the_document(world) if inputs.spec else []),
        *_curl(world, url, is_ours=not inputs.fixtures),
        f"See what arrives: {page(url)}",
        *([f"Other machines reach it under this one's name or address, at port {port}."] if port else []),
    ]
    return "\n".join(lines)


def _of_the_document(world: World) -> list[str]:
    """What is to be known of an edited document: its other operations, and whether it costs time."""
    api = world.api
    lines = [f"also {other.method} {other.path}, answered by its example" for other in api.others]
    lines += [f"not served: {reason}" for reason in api.unserved]
    if ordinary_amounts(api) is None:
        lines.append(
            "The document asks more of a payment than a first look tells: each takes some microseconds longer."
        )
    return lines


def _curl(world: World, url: str, *, is_ours: bool) -> list[str]:
    """A command that works as it stands, for the first website that has a session.

    A token is shown only of the built-in fixtures, which are no secret.
    """
    for website in world.store.websites():
        session = next(iter(world.store.sessions(website.website_id)), None)
        if session is None:
            continue
        example = world.api.example if isinstance(world.api.example, dict) else {}
        body = {**example, "session_id": session.session_id, "visitor_id": session.visitor_id}
        body["website_id"] = session.website_id
        # Another token is not shown: the shell that has the variable puts it there.
        token = website.api_token if is_ours else f"${website.token_variable or 'TRACKFOX_API_TOKEN'}"
        return [
            "Try it from another terminal:",
            f"  curl {url}{world.api.path} \\",
            f'    -H "Authorization: Bearer {token}" -H "Content-Type: application/json" \\',
            f"    -d {shlex.quote(json.dumps(body))}",
        ]
    return ["No website has a session yet, so no payment can be attributed; add one to the fixtures."]


def summary(world: World, log_format: str) -> str:
    """How much came, for a person; nothing where nothing did."""
    counts = world.tally()
    total = sum(counts.values())
    if log_format != "text" or not total:
        return ""
    told = ", ".join(f"{count:,} {outcome}" for outcome, count in counts.items() if count)
    return f"{counted(total, 'request')} came: {told}"
