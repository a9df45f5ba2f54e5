"""One request and its answer, as a test sees them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import Any

from trackfox_mock.decision.advice import Advisory
from trackfox_mock.decision.parsed_request import MalformedBodyError, decode
from trackfox_mock.errors import counted
from trackfox_mock.explain import Explanation
from trackfox_mock.journal.entries import Entry
from trackfox_mock.journal.expectations import meets, unexpected
from trackfox_mock.redaction.masking import printable
from trackfox_mock.redaction.redactor import Redactor
from trackfox_mock.testing.host import Host
from trackfox_mock.testing.intercept import CURES
from trackfox_mock.testing.payment import Payment, payment_of

_LONGEST_LINE = 2000


class Exchange:
    """A request that arrived, and what became of it.

    Args:
        host: where it arrived; it is asked for the explanation.
        entry: what the journal has of it.
    """

    def __init__(self, host: Host, entry: Entry) -> None:
        self._host = host
        self._entry = entry

    @property
    def number(self) -> int:
        """Counts from 1 in the life of the mock; requests of other tests are counted too."""
        return self._entry.number

    @property
    def method(self) -> str:
        """As `POST`."""
        return self._entry.request.method

    @property
    def path(self) -> str:
        """As `/api/v1/attribute-payment`."""
        return self._entry.request.path

    @property
    def headers(self) -> dict[str, str]:
        """By name in lower case; of a field that was sent twice, the last value."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self._entry.request.headers}

    @property
    def body(self) -> bytes:
        """The first 16 KiB of what was sent."""
        return self._entry.request.body

    @property
    def json(self) -> Any:
        """The body as JSON, None where it is none."""
        try:
            return decode(self.body)
        except MalformedBodyError:
            return None

    @property
    def status(self) -> int | None:
        """The status it was answered with; None where a fault kept the answer back, or has not sent it yet."""
        if self._entry.fault is None:
            return self._entry.decision.reply.status
        return None if self._entry.reply is None else self._entry.reply.status

    @property
    def outcome(self) -> str:
        """`attributed`, `refused`, `faulted` where a fault answered first, or `answered` by another operation."""
        return self._entry.outcome

    @property
    def rule(self) -> str:
        """The clause or silence on which the answer rests, as `match.session`."""
        return self._entry.decision.rule

    @property
    def payment(self) -> Payment | None:
        """The payment that it created."""
        return None if self._entry.payment is None else payment_of(self._entry.payment)

    @property
    def advisories(self) -> tuple[Advisory, ...]:
        """What looks wrong although it was accepted; each has an `id` and a `sentence`."""
        return self._entry.advice

    @property
    def fault(self) -> str | None:
        """The name of the fault that hit it, as `CONNECTION_RESET_BY_PEER`, or `STATUS`."""
        return None if self._entry.fault is None else self._entry.fault.effect.name

    @property
    def explanation(self) -> str:
        """Everything there is to say: each gate with its evidence, the rule, and a command that mends it."""
        return self._explained.text()

    @cached_property
    def _explained(self) -> Explanation:
        world = self._host.world
        return self._host.call(lambda: world.explain(self._entry, base_url=self._host.base_url))

    def surprises(self, expected: set[str]) -> set[str]:
        """The rule that refused it, and the advice about it, that nobody expected.

        Args:
            expected: what the test said; what the request itself said, and the control API, is counted in.
        """
        return unexpected(self._entry, expected | {*self._entry.expects} | self._host.call(self._standing))

    def _standing(self) -> set[str]:
        whose = (None, self._entry.website_id)
        return {one.expectation.rule for one in self._host.world.expectations if one.expectation.website_id in whose}

    def meets(self, rule: str) -> bool:
        """Whether it was refused, or advised, as a rule says."""
        return meets(self._entry, rule)

    @property
    def missed(self) -> tuple[str, ...]:
        """What it said was meant to come, as `Prefer: expect=match.session`, and did not."""
        return tuple(rule for rule in self._entry.expects if not self.meets(rule))

    def row(self) -> dict[str, Any]:
        """It as plain data without a secret, as a row of the report of `exec --json`."""
        from trackfox_mock.world.log import entry_row  # noqa: PLC0415 - only a report needs it

        return self._host.call(lambda: entry_row(self._host.world, self._entry))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Exchange) and other._entry is self._entry

    def __hash__(self) -> int:
        return hash((id(self._host), self.number))

    def __str__(self) -> str:
        answer = "got no answer" if self.status is None else f"was answered {self.status}"
        headline = f"{self._shown(self.method)} {self._shown(self.path)} {answer}: {self.outcome} ({self.rule})"
        return "\n".join([headline, *(f"  {self._shown(line)}" for line in self._remarks())])

    def _remarks(self) -> Iterator[str]:
        if self.outcome == "refused":
            yield self._explained.sentence
            yield from (f"also: {slip.sentence}" for slip in self._explained.also)
        if self._entry.fault is not None:
            yield self._entry.fault.effect.sentence
        yield from (f"advice ({advisory.id}): {advisory.sentence}" for advisory in self.advisories)

    def __repr__(self) -> str:
        asked = f"{self._shown(self.method)} {self._shown(self.path)}"
        return f"<Exchange {self.number}: {asked}, {self.status}, {self.outcome}, {self.rule}>"

    def _shown(self, text: str) -> str:
        """A text as it may stand in a report: without a secret, on one line."""
        return printable(Redactor(self._host.world).text(text), _LONGEST_LINE)


def listed(exchanges: Iterable[Exchange]) -> str:
    """All of them for a person, numbered from 1."""
    texts = [textwrap.indent(f"{place}. {exchange}", "   ").lstrip() for place, exchange in enumerate(exchanges, 1)]
    if not texts:
        return f"No request arrived. {CURES}"
    return "\n".join([f"{counted(len(texts), 'request')} arrived:", *texts])


class UnexpectedRequestWarning(UserWarning):
    """A request of a test was refused or looks wrong, and nothing in the test asked for that."""
