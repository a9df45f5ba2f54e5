"""The flags of every command with a world: the document, its fixtures, its readings."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from trackfox_mock.commands.options import option

_PATH = click.Path(path_type=Path)


def _demand_file(_: click.Context, __: click.Parameter, path: Path | None) -> Path | None:
    if path is not None and "=" in path.name and not path.exists():
        raise click.BadParameter(f"came {str(path)!r}; expected a file. For one reading: --reading {path.name}")
    return path


_INPUTS = [
    option(
        "--spec", twin="SPEC", type=_PATH, help="An edited copy of openapi.yaml, served instead of the built-in one."
    ),
    option(
        "--fixtures",
        twin="FIXTURES",
        type=_PATH,
        multiple=True,
        help="A YAML or JSON file, or a folder of them, with websites and sessions; instead of the built-in ones.",
    ),
    option("--readings", twin="READINGS", type=_PATH, callback=_demand_file, help="A file of readings."),
    option(
        "--reading",
        "assignments",
        twin="READING",
        multiple=True,
        metavar="SILENCE=VALUE",
        help="How one silence of the document is read, as order=body-first; repeatable.",
    ),
]


def inputs_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The flags that every command with a world has: --spec, --fixtures, --readings, --reading."""
    for flag in reversed(_INPUTS):
        function = flag(function)
    return function
