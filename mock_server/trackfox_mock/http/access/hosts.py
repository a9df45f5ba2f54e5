"""Which names are this machine's: a web page can have its own name resolve to it, and must not be served then."""

from __future__ import annotations

from collections.abc import MutableMapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit


def is_this_machine(host: str, scope: MutableMapping[str, Any]) -> bool:
    """Whether a Host header names this machine: by a loopback name, or the address at which it was reached.

    A browser chooses what it sends as Host by the address that a person sees; a web page cannot.
    """
    hostname, server = _hostname(host), scope.get("server")
    if hostname == "localhost" or hostname.endswith(".localhost") or (server and hostname == server[0]):
        return True
    try:
        return ip_address(hostname).is_loopback
    except ValueError:
        return False


def _hostname(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""
