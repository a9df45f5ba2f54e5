"""A flag that can be given in the environment as well."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click


def option(*names: str, twin: str, **attributes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A flag with its environment twin, `TRACKFOX_MOCK_…`, shown in --help."""
    return click.option(*names, envvar=f"TRACKFOX_MOCK_{twin}", show_envvar=True, **attributes)
