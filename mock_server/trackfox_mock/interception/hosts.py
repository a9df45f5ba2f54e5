"""Which hosts are ours: those whose calls the mock answers, in the place of the real service."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

from msgspec import Struct

from trackfox_mock.errors import HostNameError

LOCAL = ("localhost", "127.0.0.1", "::1")
"""What a client of this machine calls the mock by its own address."""


class Hosts(Struct, frozen=True):
    """Names of hosts, in lower case; `*.example.com` stands for every name below `example.com`."""

    names: tuple[str, ...]

    def __contains__(self, host: object) -> bool:
        """Whether a host is one of them, however its letters are written."""
        name = str(host).lower().rstrip(".")
        return any(name == own or (own.startswith("*.") and name.endswith(own[1:])) for own in self.names)


def intercepted_hosts(servers: Iterable[str], more: Iterable[str] = ()) -> Hosts:
    """The hosts of the document's servers, and more.

    Args:
        servers: URLs, as `https://trackfox.app`.
        more: names, as `api.example.com` or `*.example.com`.

    Raises:
        HostNameError: one of `more` is no name of a host.
    """
    documented = [host for host in (urlsplit(url).hostname for url in servers) if host]
    return Hosts(tuple(dict.fromkeys([*documented, *map(_name, more)])))


def _name(given: str) -> str:
    name = given.strip().lower().rstrip(".")
    if not name or any(letter in name for letter in "/:@ ") or "*" in name.removeprefix("*."):
        raise HostNameError(
            f"--intercept-host {given!r} is no name of a host; expected one as api.example.com or *.example.com, "
            "without https:// and without a port."
        )
    return name


def split_authority(authority: str, default_port: int) -> tuple[str, int]:
    """Host and port of `example.com:443`, of `[::1]:443`, or of `example.com` alone.

    Raises:
        ValueError: it is neither.
    """
    parts = urlsplit(f"//{authority}")
    if not parts.hostname or parts.path or parts.query or parts.fragment:
        raise ValueError(authority)
    return parts.hostname, default_port if parts.port is None else parts.port
