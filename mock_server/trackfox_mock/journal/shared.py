"""A journal that nodes share: each hands over what it answered, and reads the rest when somebody looks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec.structs import replace

from trackfox_mock.journal.entries import Entry, Journal
from trackfox_mock.journal.kept import written
from trackfox_mock.tenants.durable.plain_json import plain_json
from trackfox_mock.tenants.shared.replica import Pulled
from trackfox_mock.tenants.shared.store import SharedStore

_ENTRIES = msgspec.json.Decoder(Entry)
_KINDS = msgspec.json.Decoder(tuple[str | None, str, bool])
_UNFINISHED_SECONDS = 60  # after which nobody waits for the end of a broken answer


class SharedJournal(Journal):
    """A `Journal` that is in a shared store.

    Args:
        size: how many entries there are at most.
        store: where they are.

    `last` is the number of the newest that is known here.
    """

    def __init__(self, size: int, store: SharedStore) -> None:
        super().__init__(size)
        self._store = store
        self.last = 0
        self._unfinished: dict[int, float] = {}

    def hand_over(self, entry: Entry) -> None:
        """Have an entry kept under the next number, which the store gives it."""
        self._store.arrive(written(entry), _kinds(entry), pays=entry.payment is not None)

    def complete(self, entries: Iterable[Entry]) -> None:
        """Have entries kept anew: what a fault made of their answers is known."""
        self._store.keep_requests([(entry.number, _row(entry)) for entry in entries], self._store.requests_limit)

    @property
    def read_until(self) -> int:
        """The number after which entries are to be read: new ones, and those that were not finished."""
        return min(self._unfinished, default=self.last + 1) - 1

    def start_over(self) -> None:
        """Know nothing, until it is read again."""
        super().clear()
        self.last = 0
        self._unfinished.clear()

    def take(self, pulled: Pulled, now: float) -> Iterator[Entry]:
        """Take what was read; gives the entries that are new, or finished since."""
        for number, row in pulled.requests:
            if row is not None and (entry := self._taken(number, row, now)) is not None:
                yield entry
        self.last = pulled.last
        self.counts.clear()
        self.strays.clear()
        for kind, count in pulled.counts.items():
            owner, rule, is_stray = _KINDS.decode(kind)
            (self.strays if is_stray else self.counts)[owner, rule] = count

    def _taken(self, number: int, row: bytes, now: float) -> Entry | None:
        is_new = number > self.last
        if not is_new and number not in self._unfinished:
            return None
        entry = _read(number, row)
        if entry.elapsed is None and now - entry.received_at < _UNFINISHED_SECONDS:
            self._unfinished[number] = entry.received_at
        else:
            self._unfinished.pop(number, None)
        if is_new:
            self.entries.append(entry)
            return entry
        for place, known in enumerate(self.entries):
            if known.number == number:
                self.entries[place] = entry
        return entry if entry.elapsed is not None else None

    # Forgetting

    def forget(self, website_id: str) -> None:
        """Drop the entries of a website, counts included."""
        self._drop([entry.number for entry in self.entries if entry.website_id == website_id])
        less: Counter[bytes] = Counter()
        for is_stray, counts in ((False, self.counts), (True, self.strays)):
            for (owner, rule), count in counts.items():
                if owner == website_id:
                    less[plain_json((owner, rule, is_stray))] = -count
        self._store.count(less)
        super().forget(website_id)

    def remove(self, wanted: Callable[[Entry], bool]) -> list[Entry]:
        """Forget some of the entries that are kept, in the counts too; gives them, the newest first."""
        removed = super().remove(wanted)
        less: Counter[bytes] = Counter()
        for entry in removed:
            less.subtract(_kinds(entry))
        self._store.count(less)
        self._drop([entry.number for entry in removed])
        return removed

    def _drop(self, numbers: list[int]) -> None:
        if numbers:
            self._store.forget_requests(numbers)

    def clear(self) -> None:
        """Forget everything, counts included; numbers go on."""
        self._store.forget_requests()
        super().clear()


def _kinds(entry: Entry) -> list[bytes]:
    """As what an entry counts."""
    rule, stray = entry.decision.rule, entry.token_website_id
    kinds = [plain_json((entry.website_id, rule, False))]
    return kinds if stray is None else [*kinds, plain_json((stray, rule, True))]


def _row(entry: Entry) -> bytes:
    payment, twin = (0 if one is None else one.number for one in (entry.payment, entry.repeats))
    return b"%d %d %b" % (payment, twin, written(entry))


def _read(number: int, row: bytes) -> Entry:
    """An entry with the numbers that the store gave: its own, of its payment, and of the payment that it repeats."""
    payment, twin, data = row.split(b" ", 2)
    entry = _ENTRIES.decode(data)
    entry.number = number
    if entry.payment is not None:
        entry.payment = replace(entry.payment, number=int(payment))
        if int(twin):
            entry.repeats = replace(entry.payment, number=int(twin))
    return entry
