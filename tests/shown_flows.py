"""`python -m tests.shown_flows` writes the examples' code into docs/flows/."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGES = sorted((ROOT / "docs" / "flows").glob("*.md"))
_PLACE = re.compile(r"(<!-- code: (examples/\S+) -->\n).*?(<!-- end of code -->)", re.DOTALL)
_LANGUAGES = {".py": "python", ".js": "js"}


def with_code(page: str) -> str:
    """The page with the code of today in every place that names a file."""
    return _PLACE.sub(lambda place: f"{place[1]}{_fenced(ROOT / place[2])}{place[3]}", page)


def shown(page: str) -> list[str]:
    """The files that a page shows."""
    return [place[1] for place in _PLACE.findall(page)]


def _fenced(path: Path) -> str:
    return f"```{_LANGUAGES[path.suffix]}\n{path.read_text(encoding='utf-8')}```\n"


if __name__ == "__main__":
    for path in PAGES:
        path.write_text(with_code(path.read_text(encoding="utf-8")), encoding="utf-8")
