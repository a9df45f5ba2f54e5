"""The report as one HTML page that needs no network."""

from __future__ import annotations

from html import escape
from pathlib import Path
from string import Template

from trackfox_contract.report.causes import Cause
from trackfox_contract.report.files import clean, told
from trackfox_contract.report.ledger import Ledger, Row
from trackfox_contract.report.terminal import answered_with_success

_CLASSES = {"kept": "kept", "broken": "broken", "not checked": "open"}

_PAGE = Template("""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>$title</title>
<style>
:root { color-scheme: light dark; --line: #8884; --kept: #2e7d32; --broken: #c62828; --open: #8a5200 }
@media (prefers-color-scheme: dark) { :root { --kept: #81c784; --broken: #ef9a9a; --open: #ffb74d } }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem }
table { border-collapse: collapse; width: 100% }
td, th { padding: .35rem .6rem; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top }
td.count { text-align: right; font-variant-numeric: tabular-nums }
.kept { color: var(--kept) } .broken { color: var(--broken); font-weight: 600 } .open { color: var(--open) }
pre { overflow-x: auto; padding: .8rem; border: 1px solid var(--line); border-radius: .4rem; font-size: .85rem }
dd { margin: 0 0 .5rem; padding-left: 1rem; border-left: 3px solid var(--line) }
</style>
</head>
<body>
<h1>$title</h1>
<p>$summary</p>
$remarks
<table>
<thead><tr><th>verdict</th><th>clause</th><th>requests</th><th>what it promises</th></tr></thead>
<tbody>
$rows
</tbody>
</table>
$details
</body>
</html>
""")


def write_html(ledger: Ledger, path: Path) -> None:
    """Writes one page: the ledger, then each broken clause with the requests that show it."""
    counts = {verdict: sum(row.verdict == verdict for row in ledger.rows) for verdict in _CLASSES}
    seen = ledger.evidence
    summary = ", ".join(f"{count} {verdict}" for verdict, count in counts.items())
    summary += (
        f". {seen.sent:,} requests, {answered_with_success(seen.payments)}, {ledger.seconds:.1f} s, seed {ledger.seed}."
    )
    page = _PAGE.substitute(
        title=f"Contract check of {escape(ledger.target)}",
        summary=summary,
        remarks="\n".join(f"<p>Note: {escape(remark)}.</p>" for remark in seen.remarks),
        rows="\n".join(_line(row) for row in ledger.rows),
        details="\n".join(_section(cause, ledger) for cause in ledger.causes),
    )
    path.write_text(clean(page), encoding="utf-8")


def _line(row: Row) -> str:
    verdict = f'<td class="{_CLASSES[row.verdict]}">{row.verdict}</td>'
    says = f"<td>{escape(row.clause.says)}<br><small>{escape(row.why)}</small></td>"
    return (
        f'<tr>{verdict}<td><code>{row.clause.clause_id}</code></td><td class="count">{row.requests:,}</td>{says}</tr>'
    )


def _section(cause: Cause, ledger: Ledger) -> str:
    head = f"<h2>The service {escape(cause.sentence)}</h2><p>Shown by {cause.count:,} requests. Breaks:</p>"
    broken = (row.clause for row in ledger.rows if row.clause.clause_id in cause.clause_ids)
    clauses = "".join(
        f'<dt id="{clause.clause_id}"><code>{clause.clause_id}</code></dt><dd>{escape(clause.sentence)}</dd>'
        for clause in broken
    )
    findings = "".join(f"<pre>{escape(told(finding))}</pre>" for finding in cause.findings)
    return f"{head}<dl>{clauses}</dl>{findings}"
