"""Which pages a program writes into, and which one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from docs.generate import clients, contract, flows, mistakes

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"

PAGES: Mapping[Path, Callable[[str], str]] = {
    ROOT / "README.md": mistakes.with_short_table,
    DOCS / "contract.md": contract.with_tables,
    DOCS / "explain.md": mistakes.with_table,
    DOCS / "intercept.md": clients.with_table,
    **dict.fromkeys(sorted((DOCS / "flows").glob("*.md")), flows.with_code),
}
"""By page, what makes the page of today out of the one that is there."""
