"""Where a shared store is: the URL of `--store`, shown without its password."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import SplitResult, parse_qsl, urlsplit

from trackfox_mock.errors import StoreAddressError

_SCHEMES = ("redis", "rediss", "unix")
_FILES = ("ssl_ca_certs", "ssl_certfile", "ssl_keyfile")
_OPTIONS = (*_FILES, "db")
PREFIX = "trackfox-mock:"
"""What every name in the store begins with, unless somebody chose another."""


class StoreAddress:
    """The address of a Redis or Valkey.

    Args:
        url: as `redis://HOST:6379/0`, `rediss://:PASSWORD@HOST?ssl_ca_certs=FILE` or `unix:///run/redis.sock`.
        prefix: what every name in it begins with; nodes with another one share nothing.

    Raises:
        StoreAddressError: it is no such URL.
    """

    def __init__(self, url: str, prefix: str = PREFIX) -> None:
        self.url = url
        self.prefix = prefix
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            raise StoreAddressError(_EXPECTED) from None
        if parts.scheme not in _SCHEMES or not (parts.hostname or parts.scheme == "unix"):
            raise StoreAddressError(_EXPECTED)
        _check(parts)
        where = parts.path if parts.scheme == "unix" else f"{parts.hostname}:{port or 6379}{parts.path.rstrip('/')}"
        self._shown = f"{parts.scheme}://{where}"

    def __str__(self) -> str:
        return self._shown


def _check(parts: SplitResult) -> None:
    """Refuse what the client of the store would read otherwise than it was meant, or not at all."""
    database = parts.path.strip("/")
    if parts.scheme != "unix" and database and not database.isdecimal():
        raise StoreAddressError(f"--store came with the database {database!r}; expected a number, as in /0.")
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if name not in _OPTIONS:
            raise StoreAddressError(f"--store came with the option {name!r}; expected one of {', '.join(_OPTIONS)}.")
        if name in _FILES and not Path(value).is_file():
            raise StoreAddressError(
                f"--store came with {name}={value}; expected a file in PEM form, and there is none."
            )


_EXPECTED = (
    "--store came with something else than the address of a Redis or Valkey; expected one such as "
    "redis://127.0.0.1:6379/0, rediss://:PASSWORD@HOST:6379/0 or unix:///run/redis.sock."
)
