"""A journal of which the newest entries outlive the process, in a store."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec
from msgspec.structs import replace

from trackfox_mock.journal.entries import Entry, Journal
from trackfox_mock.tenants.durable.plain_json import plain_json
from trackfox_mock.tenants.store import Store

_ENTRIES = msgspec.json.Decoder(Entry)


class KeptJournal(Journal):
    """A `Journal` that begins with what was kept.

    Args:
        size: how many entries there are at most.
        store: what keeps them.
        kept: how many are kept.
    """

    def __init__(self, size: int, store: Store, kept: int) -> None:
        super().__init__(max(size, kept))
        self._store = store
        self._kept = kept
        with store.taking_up():
            for row in store.kept_requests():
                self.add(_ENTRIES.decode(row))

    def write(self, entries: Iterable[Entry]) -> None:
        """Hand entries to the store; what was sent is known of those that no fault hit."""
        rows = [(entry.number, written(entry)) for entry in entries]
        self._store.keep_requests(rows, self._kept)

    def forget(self, website_id: str) -> None:
        """Drop the entries of a website, counts included."""
        numbers = [entry.number for entry in self.entries if entry.website_id == website_id]
        self._store.forget_requests(numbers)
        super().forget(website_id)

    def remove(self, wanted: Callable[[Entry], bool]) -> list[Entry]:
        """Forget some of the entries that are kept, in the counts too; gives them, the newest first."""
        self._store.forget_requests([entry.number for entry in self.entries if wanted(entry)])
        return super().remove(wanted)

    def clear(self) -> None:
        """Forget everything, counts included; numbers go on."""
        self._store.forget_requests()
        super().clear()


def written(entry: Entry) -> bytes:
    """An entry as JSON that can be read again; what was sent is known where no fault hit it."""
    if entry.fault is not None:
        entry = replace(entry, fault=replace(entry.fault, effect=entry.fault.effect.alone))
    elif entry.reply is None:
        entry = replace(entry, reply=entry.decision.reply)
    return plain_json(entry)
