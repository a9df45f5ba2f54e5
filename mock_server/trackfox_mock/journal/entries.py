"""What happened: the last requests with what was decided about each, bounded whatever a client sends."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from msgspec import Struct

from trackfox_mock.decision.advice import Advisory, duplicate
from trackfox_mock.faults.effects import Hit
from trackfox_mock.model import Decision, Headers, PaymentEvent, Reply, Request

KEPT_BODY = 16 * 1024
KEPT_HEAD = 8 * 1024
KEPT_VALUE = 256
_KEPT_FIELDS = 64

SUCCESS = "success.status"
FAULT = "fault"
PREFERENCE = "preference"
STORAGE = "storage"
OURS = (FAULT, PREFERENCE, STORAGE)
"""The rules of answers that are not the service's."""


EXAMPLE = "example"

OUTCOMES = ("attributed", "refused", "faulted", "answered")
"""A payment was attributed; the service refused; a fault answered before the service could; by an example."""


def outcome_of(rule: str) -> str:
    """The outcome of a decision that rests on a rule."""
    return _OUTCOMES.get(rule, "refused")


_OUTCOMES = {SUCCESS: "attributed", FAULT: "faulted", EXAMPLE: "answered"}


class Relayed(Struct, frozen=True, gc=False):
    """What is known of a request that another service answered, beside its answer.

    `would` is what this mock would have answered under the present readings; `verdict` is `kept`, `broken` or `open`,
    or `none` where the service gave no answer; `clauses` are those that it is about; `sentence` says it to a person.
    """

    would: Reply
    verdict: str
    clauses: tuple[str, ...]
    sentence: str


class Entry(Struct, gc=False):
    """One request and what became of it.

    `number` counts from 1 within a world, `received_at` is in seconds since the epoch. `website_id` is the tenant it
    belongs to: the body's website where there is one of that id, else the token's owner, else None. `request` is cut
    to 16 KiB of body and 8 KiB of head. `reply` is what was really sent, and `elapsed` the seconds it took; both are
    None until then, and `reply` stays None where a fault took the answer. `repeats` is the earlier payment of the same
    session, revenue and e-mail; `further_advice` is what else was accepted and looks wrong; `fault` is what hit the
    request; `expects` the rules that the request itself says it means to be refused by; `token_website_id` whose token
    came with a refused request that names another website; `relayed` is what another service did, under `proxy`.
    """

    number: int
    received_at: float
    website_id: str | None
    request: Request
    decision: Decision
    client: str = ""
    payment: PaymentEvent | None = None
    repeats: PaymentEvent | None = None
    further_advice: tuple[Advisory, ...] = ()
    reply: Reply | None = None
    elapsed: float | None = None
    fault: Hit | None = None
    expects: tuple[str, ...] = ()
    token_website_id: str | None = None
    relayed: Relayed | None = None

    def concerns(self, website_id: str) -> bool:
        """Whether it belongs to a website, or was refused with its token."""
        return website_id in (self.website_id, self.token_website_id)

    @property
    def is_advised(self) -> bool:
        """Whether there is advice, which costs a sentence to make."""
        return self.repeats is not None or bool(self.further_advice)

    @property
    def advice(self) -> tuple[Advisory, ...]:
        """What was accepted and looks wrong, that it came before included."""
        if self.repeats is None or self.payment is None:
            return self.further_advice
        is_merged = self.payment.number == self.repeats.number
        return duplicate(self.repeats, is_merged=is_merged), *self.further_advice

    @property
    def outcome(self) -> str:
        """One of `OUTCOMES`."""
        return outcome_of(self.decision.rule)


class Journal:
    """The newest entries, and counts of all there ever were.

    Args:
        size: how many entries are kept.

    `strays` counts, by the website whose token came, the refused requests that name another website.
    """

    def __init__(self, size: int = 1000) -> None:
        self.size = size
        self.entries: deque[Entry] = deque(maxlen=size)
        self.counts: defaultdict[tuple[str | None, str], int] = defaultdict(int)
        self.strays: defaultdict[tuple[str | None, str], int] = defaultdict(int)

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries)

    def add(self, entry: Entry) -> None:
        """Add an entry; the oldest one goes when there are too many."""
        self.counts[entry.website_id, entry.decision.rule] += 1
        if entry.token_website_id is not None:
            self.strays[entry.token_website_id, entry.decision.rule] += 1
        self.entries.append(entry)

    def write(self, entries: Iterable[Entry]) -> None:
        """Have entries outlive the process, where a journal can."""

    def entry(self, number: int) -> Entry | None:
        """The entry of that number, if it is still kept."""
        return next((entry for entry in self.entries if entry.number == number), None)

    def forget(self, website_id: str) -> None:
        """Drop the entries of a website, counts included."""
        kept = [entry for entry in self.entries if entry.website_id != website_id]
        if len(kept) < len(self.entries):
            self.entries.clear()
            self.entries.extend(kept)
        for counts in (self.counts, self.strays):
            for key in [key for key in counts if key[0] == website_id]:
                del counts[key]

    @property
    def total(self) -> int:
        """How many there were."""
        return sum(self.counts.values())

    @property
    def has_evicted(self) -> bool:
        """Whether there were more than are kept."""
        return self.total > len(self.entries)

    def count(self, website_id: str | None = None, outcome: str | None = None, rule: str | None = None) -> int:
        """How many there were, also of those that are not kept any more; None stands for any.

        Of a website they include those that came with its token and named another.
        """
        strays = self.strays.items() if website_id is not None else ()
        return sum(
            count
            for (owner, kind), count in chain(self.counts.items(), strays)
            if website_id in (None, owner) and rule in (None, kind) and outcome in (None, outcome_of(kind))
        )

    def remove(self, wanted: Callable[[Entry], bool]) -> list[Entry]:
        """Forget some of the entries that are kept, in the counts too; gives them, the newest first."""
        removed = [entry for entry in self.entries if wanted(entry)]
        kept = [entry for entry in self.entries if not wanted(entry)]
        self.entries.clear()
        self.entries.extend(kept)
        for entry in removed:
            self.counts[entry.website_id, entry.decision.rule] -= 1
            if entry.token_website_id is not None:
                self.strays[entry.token_website_id, entry.decision.rule] -= 1
        return removed[::-1]

    def clear(self) -> None:
        """Forget everything, counts included; numbers go on."""
        self.entries.clear()
        self.counts.clear()
        self.strays.clear()


def kept(request: Request) -> Request:
    """The request as the journal keeps it: its head cut where that is large, its body where that is.

    It depends on the request alone, not on the pieces that it came in, nor on what came with it.
    """
    is_small = len(request.headers) <= _KEPT_FIELDS and (
        0 < request.head_size <= KEPT_HEAD or _head_size(request) <= KEPT_HEAD
    )
    if is_small and len(request.body) <= KEPT_BODY:
        return request
    cut = slice(None if is_small else KEPT_VALUE)
    return Request(
        request.method[cut],
        request.path[cut],
        request.headers if is_small else _kept_fields(request.headers),
        request.body[:KEPT_BODY],
        request.query[cut],
        request.body_size,
    )


def _head_size(request: Request) -> int:
    fields = b"".join(chain.from_iterable(request.headers))
    return len(request.path) + len(request.query) + len(fields)


def _kept_fields(headers: Headers) -> Headers:
    """The first fields, cut, and the token wherever it stands: an explanation and a fingerprint are of all of it."""
    tokens = [field for field in headers if field[0] == b"authorization"]
    kept = [(name[:KEPT_VALUE], value[:KEPT_VALUE]) for name, value in headers[:_KEPT_FIELDS]]
    if len(tokens) != 1:
        return kept
    name, value = tokens[0]
    others = [field for field in kept if field[0] != name][: _KEPT_FIELDS - 1]
    return [*others, (name, value[:KEPT_HEAD])]
