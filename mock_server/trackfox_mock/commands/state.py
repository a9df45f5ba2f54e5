"""`trackfox-mock state`: what is in a file of `serve --state`, out of it as JSON or CSV, and back in."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any, TextIO

import click
import msgspec

from trackfox_mock.errors import StateError, counted
from trackfox_mock.model import PaymentEvent, Session
from trackfox_mock.redaction.masking import fingerprint, mask_email, printable
from trackfox_mock.tenants import snapshot
from trackfox_mock.tenants.durable.archive import Archive, bring_in
from trackfox_mock.tenants.fixtures import dump_session, dump_website, iso_time
from trackfox_mock.tenants.store import Change

_PATH = click.Path(path_type=Path)
_FILE = click.argument("file", type=_PATH)
_COLUMNS = (
    "payment_id", "recorded_at", "website_id", "session_id", "visitor_id", "revenue", "email", "attribution",
)  # fmt: skip


@click.group("state")
def command() -> None:
    """Look at, export and import a file of `serve --state`; no server may have it meanwhile.

    A running mock tells the same by GET /__admin/payments and GET /__admin/state.
    """


@command.command("show")
@_FILE
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(file: Path, *, as_json: bool) -> None:
    """Count what is in it."""
    with closing(Archive(file)) as archive:
        summary = _summary(archive)
    click.echo(json.dumps(summary, indent=2) if as_json else "\n".join(_lines(summary)))


def _summary(archive: Archive) -> dict[str, Any]:
    change = archive.change
    websites = {owner: {"payments": archive.total(owner), "cents": archive.cents(owner)} for owner in archive.owners}
    return {
        "websites": websites,
        "payments": sum(website["payments"] for website in websites.values()),
        "added_websites": [website.website_id for website in change.websites],
        "added_sessions": len(change.sessions),
        "removed_websites": list(change.removed),
        "requests": archive.requests_total,
    }


def _lines(summary: dict[str, Any]) -> Iterator[str]:
    yield f"{counted(summary['payments'], 'payment')}, {counted(summary['requests'], 'request')}"
    for website_id, one in summary["websites"].items():
        yield f"  {printable(website_id)}  {counted(one['payments'], 'payment')}, {one['cents']:,} cents"
    for name in ("added_websites", "removed_websites"):
        if summary[name]:
            yield f"{name.replace('_', ' ')}: {', '.join(map(printable, summary[name]))}"
    if summary["added_sessions"]:
        yield f"sessions added to websites of the fixtures: {summary['added_sessions']:,}"


_EXPORT = """Print everything as JSON, or the payments as CSV.

\b
As in:
  trackfox-mock state export state.db --format csv > payments.csv
  trackfox-mock state export state.db --show-secrets > copy.json
"""


@command.command("export", short_help="Print everything as JSON, or the payments as CSV.", help=_EXPORT)
@_FILE
@click.option("--format", "form", type=click.Choice(["json", "csv"]), default="json", show_default=True)
@click.option("--show-secrets", is_flag=True, help="Tokens and e-mails in full, as an import needs them.")
def export(file: Path, *, form: str, show_secrets: bool) -> None:
    """What `--help` says stands in `_EXPORT`."""
    email = _plain if show_secrets else mask_email
    with closing(Archive(file)) as archive:
        if form == "csv":
            _write_csv(sys.stdout, archive.payments(), email)
        else:
            for text in _json(archive, email, is_masked=not show_secrets):
                sys.stdout.write(text)
            sys.stdout.write("\n")


def _plain(text: str) -> str:
    return text


def _write_csv(file: TextIO, payments: Iterable[PaymentEvent], email: Callable[[str], str]) -> None:
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for payment in payments:
        session = payment.session
        writer.writerow(
            (
                payment.payment_id,
                iso_time(payment.recorded_at),
                session.website_id,
                session.session_id,
                session.visitor_id,
                payment.revenue,
                email(payment.email),
                msgspec.json.encode(session.attribution).decode(),
            )
        )


def _json(archive: Archive, email: Callable[[str], str], *, is_masked: bool) -> Iterator[str]:
    """A snapshot, piece by piece, as there may be millions of payments."""
    head = {"masked": is_masked, **_head(archive.change, is_masked=is_masked)}
    yield json.dumps(head)[:-1] + ', "payments": {'
    for place, owner in enumerate(archive.owners):
        yield f"{', ' if place else ''}{json.dumps(owner)}: ["
        for number, payment in enumerate(archive.payments(owner)):
            row = {**snapshot.dump_payment(payment), "email": email(payment.email)}
            yield f"{',' if number else ''}\n{msgspec.json.encode(row).decode()}"
        yield "]"
    yield "}}"


def _head(change: Change, *, is_masked: bool) -> dict[str, Any]:
    websites = [dump_website(website, website.sessions) for website in change.websites]
    for website in websites if is_masked else ():
        website["api_token"] = fingerprint(website["api_token"])
    return {
        "format": snapshot.FORMAT,
        "websites": websites,
        "sessions": _by_website(change.sessions),
        "removed": list(change.removed),
    }


def _by_website(sessions: Iterable[Session]) -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for session in sessions:
        found.setdefault(session.website_id, []).append(dump_session(session))
    return found


@command.command("import")
@_FILE
@click.argument("source", type=_PATH)
def import_(file: Path, source: Path) -> None:
    """Make FILE, a new one, of what SOURCE holds: an export with --show-secrets, or JSON of an earlier version."""
    data = snapshot.decoded(source)
    if isinstance(data, dict) and data.get("masked"):
        raise StateError(source, "is masked, and what is masked is gone; export it again with --show-secrets.")
    try:
        change, payments = snapshot.read(data)
    except ValueError as problem:
        raise StateError(source, f"{problem}.") from None
    bring_in(file, change, payments)
    click.echo(f"{file}: {counted(len(payments), 'payment')}, {counted(len(change.websites), 'added website')}")
