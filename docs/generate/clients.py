"""The clients that are caught on their way to the real host, for docs/intercept.md."""

from __future__ import annotations

from docs.generate.place import filled
from tests.clients import CLIENTS


def with_table(page: str) -> str:
    """The page with the clients of today."""
    return filled(page, "clients", table())


def table() -> str:
    """The clients as a Markdown table: one row for those of one runtime that need the same."""
    rows: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for client in CLIENTS:
        rows.setdefault((client.by, client.runtime), []).append(f"`{client.name}`")
    merged: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for (by, runtime), names in rows.items():
        merged.setdefault((by, ", ".join(names)), []).append(runtime)
    lines = ["| runtime | clients | caught as it is | by |", "|---|---|---|---|"]
    for (by, clients), runtimes in merged.items():
        means = ", ".join(f"`{name}`" for name in by) or "`--offline` on Linux"
        lines.append(f"| {', '.join(runtimes)} | {clients} | {'yes' if by else 'no'} | {means} |")
    return "\n".join(lines)
