"""The code of the examples, for docs/flows/."""

from __future__ import annotations

import re
from pathlib import Path

_ROOT = Path(__file__).parent.parent.parent
_PLACE = re.compile(r"(<!-- code: (examples/\S+) -->\n).*?(<!-- end of code -->)", re.DOTALL)
_LANGUAGES = {".py": "python", ".js": "js"}


def with_code(page: str) -> str:
    """The page with the code of today in every place that names a file."""
    return _PLACE.sub(lambda place: f"{place[1]}{_fenced(_ROOT / place[2])}{place[3]}", page)


def shown(page: str) -> list[str]:
    """The files that a page shows."""
    return [place[1] for place in _PLACE.findall(page)]


def _fenced(path: Path) -> str:
    return f"```{_LANGUAGES[path.suffix]}\n{path.read_text(encoding='utf-8')}```\n"
