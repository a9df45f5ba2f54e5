"""What the flags of the commands have in common: their environment twins, and sentences about what cannot be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import SplitResult, urlsplit

import click


def option(*names: str, twin: str, **attributes: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A flag with its environment twin, `TRACKFOX_MOCK_…`, shown in --help."""
    return click.option(*names, envvar=f"TRACKFOX_MOCK_{twin}", show_envvar=True, **attributes)


class WholeNumber(click.IntRange):
    """A whole number within bounds; what is none is told in a sentence."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The number.

        Raises:
            BadParameter: it is none, or out of bounds.
        """
        try:
            return super().convert(value, param, ctx)
        except click.BadParameter:
            self.fail(f"came {value!r}; expected a whole number{self._bounds()}.", param, ctx)

    def _bounds(self) -> str:
        if self.max is None:
            return "" if self.min is None else f" of at least {self.min}"
        return f" from {self.min} to {self.max}"


def http_parts(url: str) -> SplitResult | None:
    """The parts of a URL that requests can be sent to; None where none can."""
    try:
        parts = urlsplit(url)
        is_usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:  # brackets that do not close, or a port beyond 65535
        return None
    return parts if is_usable else None


def address(url: str, flag: str, example: str) -> SplitResult:
    """The parts of an address that a flag was given.

    Args:
        url: what was given.
        flag: as `--to`.
        example: what it could have been.

    Raises:
        BadParameter: no request can be sent there.
    """
    parts = http_parts(url)
    if parts is None or not url.isprintable() or " " in url:
        raise click.BadParameter(f"{url!r} is not a URL; expected one such as {example}", param_hint=flag)
    if "@" in parts.netloc:
        raise click.BadParameter(
            "came a URL with a name or a password in it, which would be shown in what is printed; expected it without.",
            param_hint=flag,
        )
    return parts
