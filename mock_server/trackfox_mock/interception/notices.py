"""What happens on the way to a request and is none: TLS that fails, tunnels to other hosts, what is refused there."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable

_KINDS = 200
"""So many different notices are told apart; a client can make up host names without end."""


class Notices:
    """Counts notices, and has each told the first time.

    Args:
        tell: is given a sentence, once for each that is different.
    """

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self.counts: Counter[str] = Counter()

    def add(self, sentence: str) -> None:
        """Count a sentence, and tell it if it is new."""
        if sentence not in self.counts:
            if len(self.counts) >= _KINDS:
                sentence = "and more of such kinds, which are only counted from here on"
            if sentence not in self.counts:
                self._tell(sentence)
        self.counts[sentence] += 1


def untrusted(host: str, reason: str, certificate: str) -> str:
    """A client broke off the handshake."""
    return (
        f"TLS for {host or 'an unnamed host'} failed, by the client's word: {reason}. It does not trust the mock's "
        f"certificate: give it {certificate} to trust (trackfox-mock ca says how), and take out a pinned certificate."
    )


def unfinished(host: str, certificate: str) -> str:
    """A client left after the handshake without a request, as Node does when it does not trust."""
    return (
        f"a client of {host or 'an unnamed host'} left after the TLS handshake without a request. If it reported a "
        f"certificate that it does not trust, give it {certificate} to trust (trackfox-mock ca says how)."
    )


def not_tls(host: str, reason: str) -> str:
    """What came is no TLS that could be spoken."""
    return f"TLS for {host or 'an unnamed host'} failed: {reason}; expected TLS 1.2 or 1.3: check the client."


def refused_offline(host: str) -> str:
    """A call of another host, under `--offline`."""
    return f"{host} was called, and refused by --offline: leave out --offline, or name it with --intercept-host."


def looked_up(host: str) -> str:
    """Another host, in a network that leads nowhere."""
    return (
        f"{host} was looked up past the proxy, and not found, by --offline: leave out --offline, or name it with "
        "--intercept-host."
    )


def past_proxy(hosts: Iterable[str]) -> str:
    """A call of ours by who asks no proxy, in a network that leads nowhere."""
    return (
        f"a client that asks no proxy called {' or '.join(hosts)}, and was caught by the network that --offline gives "
        "the command: without --offline it gets past the mock."
    )


def no_network(reason: str) -> str:
    """What `--offline` does where a command can have no network of its own."""
    return (
        f"the command has no network of its own, as {reason}: --offline refuses other hosts at the proxy alone, "
        "and a client that asks no proxy gets past it."
    )


def own_network() -> str:
    """What may be why a command failed."""
    return (
        "by --offline the command had a network of its own, where it reached the mock alone; if it needs a service of "
        "this machine, as a database, add --local-port with its port."
    )


def unreachable(host: str, reason: str) -> str:
    """A call of another host that got nowhere."""
    return f"{host} was called and cannot be reached: {reason}."


def too_many_tunnels(limit: int) -> str:
    """More tunnels at a time than are kept."""
    return f"more than {limit} tunnels to other hosts are open at a time: further ones are answered 503."
