"""A world whose store other nodes share: what a turn decides holds once the store has taken it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Any, NamedTuple

import msgspec

from trackfox_mock.decision.advice import Refusals
from trackfox_mock.decision.problems import problem_reply
from trackfox_mock.errors import StaleError, StorageError, StoreAwayError
from trackfox_mock.faults.schedule import Fault, Kept
from trackfox_mock.faults.shared import SharedFaults
from trackfox_mock.journal.entries import OUTCOMES, STORAGE, Entry, kept
from trackfox_mock.journal.shared import SharedJournal
from trackfox_mock.model import Decision, Reply, Request, Violation
from trackfox_mock.tenants.shared.store import SharedStore
from trackfox_mock.world.keeping import Keeping
from trackfox_mock.world.world import World

_ATTEMPTS = 100
_FAULTS = "faults"
_OF_FAULTS = msgspec.json.Decoder(list[Kept])


class Arrival(NamedTuple):
    """A request that came, and the address that it came from."""

    request: Request
    client: str


class SharedWorld(World):
    """One node of many.

    Whatever is decided here is tried first on what this node knows. The store takes it if that is still true; otherwise
    the node learns what is new, and decides again. Nobody waits for a lock but the other turns of this node.

    Args:
        store: that nodes share.
        clock: gives the time, in seconds since the epoch.
        journal_size: how many requests are kept.
        faults: what is broken from the start.
        more: see `World`.
    """

    store: SharedStore
    journal: SharedJournal
    faults: SharedFaults
    refusals: SharedRefusals

    def __init__(
        self, *args: Any, store: SharedStore, journal_size: int = 1000, faults: Iterable[Fault] = (), **more: Any
    ) -> None:
        super().__init__(*args, store=store, **more)
        self.logs = []
        self.journal = SharedJournal(journal_size, store)
        self.faults = SharedFaults(faults, self.clock, store.epoch)
        self.keeping = SharedKeeping(store, self.services, self.faults, self.clock)
        self.refusals = SharedRefusals()
        self.turn = asyncio.Lock()
        self._finished: list[Entry] = []
        self._answered_here = dict.fromkeys(OUTCOMES, 0)

    @property
    def is_watched(self) -> bool:
        """Whether somebody is to be told of what arrives, here or elsewhere."""
        return bool(self.listeners or self._arrivals)

    @property
    def has_unwritten(self) -> bool:
        """Whether there are entries that were finished since they were written."""
        return bool(self._finished)

    def tally(self) -> dict[str, int]:
        """How many requests were answered here, by outcome."""
        return self._answered_here

    # A turn

    async def answer_turn(self, arrivals: Sequence[Arrival]) -> list[Entry]:
        """Answer the requests of one turn, together; where the store does not take them, they are refused."""
        async with self.turn:
            try:
                return await self._answered(arrivals)
            except StorageError as problem:
                self.store.discard()
                self._finished = []  # they stay in the journal as they were begun
                return [self._refused(arrival, str(problem)) for arrival in arrivals]

    async def _answered(self, arrivals: Sequence[Arrival]) -> list[Entry]:
        for _ in range(_ATTEMPTS):
            if self.store.knows_nothing:
                await self._learn()
            entries = self._tried(arrivals)
            try:
                await self.store.settle()
            except StaleError:
                await self._learn()
                continue
            self._numbered(entries)
            if self.is_watched:
                await self._read()
            return entries
        raise StoreAwayError("other nodes change the store without a pause; send it again.")

    def _tried(self, arrivals: Sequence[Arrival]) -> list[Entry]:
        self._unsettled, self._numbers = [], self.journal.last
        self.refusals.begin()
        entries = [self.answer(*arrival) for arrival in arrivals]
        for entry in entries:
            if entry.fault is None:
                entry.elapsed = self.clock() - entry.received_at
        self.keeping.note_faults()
        for entry in entries:
            self.journal.hand_over(entry)
        if self._finished:
            self.journal.complete(self._finished)
        return entries

    def _numbered(self, entries: Sequence[Entry]) -> None:
        """Give entries and their payments the numbers that the store has given."""
        recorded = iter(self.store.recorded)
        self._finished = []
        self.refusals.settle(self.store.first_request - self.journal.last - 1)
        for number, entry in enumerate(entries, self.store.first_request):
            entry.number = number
            if entry.payment is not None:
                entry.payment, entry.repeats = next(recorded)

    def _refused(self, arrival: Arrival, why: str) -> Entry:
        violation = Violation((STORAGE,), STORAGE, why)
        decision = Decision(away(why), STORAGE, (STORAGE,), 0, (violation,))
        return Entry(0, self.clock(), None, kept(arrival.request), decision, arrival.client)

    def finish(self, entry: Entry, seconds: float) -> None:
        """Complete an entry once its reply is sent, and tell the logs; `listeners` hear of it from the store."""
        entry.elapsed = seconds
        if entry.fault is None:
            entry.reply = entry.decision.reply
        elif entry.number:
            self._finished.append(entry)
        self._answered_here[entry.outcome] += 1
        for log in self.logs:
            log(entry)

    # What other nodes do

    async def change(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do some work, and have the store take all that it changes; again where another node was faster.

        Args:
            work: must not wait for anybody, and can be done again after it was undone.

        Raises:
            StorageError: the store did not take it.
        """
        async with self.turn:
            try:
                await self._changed(work)
            except BaseException:
                self.store.discard()
                raise

    async def _changed(self, work: Callable[[], Awaitable[None]]) -> None:
        for _ in range(_ATTEMPTS):
            await self._read()
            await work()
            try:
                await self.store.settle()
            except StaleError:
                continue
            return
        raise StoreAwayError("other nodes change the store without a pause; send it again.")

    async def refresh(self) -> None:
        """Know what every node has acknowledged by now, requests included.

        Raises:
            StorageError: the store does not answer.
        """
        async with self.turn:
            await self._read()

    async def stay(self) -> None:
        """Tell the other nodes that this one is there.

        Raises:
            StorageError: the store does not answer, or they serve something else.
        """
        async with self.turn:
            await self.store.join()

    async def _learn(self) -> None:
        await self.store.pull()
        self.keeping.take_up()

    async def _read(self) -> None:
        version = self.store.version
        pulled = await self.store.pull(self.journal.read_until, self.journal.size)
        if self.store.must_read_requests or pulled.last < self.journal.last:
            self.store.must_read_requests = False
            self.journal.start_over()
            pulled = await self.store.pull(0, self.journal.size)
        if version != self.store.version:
            self.keeping.take_up()
        for entry in self.journal.take(pulled, self.clock()):
            self._tell(entry)

    def _tell(self, entry: Entry) -> None:
        if entry.elapsed is None or entry.fault is None:
            self._notice(entry)
        if entry.elapsed is not None:
            for listener in tuple(self.listeners):
                listener(entry)


class SharedKeeping(Keeping):
    """Keeps all faults as one, those from the start too, as all nodes count them together.

    Args:
        store: what keeps them.
        services: whose readings are kept.
        faults: which all are kept.
        clock: gives the time, in seconds since the epoch.
    """

    def __init__(self, store: SharedStore, services: Any, faults: SharedFaults, clock: Callable[[], float]) -> None:
        self._shared = store
        self._shared_faults = faults
        self._clock = clock
        self._epoch = ""
        self._first: list[Kept] = []
        super().__init__(store, services, faults)

    def _kept_faults(self) -> list[Kept]:
        if self._epoch != self._shared.epoch:
            self._epoch = self._shared.epoch
            self._faults.reset(None, self._clock())
            self._first = self._shared_faults.all_to_keep()
        value = self._shared.kept(_FAULTS)
        return _OF_FAULTS.decode(value) if value else self._first

    def note_faults(self) -> None:
        """Hand all faults to the store, if anything about them has changed."""
        if self._faults.touched:
            self._faults.touched.clear()
            self._shared.keep(_FAULTS, msgspec.json.encode(self._shared_faults.all_to_keep()))


class SharedRefusals(Refusals):
    """Refused requests under the numbers that the store gives them, which is after they were refused."""

    def __init__(self) -> None:
        super().__init__()
        self._tried: list[tuple[tuple[str, int], int]] = []

    def begin(self) -> None:
        """Forget what was tried and did not come to be."""
        self._tried = []

    def _remember(self, key: tuple[str, int], number: int) -> None:
        self._tried.append((key, number))

    def settle(self, more: int) -> None:
        """Remember what was refused in this turn, under numbers that are so much higher than was thought."""
        for key, number in self._tried:
            super()._remember(key, number + more)
        self._tried = []


def away(why: str) -> Reply:
    """What is answered where the store did not take it, and why."""
    reply = problem_reply("store", why)
    return Reply(reply.status, (*reply.headers, (b"retry-after", b"1")), reply.body)
