"""Who may use the control API, and what it shows: plain values, so that `serve` can have them without Starlette."""

from __future__ import annotations

from msgspec import Struct


class Access(Struct, frozen=True):
    """Who may use the control API, and what it shows.

    Args:
        token: what every call must carry; None asks for none.
        exposed: whether other machines can reach it: then e-mails are masked.
        show_secrets: whether tokens and e-mails are shown in full all the same.
    """

    token: str | None = None
    exposed: bool = False
    show_secrets: bool = False
