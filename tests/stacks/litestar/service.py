"""Litestar with a msgspec struct, as its documentation has it; uvicorn serves it."""

import json
import os
import re
from pathlib import Path
from typing import Annotated

import msgspec
from litestar import Litestar, Request, post
from litestar.exceptions import NotAuthorizedException, NotFoundException

MISTAKE = os.environ.get("MISTAKE")
WEBSITES = {one["website_id"]: one for one in json.loads(Path(os.environ["SHOPS"]).read_text())["websites"]}

Email = Annotated[str, msgspec.Meta(pattern=r"^[^@\s]+@[^@\s]+\.[^@\s]+$" if MISTAKE != "search" else r"@")]
Cents = Annotated[int, msgspec.Meta(ge=0 if MISTAKE == "zero" else 1)]


class Payment(msgspec.Struct):
    session_id: str
    visitor_id: str
    website_id: str
    revenue: Cents
    email: Email


@post("/api/v1/attribute-payment", status_code=200 if MISTAKE != "created" else 201)
async def attribute(data: Payment, request: Request) -> dict[str, str]:
    bearer = re.fullmatch(r"Bearer (\S+)", request.headers.get("Authorization", ""))
    website = WEBSITES.get(data.website_id)
    if not bearer or website is None or bearer[1] != website["api_token"]:
        raise NotAuthorizedException("The API token is missing or invalid.")
    if {"session_id": data.session_id, "visitor_id": data.visitor_id} not in website["sessions"]:
        raise NotFoundException("No such event.")
    return {"message": "Payment event attributed successfully."}


app = Litestar([attribute])
