"""One request and its answer, as a test sees them."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable, Sequence
from functools import cached_property
from typing import Any

from mock_server.call import MalformedBodyError, decode
from mock_server.journal import Entry
from mock_server.testing.host import Host
from mock_server.testing.payment import Payment, payment_of


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
    def status(self) -> int:
        """The status it was answered with."""
        return (self._entry.reply or self._entry.decision.reply).status

    @property
    def outcome(self) -> str:
        """`attributed`, or `refused`."""
        return self._entry.outcome

    @property
    def rule(self) -> str:
        """The clause or silence on which the answer rests, as `match.session`."""
        return self._entry.decision.rule

    @property
    def payment(self) -> Payment | None:
        """The payment that it created."""
        return None if self._entry.payment is None else payment_of(self._entry.payment)

    @cached_property
    def explanation(self) -> str:
        """Why it was refused and how to mend it, or what looks wrong about it though it was accepted."""
        violations = self._entry.decision.violations
        return "\n".join(violation.message for violation in violations) or self.rule

    @property
    def advisories(self) -> tuple[str, ...]:
        """What looks wrong although it was accepted."""
        return ()

    def __str__(self) -> str:
        said = f"{self.method} {self.path} was answered {self.status}: {self.outcome} ({self.rule})"
        return f"{said}\n{textwrap.indent(self.explanation, '  ')}" if self.outcome == "refused" else said

    def __repr__(self) -> str:
        return f"<Exchange {self.number}: {self.method} {self.path}, {self.status}, {self.outcome}, {self.rule}>"


def listed(exchanges: Iterable[Exchange]) -> str:
    """All of them for a person, numbered from 1."""
    texts = [textwrap.indent(f"{place}. {exchange}", "   ").lstrip() for place, exchange in enumerate(exchanges, 1)]
    if not texts:
        return "No request arrived."
    return "\n".join([f"{len(texts)} request{'s' * (len(texts) > 1)} arrived:", *texts])


class UnexpectedRequestWarning(UserWarning):
    """A request of a test was refused or looks wrong, and nothing in the test asked for that."""


def unexpected_text(exchanges: Sequence[Exchange]) -> str:
    """What is said about such requests at the end of a test."""
    rules = ", ".join(f'"{rule}"' for rule in dict.fromkeys(exchange.rule for exchange in exchanges))
    return (
        "A request was refused or looks wrong, and the test did not expect that. If it is meant to be, use "
        f"trackfox.assert_refused({rules}) or @pytest.mark.trackfox(expect={rules}).\n{listed(exchanges)}"
    )
