"""The report for a person at a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click

from trackfox_contract.judgement.evidence import requests
from trackfox_contract.report.causes import Cause
from trackfox_contract.report.files import printed
from trackfox_contract.report.ledger import Ledger, Row

_MARKS = {"kept": ("kept", "green"), "broken": ("BROKEN", "red"), "not checked": ("not checked", "yellow")}
_SCREEN, _SHOWN, _NAMED = 60, 3, 6


def lines(ledger: Ledger) -> Iterator[str]:
    """The report, line by line, coloured; whoever prints it strips the colours where they are not wanted."""
    rows = list(_rows(ledger))
    shown = _fitting(ledger, len(rows))
    yield from rows
    for number, cause in enumerate(ledger.causes[:shown], 1):
        yield ""
        yield from _explained(number, cause, ledger)
    yield from _others(ledger.causes[shown:])
    yield from _variables(ledger, shown)
    yield ""
    yield from summary(ledger)


def _fitting(ledger: Ledger, above: int) -> int:
    """How many causes can be explained in full on a screen, below so many lines; the first always is."""
    left = _SCREEN - above - len(list(_others(ledger.causes[1:]))) - len(list(summary(ledger))) - 3
    for number, cause in enumerate(ledger.causes[:_SHOWN], 1):
        left -= 1 + len(list(_explained(number, cause, ledger)))
        if left < 0:
            return max(1, number - 1)
    return min(len(ledger.causes), _SHOWN)


def _rows(ledger: Ledger) -> Iterator[str]:
    """A clause a line; where some are broken, the others together, by what is known of them."""
    others: dict[tuple[str, str], list[Row]] = {}
    for row in ledger.rows:
        if ledger.broken and row.verdict != "broken":
            others.setdefault((row.verdict, row.why), []).append(row)
        else:
            yield from _row(row)
    for alike in others.values():
        yield from _row(alike[0]) if len(alike) == 1 else _together(alike)


def _together(rows: Sequence[Row]) -> Iterator[str]:
    ids = ", ".join(row.clause.clause_id for row in rows)
    yield f"{_verdict(rows[0])}{'':6}  {len(rows)} more: {ids}"
    yield from _reason(rows[0])


def _variables(ledger: Ledger, shown: int) -> Iterator[str]:
    """Which environment variables the shown commands read, and what has to be in them."""
    findings = [cause.findings[0] for cause in ledger.causes[:shown]]
    commands = "".join(command for finding in findings for command in (*finding.before, finding.curl))
    named = [
        f"{name} is the token of {website}" for website, name in ledger.variables.items() if f"${{{name}" in commands
    ]
    if named:
        yield ""
        yield f"In the commands {', and '.join(named)}; export it first."


def _row(row: Row) -> Iterator[str]:
    count = f"{row.requests:>6,}" if row.requests else "     -"
    yield f"{_verdict(row)}{count}  {row.clause.clause_id:<26}{row.clause.says}"
    yield from _reason(row)


def _verdict(row: Row) -> str:
    word, colour = _MARKS[row.verdict]
    return click.style(f"{word:<12}", fg=colour)


def _reason(row: Row) -> Iterator[str]:
    if row.why:
        yield f"{'':20}{click.style(row.why, dim=True)}"


def _explained(number: int, cause: Cause, ledger: Ledger) -> Iterator[str]:
    finding = cause.findings[0]
    clause = next(row.clause for row in ledger.rows if row.clause.clause_id in cause.clause_ids)
    yield click.style(f"{number}. The service {cause.sentence}", fg="red", bold=True)
    breaks = "is lenient about" if cause.is_lenient else "breaks"
    yield f"   {breaks} {cause.clauses}; shown by {requests(cause.count)}, the plainest of them:"
    yield f"   {finding.case}{f' (seen {finding.seen})' if finding.seen else ''}"
    yield f"     the document  “{clause.sentence}” ({clause.place})"
    yield f"     expected      {finding.expected}"
    yield f"     came          {finding.came}"
    for at, command in enumerate((*finding.before, finding.curl)):
        yield f"     {'after' if at < len(finding.before) else 'try'}:"
        yield from (f"       {line}" for line in printed(command).splitlines())


def _others(causes: Sequence[Cause]) -> Iterator[str]:
    if causes:
        yield ""
        yield "Further causes, which --json and --html show with their requests:"
    for cause in causes[:_NAMED]:
        yield f"  {cause.sentence}; breaks {cause.clauses}; {requests(cause.count)}, as: {cause.findings[0].case}"
    if len(causes) > _NAMED:
        yield f"  and {len(causes) - _NAMED} more"


def summary(ledger: Ledger) -> Iterator[str]:
    """What the run comes to, in a few lines."""
    evidence = ledger.evidence
    times = {status: f"{count:,} time{'s' * (count != 1)}" for status, count in sorted(evidence.statuses.items())}
    reached = ", ".join(f"{told} {status}" for status, told in times.items())
    successes = answered_with_success(evidence.payments)
    yield f"{evidence.sent:,} requests in {ledger.seconds:.1f} s, seed {ledger.seed}; reached {reached}; {successes}."
    yield from (f"Note: {remark}." for remark in evidence.remarks)
    if ledger.exit_code == 1:
        ids = ", ".join(row.clause.clause_id for row in ledger.broken)
        yield click.style(f"{len(ledger.broken)} of {len(ledger.rows)} clauses broken: {ids}", fg="red", bold=True)
    elif ledger.exit_code == 0:
        kept = sum(row.verdict == "kept" for row in ledger.rows)
        lenient = " It is lenient, see above; --strict counts that." if ledger.causes else ""
        text = f"Every checked clause was kept ({kept} of {len(ledger.rows)}).{lenient}"
        yield click.style(text, fg="green", bold=True)
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
