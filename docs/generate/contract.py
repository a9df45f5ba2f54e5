"""The clauses and the silences as tables, for docs/contract.md."""

from __future__ import annotations

from docs.generate.place import filled
from trackfox_contract.oracle.clauses import CLAUSES, Clause
from trackfox_contract.oracle.document import Document
from trackfox_contract.report.ledger import worded
from trackfox_mock import SILENCES, load_spec


def with_tables(page: str) -> str:
    """The page with the clauses and silences of today."""
    for name, text in (("clauses", clauses()), ("words", words()), ("silences", silences()), ("parts", parts())):
        page = filled(page, name, text)
    return page


def clauses() -> str:
    """The clauses as a Markdown table."""
    rows = ["| clause | what is promised | how it shows |", "|---|---|---|"]
    rows += [f"| `{c.clause_id}` | {c.says}{_needs(c)} | {c.shown_by} |" for c in CLAUSES.values()]
    return "\n".join(rows)


def words() -> str:
    """The sentences of the built-in document, each with the clauses that rest on it."""
    document, resting = Document.of(load_spec()), dict[str, list[str]]()
    for clause in CLAUSES.values():
        resting.setdefault(worded(clause, document).sentence, []).append(f"`{clause.clause_id}`")
    return "\n".join(f"- “{_cell(sentence)}”: {', '.join(ids)}" for sentence, ids in resting.items())


def _needs(clause: Clause) -> str:
    return " ²" if clause.unobservable else " ¹" if clause.needs_write else ""


def silences() -> str:
    """The silences as a Markdown table, the default reading first."""
    rows = ["| silence | what is open | readings |", "|---|---|---|"]
    for silence in SILENCES.values():
        readings = [f"`{value}`: {_cell(meaning)}" for value, meaning in silence.values.items()]
        readings += [f'JSON, as `{{"detail": "…"}}`: {_cell(silence.also)}'] if silence.also else []
        rows.append(f"| `{silence.id}` | {_cell(silence.question)} | {'<br>'.join(readings)} |")
    return "\n".join(rows)


def parts() -> str:
    """The silences that may be read part by part, as a Markdown table."""
    rows = ["| silence | parts |", "|---|---|"]
    for silence in SILENCES.values():
        named = [f"`{part}`: {_cell(meaning)}" for part, meaning in silence.parts.items()]
        rows += [f"| `{silence.id}` | {'<br>'.join(named)} |"] if named else []
    return "\n".join(rows)


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("<", "&lt;")
