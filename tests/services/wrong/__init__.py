"""Wrong services: each breaks one clause in one way. The check must break each on that clause."""

from tests.services.wrong import (
    bodies,
    emails,
    endpoint,
    errors,
    fields,
    headers,
    ids,
    matching,
    revenue,
    state,
    success,
    tokens,
)
from tests.services.wrong.table import WRONG

__all__ = [
    "WRONG",
    "bodies",
    "emails",
    "endpoint",
    "errors",
    "fields",
    "headers",
    "ids",
    "matching",
    "revenue",
    "state",
    "success",
    "tokens",
]
