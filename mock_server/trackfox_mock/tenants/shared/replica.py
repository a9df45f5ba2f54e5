"""What a node knows: websites, sessions and what is kept, as changes of all nodes that lead to a version."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

import msgspec

from trackfox_mock.errors import StoreAwayError
from trackfox_mock.model import Website
from trackfox_mock.tenants.directory import Directory
from trackfox_mock.tenants.fixtures import parse_session, parse_website
from trackfox_mock.tenants.shared import rows
from trackfox_mock.tenants.shared.line import Line, Word

BEAT = 1.0
"""Seconds between two signs of life."""

NOTHING = -1
"""The version of a node that knows nothing."""

_LIFE = 5  # seconds that a node counts as there after its last sign of life
_FORMAT = "1"


class Pulled(NamedTuple):
    """What is new in the journal: the last number, entries by their number (None where dropped), and all counts."""

    last: int
    requests: list[tuple[int, bytes | None]]
    counts: dict[bytes, int]


class Replica(Directory):
    """The websites and sessions of a shared store, in the memory of one node.

    Args:
        fixtures: the websites it starts with.
        line: to the store.
        common: by name, what all nodes must have in common, as the document's digest.

    `must_read_requests` says that requests which are known here may have been dropped elsewhere.

    Raises:
        StoreAwayError: it does not answer, or other nodes serve something else.
    """

    def __init__(self, fixtures: Iterable[Website], line: Line, common: Mapping[str, str]) -> None:
        super().__init__(fixtures)
        self.line = line
        self.must_read_requests = False
        self._node = secrets.token_hex(8)
        self._common = {"format": _FORMAT, **common}
        self._epoch = ""
        self._version = NOTHING
        self._mark = ""
        self._kept: dict[str, bytes] = {}
        self._join(line.call("join", self._sign_of_life()))
        self.catch_up()

    @property
    def epoch(self) -> str:
        """Names the story that its data is; another one began where the data was lost, or nodes serve something new."""
        return self._epoch

    @property
    def version(self) -> int:
        """Of the changes that this node knows."""
        return self._version

    @property
    def knows_nothing(self) -> bool:
        """Whether it has to be pulled anew before anything can be decided."""
        return self._version == NOTHING

    def _sign_of_life(self) -> list[Word]:
        common = [word for pair in self._common.items() for word in pair]
        return [self._node, _LIFE, secrets.token_hex(8), *common]

    def _join(self, answer: list[Any]) -> None:
        if answer[0] == b"differs":
            self._epoch, self._version = "", NOTHING
            self.line.trouble = _differs(answer[1].decode(), str(self.line.address))
            raise StoreAwayError(self.line.trouble)
        epoch = answer[1].decode()
        if epoch != self._epoch:
            self._epoch, self._version = epoch, NOTHING
            self.must_read_requests = True

    async def join(self) -> None:
        """Give a sign of life.

        Raises:
            StoreAwayError: it does not answer, or other nodes serve something else.
        """
        self._join(await self.line.ask("join", self._sign_of_life()))

    async def pull(self, last_request: int = 0, size: int = 0) -> Pulled:
        """Learn what other nodes have changed; and the newest requests after a number, if some are wanted.

        Raises:
            StoreAwayError: see `join`.
        """
        if not self._epoch:
            await self.join()
        answer = await self.line.ask("pull", [self._version, self._mark, last_request, size])
        if answer[0] == b"lost" or answer[0].decode() != self._epoch:
            await self.join()
            answer = await self.line.ask("pull", [self._version, self._mark, 0, size])
        return self._learn(answer)

    def catch_up(self) -> None:
        """Learn what other nodes have changed, without an event loop.

        Raises:
            StoreAwayError: see `join`.
        """
        answer = self.line.call("pull", [self._version, self._mark, 0, 0])
        if answer[0] == b"lost" or answer[0].decode() != self._epoch:
            self._join(self.line.call("join", self._sign_of_life()))
            answer = self.line.call("pull", [self._version, self._mark, 0, 0])
        self._learn(answer)

    def _learn(self, answer: list[Any]) -> Pulled:
        epoch, version, mark, snapshot, log, kept, last, numbers, requests, counts = answer
        if epoch.decode() != self._epoch:
            raise StoreAwayError("the store has just lost its data, or got other nodes; it goes on by itself.")
        if snapshot is not None:
            self._start(self.fixtures)
            if snapshot:
                self._make(rows.read_change(msgspec.json.decode(snapshot)))
        if snapshot is not None or version != self._version:
            self._kept = {name.decode(): value for name, value in _pairs(kept)}
        for change in log:
            self._follow(*msgspec.json.decode(change.partition(b" ")[2]))
        self._version, self._mark = version, mark.decode()
        return Pulled(last, list(zip(numbers, requests, strict=True)), {kind: int(n) for kind, n in _pairs(counts)})

    def _follow(self, what: str, *of: Any) -> None:
        """Make a change that a node has made."""
        _FOLLOWING[what](self, *of)

    def _follow_session(self, website_id: str, session: Any) -> None:
        if website_id in self._tenants:
            self._add_session(parse_session(website_id, session))

    def _follow_replace(self, change: Any) -> None:
        self._start(self.fixtures)
        self._make(rows.read_change(change))

    def _follow_dropped(self) -> None:
        self.must_read_requests = True


_FOLLOWING: dict[str, Callable[..., None]] = {
    "add": lambda store, website: store._add(parse_website(website)),  # noqa: SLF001 - its own
    "remove": lambda store, website_id: store._drop(website_id),  # noqa: SLF001 - the same
    "session": Replica._follow_session,  # noqa: SLF001 - the same
    "replace": Replica._follow_replace,  # noqa: SLF001 - the same
    "kept": lambda _: None,
    "dropped": Replica._follow_dropped,  # noqa: SLF001 - the same
}


def _pairs(flat: list[bytes]) -> Iterator[tuple[bytes, bytes]]:
    return zip(flat[::2], flat[1::2], strict=True)


def _differs(what: str, address: str) -> str:
    return (
        f"the nodes that use the store at {address} have {_DIFFERENT.get(what, what)}: start all of them alike, "
        "or give this one a --store of its own, or another --store-prefix."
    )


_DIFFERENT = {
    "format": "another format of their data, of another version of trackfox-mock",
    "version": "another version of trackfox-mock",
    "document": "another document (--spec)",
    "fixtures": "other fixtures (--fixtures)",
    "readings": "other readings (--readings, --reading)",
    "faults": "other faults (--fault)",
    "limits": "other limits (--payments-limit, --journal-size)",
}
