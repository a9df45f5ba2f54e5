"""What is imported is declared: nobody's install breaks because a dependency of a dependency went away."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def names(requirements: list[str]) -> set[str]:
    """The normalised names of some requirements."""
    return {re.split(r"[<>=\[; ]", requirement)[0].lower().replace("_", "-") for requirement in requirements}


def imported(package: Path) -> set[str]:
    """The distributions that a package's own import statements need, by their normalised names."""
    modules: set[str] = set()
    for file in package.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.split(".")[0])
    foreign = modules - sys.stdlib_module_names - {"trackfox_mock", "trackfox_contract"}
    known = packages_distributions()
    return {
        distribution.lower().replace("_", "-") for module in foreign for distribution in known.get(module, [module])
    }


@pytest.mark.parametrize(
    ("package", "extras"),
    [("mock_server/trackfox_mock", ["webhooks", "redis"]), ("contract_tests/trackfox_contract", ["contract"])],
)
def test_every_package_that_is_imported_is_declared(package: str, extras: list[str]) -> None:
    declared = names(PROJECT["dependencies"])
    for extra in extras:
        declared |= names(PROJECT["optional-dependencies"][extra])
    # The plugin is imported by pytest alone, the sweep by the plugin.
    assert imported(ROOT / package) - declared <= {"pytest"}


def test_no_expression_has_what_python_before_3_11_5_reads_wrongly() -> None:
    """There `(?:a++,)*+b` does not match `a,b`: possessive quantifiers and atomic groups lose their way in groups."""
    for file in [*ROOT.glob("mock_server/**/*.py"), *ROOT.glob("contract_tests/**/*.py")]:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and "(?:" in node.value:
                assert not re.search(r"[\])}\w][*+?}]\+|\(\?>", re.sub(r"\[[^\]]*\]", "[]", node.value)), (
                    file,
                    node.value,
                )
