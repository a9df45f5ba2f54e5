"""Who may use the control API, and what it shows: plain values, so that `serve` can have them without Starlette."""

from __future__ import annotations

import re

from msgspec import Struct

from trackfox_mock.errors import AdminTokenError

USABLE = "printable ASCII without a space, as: openssl rand -hex 16"

_USABLE = re.compile(r"[!-~]+")


class Access(Struct, frozen=True):
    """Who may use the control API, and what it shows.

    Args:
        token: what every call must carry; None asks for none.
        exposed: whether other machines can reach it: then e-mails are masked.
        show_secrets: whether tokens and e-mails are shown in full all the same.

    Raises:
        AdminTokenError: the token is empty, or cannot stand in a header field.
    """

    token: str | None = None
    exposed: bool = False
    show_secrets: bool = False

    def __post_init__(self) -> None:
        """Refuse a token that would let everybody in, or nobody."""
        if self.token is not None and not _USABLE.fullmatch(self.token):
            came = "an empty one" if not self.token.strip() else "one with white space, or with letters beyond ASCII"
            raise AdminTokenError(f"came {came} as the admin token; expected {USABLE}.")
