"""`pytest --trackfox-sweep`: which tests rely on something that the document leaves open."""

from __future__ import annotations

from itertools import combinations, product

import pytest

from tests.test_pytest_plugin import QUICKLY, project
from trackfox_mock import SILENCES
from trackfox_mock.testing.pairwise import blame, pairwise

__all__ = ["project"]

pytest_plugins = ["pytester"]

VALUES = {silence.id: tuple(silence.values) for silence in SILENCES.values()}
CAREFUL = """
    from storefront import attribute

    def test_careful(trackfox):
        assert attribute(trackfox)[0] == 200
        assert attribute(trackfox, revenue=0)[0] == 400
        trackfox.assert_refused(status=400)
"""
RELIANT = """
    import json
    from storefront import attribute

    def test_reliant(trackfox):
        assert json.loads(attribute(trackfox, revenue=0)[1])["error"]
        trackfox.assert_refused(status=400)
"""


def test_any_two_readings_stand_together_in_some_combination() -> None:
    rows = pairwise(VALUES)
    for one, two in combinations(VALUES, 2):
        together = {(row[one], row[two]) for row in rows}
        assert together == set(product(VALUES[one], VALUES[two]))


def test_the_first_combination_is_that_of_the_defaults() -> None:
    assert pairwise(VALUES)[0] == {silence.id: silence.default for silence in SILENCES.values()}


def test_the_combinations_are_few() -> None:
    fewest = 8 * 5
    assert len(pairwise(VALUES)) <= fewest * 1.25


@pytest.mark.parametrize(("silence", "value"), [("order", "body-first"), ("duplicate", "one-event")])
def test_a_single_reading_is_blamed(silence: str, value: str) -> None:
    rows = pairwise(VALUES)
    failed = {number for number, row in enumerate(rows) if row[silence] == value}
    assert blame(rows, failed) == [frozenset({(silence, value)})]


def test_two_readings_are_blamed_that_fail_only_together() -> None:
    rows = [dict(zip("abc", values, strict=True)) for values in product("01", repeat=3)]
    failed = {number for number, row in enumerate(rows) if row["a"] == row["b"] == "1"}
    assert blame(rows, failed) == [frozenset({("a", "1"), ("b", "1")})]


def test_a_failure_without_a_pattern_is_told_as_it_was() -> None:
    rows = [dict(zip("abc", values, strict=True)) for values in product("01", repeat=3)]
    assert blame(rows, {7}) == [frozenset({("a", "1"), ("b", "1"), ("c", "1")})]


def test_careful_code_passes_under_every_reading(project: pytest.Pytester) -> None:
    project.makepyfile(CAREFUL)
    result = project.runpytest("--trackfox-sweep", "-W", "error")
    assert result.ret == pytest.ExitCode.OK
    result.stdout.fnmatch_lines(f"1 test under {len(pairwise(VALUES))} combinations of readings*; none failed.")


def test_code_that_relies_on_a_reading_is_named(project: pytest.Pytester) -> None:
    project.makepyfile(CAREFUL + RELIANT)
    result = project.runpytest("--trackfox-sweep")
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines(
        [
            "2 tests under * combinations of readings*; 1 failed.",
            "test_*.py::test_reliant passes only under some readings. It fails with:",
            "   error-body: empty or html or list or message or problem or text (What does the body of an error hold?)",
            "The first of * failures, test_*::test_reliant[[]trackfox-*[]]:",
            "*real service may take any of them*",
        ]
    )
    assert "test_careful passes only" not in result.stdout.str()


@pytest.mark.slow
def test_the_workers_of_xdist_sweep_together(project: pytest.Pytester) -> None:
    project.makepyfile(RELIANT)
    result = project.runpytest_subprocess("--trackfox-sweep", "-n", "2", *QUICKLY)
    assert result.ret == pytest.ExitCode.TESTS_FAILED
    result.stdout.fnmatch_lines("*::test_reliant passes only under some readings. It fails with:")


def test_a_failure_that_is_no_matter_of_readings_is_told_apart(project: pytest.Pytester) -> None:
    project.makepyfile("def test_broken(trackfox): assert False")
    result = project.runpytest("--trackfox-sweep")
    result.stdout.fnmatch_lines("*::test_broken fails under every combination: it is no matter of readings.")
    assert result.stdout.str().count("def test_broken") == 1


def test_a_reading_that_the_test_chooses_is_not_varied(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest
        from storefront import attribute

        pytestmark = pytest.mark.trackfox(expect="extra-property")

        @pytest.mark.trackfox(readings={"extra-property": "ignored"})
        def test_marked(trackfox):
            assert attribute(trackfox, currency="EUR")[0] == 200

        def test_asked(trackfox):
            trackfox.reading(extra_property="ignored")
            assert attribute(trackfox, currency="EUR")[0] == 200
    """)
    assert project.runpytest("--trackfox-sweep").ret == pytest.ExitCode.OK


def test_parameters_and_other_tests_are_left_as_they_are(project: pytest.Pytester) -> None:
    project.makepyfile("""
        import pytest
        from storefront import attribute

        @pytest.fixture
        def shop(trackfox):
            return trackfox

        @pytest.mark.parametrize("revenue", [100, 200])
        def test_through_another_fixture(shop, revenue):
            assert attribute(shop, revenue=revenue)[0] == 200

        def test_in_process(trackfox_app):
            assert trackfox_app.payments == []

        def test_of_something_else():
            assert False
    """)
    result = project.runpytest("--trackfox-sweep")
    rows = len(pairwise(VALUES))
    result.assert_outcomes(passed=3 * rows, deselected=1)
    result.stdout.fnmatch_lines(f"3 tests under {rows} combinations*; none failed.")
