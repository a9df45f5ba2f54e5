"""`import mock_server` is the public door: complete, lazy, and the same for people and for type checkers."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import mock_server

SOURCE = Path(mock_server.__file__ or "").read_text(encoding="utf-8")


def test_what_type_checkers_see_is_what_can_be_imported() -> None:
    imported = {
        name.asname for node in ast.walk(ast.parse(SOURCE)) if isinstance(node, ast.ImportFrom) for name in node.names
    } - {None}
    assert imported == set(mock_server.__all__)


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in mock_server.__all__:
        assert getattr(mock_server, name) is not None
        assert name == "SILENCES" or getattr(mock_server, name).__doc__, f"{name} has no docstring"


def test_the_door_costs_nothing_until_it_is_used() -> None:
    code = "import sys, mock_server; print(*sorted(m for m in sys.modules if m.startswith('mock_server')))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["mock_server"]


def test_serving_imports_neither_schemathesis_nor_hypothesis_nor_pytest() -> None:
    code = (
        "import sys, mock_server.commands.serve, mock_server.admin\n"
        "print(*{'schemathesis', 'hypothesis', 'pytest', 'jsonschema', 'openapi_spec_validator'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
