"""How a wrong service enters the table."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NoReturn

from tests.services.service import Refused, Service

WRONG: dict[str, tuple[str, type[Service]]] = {}
"""By name: the clause that is broken, and the service."""


def wrong(clause_id: str) -> Callable[[type[Service]], type[Service]]:
    """Enters a class under its name."""

    def add(cls: type[Service]) -> type[Service]:
        WRONG[cls.__name__] = (clause_id, cls)
        return cls

    return add


def patched(clause_id: str, name: str, **methods: Any) -> None:
    """Enters a wrong service of one line."""
    WRONG[name] = (clause_id, type(name, (Service,), methods))


def refuse(status: int) -> NoReturn:
    """Refuses, where only an expression fits."""
    raise Refused(status)


def either(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """The first answer, or the second when the first cannot be read."""
    try:
        return first()
    except (ValueError, RecursionError):
        return second()


def cast(name: str, value: str) -> Any:
    """A field as text, read as the document types it."""
    return int(value) if name == "revenue" and value.isdigit() else value
