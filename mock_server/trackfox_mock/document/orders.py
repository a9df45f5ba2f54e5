"""Which gates a request passes, and in which order: the readings of the silence `order`, as data."""

from __future__ import annotations

from collections.abc import Mapping

ORDERS: Mapping[str, tuple[str, ...]] = {
    "stepwise": ("route", "header", "body", "token", "match"),
    "body-first": ("route", "body", "header", "token", "match"),
    "token-first": ("route", "header", "website", "token", "body", "match"),
    "known-token-first": ("route", "header", "known-token", "body", "token", "match"),
    "match-first": ("route", "header", "body", "match", "token"),
}
"""By reading, the names of the gates (`decision/gates.py`)."""

UNAUTHENTICATED = ("route", "body", "match")
"""The gates of a document that asks for no token."""
