"""docs/performance.md: the results with the machine they were measured on, and the story of the profile."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path

from benchmarks.harness import Finding, markdown_table

_STACK = ("trackfox-mock", "starlette", "uvicorn", "uvloop", "httptools", "orjson", "msgspec", "jsonschema-rs")
_ABOUT = (
    "BASE is a Starlette route that decides nothing, LIMIT the same as a bare ASGI function. A ratio over one is "
    "taken within a round, as a machine gets faster and slower while one measures; the tables have the median and the "
    "range of rounds."
)
_FURTHER = (
    "What was tried, what it gave and what is left: [the history](performance-history.md). This page is written by "
    "`python -m benchmarks --write`; edit `benchmarks/profile.md` instead.\n"
)
_BESIDE, _ALL_ELSE = "## Beside others", "## All else that was measured"
_STORY = Path(__file__).with_name("profile.md")


def write_page(page: Path, findings: Sequence[Finding]) -> None:
    """Write the page anew; where other mocks were not measured, what it says of them stays."""
    page.parent.mkdir(exist_ok=True)
    _, _, rest = (page.read_text(encoding="utf-8") if page.exists() else "").partition(_BESIDE)
    page.write_text(page_text(findings, rest.partition(_ALL_ELSE)[0].strip()), encoding="utf-8")


def page_text(findings: Sequence[Finding], beside: str = "") -> str:
    """The page as Markdown.

    Args:
        findings: what was measured.
        beside: what is said of other mocks where none were.
    """
    aimed = [finding for finding in findings if finding.met is not None]
    missed = sum(finding.met is False for finding in aimed)
    peers = [finding for finding in findings if finding.subject == "peers"]
    others = [finding for finding in findings if finding.met is None and finding.subject != "peers"]
    return "\n\n".join(
        [
            "# Performance",
            f"{len(aimed) - missed} of {len(aimed)} targets are met. {_ABOUT}",
            markdown_table(aimed),
            _BESIDE,
            f"{markdown_table(peers)}\n\n{_measured()}" if peers else beside,
            _ALL_ELSE,
            markdown_table(others),
            f"{_measured()} {_versions()}.",
            _STORY.read_text(encoding="utf-8").strip(),
            _FURTHER,
        ]
    )


def _measured() -> str:
    return f"Measured on {datetime.now(UTC):%d %B %Y} with {_machine()}."


def _machine() -> str:
    system = f"{platform.system()} {platform.release().split('-')[0]}"
    return f"{os.cpu_count()} cores of {_processor()}, {system}, at a load average of {os.getloadavg()[1]:.1f}"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text(encoding="utf-8").splitlines() if info.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _versions() -> str:
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return ", ".join([python, *(f"{name} {version(name)}" for name in _STACK)])
