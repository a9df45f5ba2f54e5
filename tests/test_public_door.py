"""`import trackfox_mock` is the public door: complete, lazy, and the same for people and for type checkers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import trackfox_mock

SOURCE = Path(trackfox_mock.__file__ or "").read_text(encoding="utf-8")


def test_what_type_checkers_see_is_what_can_be_imported() -> None:
    imported = {
        name.asname for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.ImportFrom) for name in node.names
    } - {None}
    assert imported == set(trackfox_mock.__all__)


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in trackfox_mock.__all__:
        assert getattr(trackfox_mock, name) is not None
        assert name == "SILENCES" or getattr(trackfox_mock, name).__doc__, f"{name} has no docstring"


def test_the_door_costs_nothing_until_it_is_used() -> None:
    code = "import sys, trackfox_mock; print(*sorted(m for m in sys.modules if m.startswith('trackfox_mock')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["trackfox_mock"]


def test_serving_imports_neither_schemathesis_nor_hypothesis_nor_pytest() -> None:
    code = (
        "import sys, trackfox_mock.commands.serve, trackfox_mock.http.control\n"
        "print(*{'schemathesis', 'hypothesis', 'pytest', 'jsonschema', 'openapi_spec_validator'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
