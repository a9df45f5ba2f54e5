"""What docs/pytest.md shows is what the plugin does."""

from __future__ import annotations

import re
from pathlib import Path

import httpx2
import pytest

from trackfox_mock import SILENCES, Trackfox
from trackfox_mock.testing.pairwise import pairwise

pytest_plugins = ["pytester"]

PAGE = (Path(__file__).parent.parent / "docs" / "pytest.md").read_text(encoding="utf-8")


def test_the_examples_of_the_page_pass(pytester: pytest.Pytester) -> None:
    for name, code in re.findall(r"^```python\n# (\w+\.py)\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE):
        (pytester.path / name).write_text(code)
    [ini] = re.findall(r"^```ini\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    (pytester.path / "pytest.ini").write_text(ini)
    # In a process of its own, since other tests have a module called shop too.
    result = pytester.runpytest_subprocess("-W", "error", "-p", "no:schemathesis", "-p", "no:hypothesispytest")
    result.assert_outcomes(passed=8)


def test_the_failure_of_the_page_is_what_a_failing_assertion_says(trackfox: Trackfox) -> None:
    trackfox.expect("small-amount")
    body = {
        "website_id": trackfox.website_id,
        "session_id": trackfox.session.session_id,
        "visitor_id": trackfox.session.visitor_id,
        "revenue": 99,
        "email": "ada@example.com",
    }
    httpx2.post(trackfox.url, json=body, headers={"Authorization": f"Bearer {trackfox.api_token}"})
    with pytest.raises(AssertionError) as failure:
        trackfox.assert_attributed(revenue=9900, email="ada@example.com")
    shown = next(block for block in re.findall(r"^```text\n(.*?)\n^```$", PAGE, re.DOTALL | re.MULTILINE))
    assert re.sub(r"pay_\d{6}", "pay_000001", str(failure.value)) == shown


def test_the_page_names_everything_that_the_fixture_has(trackfox: Trackfox) -> None:
    public = {name for name in dir(trackfox) if not name.startswith("_")}
    internal = {"all_requests", "complaint", "leave", "missed", "record", "unexpected"}
    assert [name for name in public - internal if not re.search(rf"\b{name}\b", PAGE)] == []


def test_the_page_knows_how_many_combinations_there_are() -> None:
    rows = pairwise({silence.id: tuple(silence.values) for silence in SILENCES.values()})
    assert f"under {len(rows)} combinations of readings" in PAGE
