"""Where a shared store is: the URL of `--store`, shown without its password."""

from __future__ import annotations

from urllib.parse import urlsplit

from trackfox_mock.errors import StoreAddressError

_SCHEMES = ("redis", "rediss", "unix")
PREFIX = "trackfox-mock:"
"""What every name in the store begins with, unless somebody chose another."""


class StoreAddress:
    """The address of a Redis or Valkey.

    Args:
        url: as `redis://HOST:6379/0`, `rediss://:PASSWORD@HOST` or `unix:///run/redis.sock`.
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
        where = parts.path if parts.scheme == "unix" else f"{parts.hostname}:{port or 6379}{parts.path.rstrip('/')}"
        self._shown = f"{parts.scheme}://{where}"

    def __str__(self) -> str:
        return self._shown


_EXPECTED = (
    "--store came with something else than the address of a Redis or Valkey; expected one such as "
    "redis://127.0.0.1:6379/0, rediss://:PASSWORD@HOST:6379/0 or unix:///run/redis.sock."
)
