"""`/__admin/state`: what the fixtures do not hold, as a snapshot to be put back later."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from trackfox_mock.http.control.console import Console
from trackfox_mock.http.control.exchange import ProblemError, read_bytes, told_as_problems
from trackfox_mock.http.control.turns import in_turns, stream, through, uncollected
from trackfox_mock.redaction.masking import fingerprint, mask_email
from trackfox_mock.tenants.snapshot import Steps, decoding, dump_payment


def routes(console: Console) -> list[BaseRoute]:
    """The routes of this noun."""
    world, redactor = console.world, console.redactor

    async def show(_: Request) -> Response:
        snapshot = world.administration.snapshot(payments=False)
        for website in snapshot["websites"]:
            website["api_token"] = redactor.token(website["api_token"])
        del snapshot["payments"]
        rows: dict[str, list[bytes]] = {}
        async for payment in in_turns(world.store.payments()):
            row = {**dump_payment(payment), "email": redactor.email(payment.email)}
            rows.setdefault(payment.session.website_id, []).append(msgspec.json.encode(row))
        start = msgspec.json.encode(snapshot)[:-1] + b',"payments":{'
        return stream(start, _lists(rows), bytes, b"}}", between=b"")

    async def replace(request: Request) -> Response:
        body = await read_bytes(request)
        with uncollected():
            with told_as_problems():
                snapshot = await through(decoding(body))
            try:
                _reveal_tokens(console, snapshot.get("websites"))
                await through(_revealing_emails(console, snapshot.get("payments")))
                await through(world.administration.replacing(snapshot))
            except ValueError as problem:
                raise ProblemError("body", str(problem)) from None
            await through(_freeing(snapshot.get("payments")))
        return await show(request)

    return [
        Route("/__admin/state", show, methods=["GET"]),
        Route("/__admin/state", replace, methods=["PUT"]),
    ]


def _lists(rows: dict[str, list[bytes]]) -> Iterator[bytes]:
    """The inside of an object of lists, in JSON and in small pieces."""
    for number, (name, values) in enumerate(rows.items()):
        yield b"%b%b:[" % (b"," if number else b"", msgspec.json.encode(name))
        yield from (b"%b%b" % (b"," if place else b"", value) for place, value in enumerate(values))
        yield b"]"


def _freeing(payments: dict[str, list[Any]] | None) -> Steps[None]:
    """Let go of what was read, a row a step: to free it at once takes long."""
    for rows in (payments or {}).values():
        while rows:
            rows.pop()
            yield


def _reveal_tokens(console: Console, websites: Any) -> None:
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


def _revealing_emails(console: Console, payments: Any) -> Steps[None]:
    """Put back the e-mails that a snapshot shows masked, where the payment is still here."""
    rows = [rows for rows in payments.values() if isinstance(rows, list)] if isinstance(payments, dict) else []
    masked = [row for row in chain.from_iterable(rows) if isinstance(row, dict) and "…@" in str(row.get("email"))]
    known = {}
    for payment in console.world.store.payments() if masked else ():
        known[payment.number] = payment.email
        yield
    for row in masked:
        yield
        number: Any = row.get("number")
        email = known.get(number, "") if isinstance(number, int) else ""
        if mask_email(email) != row["email"]:
            raise ValueError(
                f"the e-mail of payment {number!r} is masked, and the payment is not here any more; "
                "take the snapshot from a mock that was started with --show-secrets"
            )
        row["email"] = email
