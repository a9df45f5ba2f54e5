"""`python -m tests.shown_silences` writes the table of silences into docs/serve.md."""

from __future__ import annotations

import re
from pathlib import Path

from trackfox_mock import SILENCES

PAGE = Path(__file__).parent.parent / "docs" / "serve.md"
_PLACE = re.compile(r"(<!-- silences: .*? -->\n).*?(<!-- end of silences -->)", re.DOTALL)


def table() -> str:
    """The silences as a Markdown table."""
    rows = ["| silence | what is open | readings |", "|---|---|---|"]
    for silence in SILENCES.values():
        readings = "<br>".join(f"`{value}`: {meaning}" for value, meaning in silence.values.items())
        rows.append(f"| `{silence.id}` | {silence.question} | {readings} |")
    return "\n".join(rows)


def with_table(page: str) -> str:
    """The page with the table of today."""
    return _PLACE.sub(lambda found: f"{found[1]}{table()}\n{found[2]}", page)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
