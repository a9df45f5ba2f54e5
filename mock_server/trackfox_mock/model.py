"""The frozen values that everything else passes around.

Those that there may be many of are `gc=False`: they are in no cycle, so Python's collector need not look at them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from msgspec import Struct

Headers = Sequence[tuple[bytes, bytes]]
"""Raw header pairs with lower-case names, as ASGI has them."""


IDS = ("session_id", "visitor_id", "website_id")
"""The three ids that must belong together."""

FIELDS = (*IDS, "revenue", "email")
"""The documented fields of a payment."""


class Request(Struct, frozen=True, gc=False):
    """One HTTP request, as it was sent.

    `headers` are raw pairs with lower-case names, as ASGI has them. `body` may be cut: then `body_size` is larger than
    its length. `head_size` is a number of bytes that its head does not exceed, 0 where nobody counted.
    """

    method: str
    path: str
    headers: Headers = ()
    body: bytes = b""
    query: bytes = b""
    body_size: int = 0
    head_size: int = 0


class Reply(Struct, frozen=True, gc=False, cache_hash=True):
    """One HTTP answer: status, raw header pairs with lower-case names, body."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes


def phrase_of(status: int) -> str:
    """What a status is called, as `Not Found`."""
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return f"Status {status}"


class Session(Struct, frozen=True, gc=False):
    """A visitor event: one visitor's session on one website, with the attribution that a payment will copy.

    `occurred_at` is in seconds since the epoch, or None where the fixture says nothing.
    """

    website_id: str
    session_id: str
    visitor_id: str
    occurred_at: float | None
    attribution: Mapping[str, Any]


class Website(Struct, frozen=True):
    """A tenant: its id, the only token that is good for it, and its sessions.

    `token_variable` names the environment variable that the token was taken from, if it was.
    """

    website_id: str
    api_token: str
    name: str = ""
    sessions: tuple[Session, ...] = ()
    token_variable: str = ""


class PaymentEvent(Struct, frozen=True, gc=False):
    """What a success creates (clause `event.created`).

    `number` counts from 1 within a world; `recorded_at` is in seconds since the epoch; `revenue` is in cents;
    `session` is the visitor event whose attribution context was copied. `further` are the fields that only an edited
    document lists; None where none came.
    """

    number: int
    recorded_at: float
    session: Session
    revenue: int
    email: str
    further: Mapping[str, Any] | None = None

    @property
    def payment_id(self) -> str:
        """The id that people see, as `pay_000042`."""
        return f"pay_{self.number:06d}"


class Violation(Struct, frozen=True, gc=False):
    """One thing that is wrong with a request.

    `location` is a path such as `("body", "revenue")`; `code` is the JSON Schema keyword or our own word for it;
    `message` is a sentence.
    """

    location: tuple[str | int, ...]
    code: str
    message: str


class Decision(Struct, frozen=True, gc=False):
    """What the service does with one request.

    `rule` is the clause, or the silence, on which the answer rests (ids of docs/contract.md). `gates` is the order that
    was taken and `passed` how many of them let the request through; a refusal came from `gates[passed]`. `session` is
    the matching visitor event of a success.
    """

    reply: Reply
    rule: str
    gates: tuple[str, ...]
    passed: int
    violations: tuple[Violation, ...] = ()
    session: Session | None = None

    @property
    def accepted(self) -> bool:
        """Whether a payment is to be recorded."""
        return self.session is not None

    @property
    def refused_by(self) -> str | None:
        """The gate that refused, or None."""
        return self.gates[self.passed] if self.passed < len(self.gates) else None
