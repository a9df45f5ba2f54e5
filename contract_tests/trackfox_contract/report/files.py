"""The report as files: JSON, JUnit, and the summary of a GitHub step."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from xml.etree import ElementTree as ET

from trackfox_contract.judgement.evidence import Finding
from trackfox_contract.report.ledger import Ledger, Row

_SHOWN, _LONGEST_COMMAND = 3, 3000
_NOT_IN_XML = dict.fromkeys((*range(9), 11, 12, *range(14, 32), 65534, 65535), "�")


def write_json(ledger: Ledger, path: Path) -> None:
    """Writes everything as one JSON object."""
    path.write_text(json.dumps(ledger.dump(), indent=2, ensure_ascii=True) + "\n", encoding="utf-8")


def write_junit(ledger: Ledger, path: Path) -> None:
    """Writes a test case a clause: broken ones as failures, unchecked ones as skipped."""
    verdicts = [row.verdict for row in ledger.rows]
    suite = ET.Element(
        "testsuite",
        name="contract",
        tests=str(len(verdicts)),
        failures=str(verdicts.count("broken")),
        skipped=str(verdicts.count("not checked")),
        errors="0",
        time=f"{ledger.seconds:.3f}",
    )
    for row in ledger.rows:
        case = ET.SubElement(suite, "testcase", classname="contract", name=row.clause.clause_id, time="0")
        if row.verdict == "not checked":
            ET.SubElement(case, "skipped", message=clean(row.why))
        elif row.verdict == "broken":
            failure = ET.SubElement(case, "failure", message=clean(row.clause.says))
            failure.text = clean("\n\n".join(f"The service {one.cause}\n{told(one)}" for one in row.findings[:_SHOWN]))
    if ledger.evidence.remarks:
        ET.SubElement(suite, "system-out").text = clean("\n".join(f"Note: {one}." for one in ledger.evidence.remarks))
    tree = ET.ElementTree(suite)
    tree.write(path, encoding="utf-8", xml_declaration=True)


def told(finding: Finding) -> str:
    """A finding as plain text."""
    before = "".join(f"after:\n{printed(command)}\n" for command in finding.before)
    return f"{finding.case}\nexpected {finding.expected}\ncame {finding.came}\n{before}{printed(finding.curl)}"


def printed(command: str) -> str:
    """A command as far as a person can look at it; one that is long stands whole in the JSON report alone."""
    if len(command) <= _LONGEST_COMMAND:
        return command
    return f"# a command of {len(command):,} characters, which the report by --json FILE holds"


def clean(text: str) -> str:
    """Text that XML can hold."""
    return text.translate(_NOT_IN_XML).encode("utf-8", "replace").decode()


def write_summary(ledger: Ledger, path: Path) -> None:
    """Adds the ledger as a Markdown table to a GitHub step's summary."""
    marks = {"kept": "✅ kept", "broken": "❌ **broken**", "not checked": "⚪ not checked"}
    rows = [
        f"| {marks[row.verdict]} | `{row.clause.clause_id}` | {row.requests:,} | {_cell(row)} |" for row in ledger.rows
    ]
    table = "\n".join(["| | clause | requests | |", "|---|---|---:|---|", *rows])
    details = "\n\n".join(
        f"<details><summary>The service {escape(cause.sentence)} (<code>{cause.clauses}</code>)</summary>\n\n"
        f"```text\n{clean(told(cause.findings[0]))}\n```\n\n</details>"
        for cause in ledger.causes
    )
    remarks = "".join(f"- {clean(escape(remark))}.\n" for remark in ledger.evidence.remarks)
    with path.open("a", encoding="utf-8") as file:
        file.write(f"### Contract check\n\n{table}\n\n{remarks}\n{details}\n")


def _cell(row: Row) -> str:
    return clean(row.why or row.clause.says).replace("|", "\\|").replace("\n", " ")
