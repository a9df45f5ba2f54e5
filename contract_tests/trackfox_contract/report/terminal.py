"""The report for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator

import click

from trackfox_contract.report.ledger import Ledger, Row

_MARKS = {"kept": ("kept", "green"), "broken": ("BROKEN", "red"), "not checked": ("not checked", "yellow")}
_SHOWN = 2


def lines(ledger: Ledger) -> Iterator[str]:
    """The report, line by line, coloured; whoever prints it strips the colours where they are not wanted."""
    for row in ledger.rows:
        word, colour = _MARKS[row.verdict]
        count = f"{row.requests:>6,}" if row.requests else "     -"
        yield f"{click.style(f'{word:<12}', fg=colour)}{count}  {row.clause.clause_id:<26}{row.clause.says}"
        if row.why:
            yield f"{'':20}{click.style(row.why, dim=True)}"
    for row in ledger.broken:
        yield ""
        yield from _explained(row)
    yield ""
    yield from summary(ledger)


def _explained(row: Row) -> Iterator[str]:
    yield click.style(f"{row.clause.clause_id}: {row.clause.says}", fg="red", bold=True)
    yield f"  The document: “{row.clause.sentence}” ({row.clause.place})"
    for finding in row.findings[:_SHOWN]:
        yield ""
        yield f"  {finding.case}{f' (seen {finding.seen})' if finding.seen else ''}"
        yield f"    expected  {finding.expected}"
        yield f"    came      {finding.came}"
        for number, command in enumerate((*finding.before, finding.curl)):
            yield f"    {'after' if number < len(finding.before) else 'try'}:"
            yield from (f"      {line}" for line in command.splitlines())
    if len(row.findings) > _SHOWN:
        yield f"  … and {len(row.findings) - _SHOWN} more; --json lists all."


def summary(ledger: Ledger) -> Iterator[str]:
    """What the run comes to, in a few lines."""
    evidence = ledger.evidence
    reached = ", ".join(f"{count:,} times {status}" for status, count in sorted(evidence.statuses.items()))
    successes = answered_with_success(evidence.payments)
    yield f"{evidence.sent:,} requests in {ledger.seconds:.1f} s, seed {ledger.seed}; reached {reached}; {successes}."
    if evidence.waits:
        yield f"Note: the service answered 429 to {evidence.waits:,} requests and was waited for."
    for note in evidence.notes:
        yield f"Note: {note}."
    if ledger.exit_code == 1:
        ids = ", ".join(row.clause.clause_id for row in ledger.broken)
        yield click.style(f"{len(ledger.broken)} of {len(ledger.rows)} clauses broken: {ids}", fg="red", bold=True)
    elif ledger.exit_code == 0:
        kept = sum(row.verdict == "kept" for row in ledger.rows)
        yield click.style(f"Every checked clause was kept ({kept} of {len(ledger.rows)}).", fg="green", bold=True)
    else:
        yield click.style(
            f"Could not check: {', '.join(ledger.missing)} was never reached. {_ADVICE}", fg="yellow", bold=True
        )


def answered_with_success(count: int) -> str:
    """How many requests were answered with success, in words; what was recorded only the service knows."""
    if count == 0:
        return "none was answered with success"
    return "1 was answered with success" if count == 1 else f"{count:,} were answered with success"


_ADVICE = "A run without these statuses proves nothing; with --allow-writes existing sessions can be named."
