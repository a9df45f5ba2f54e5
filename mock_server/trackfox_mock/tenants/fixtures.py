"""Websites and their sessions, from YAML or JSON files of one shape.

websites:
  - website_id: web_lumen_lamps
    api_token: tf_live_…          # or ${ENV_NAME}, taken from the environment
    name: Lumen Lamps             # optional
    sessions:
      - session_id: ses_ada
        visitor_id: vis_ada
        occurred_at: 2026-11-03T18:04:11Z   # optional
        attribution: {source: google}       # optional, any JSON object
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import msgspec

from trackfox_mock.errors import FixturesError
from trackfox_mock.files.input_file import field_name, read_input_file
from trackfox_mock.files.validation import AFTER_BEARER, described, sentence
from trackfox_mock.model import Session, Website

_Id = Annotated[str, msgspec.Meta(min_length=1)]
_Token = Annotated[str, msgspec.Meta(min_length=1, pattern=AFTER_BEARER)]


class _SessionRow(msgspec.Struct, forbid_unknown_fields=True):
    session_id: _Id
    visitor_id: _Id
    occurred_at: datetime | None = None
    attribution: dict[str, Any] = {}


class _WebsiteRow(msgspec.Struct, forbid_unknown_fields=True):
    website_id: _Id
    api_token: _Token
    name: str = ""
    sessions: list[_SessionRow] = []


class _File(msgspec.Struct, forbid_unknown_fields=True):
    websites: list[_WebsiteRow]


def load_fixtures(paths: Iterable[Path]) -> tuple[Website, ...]:
    """Read websites from files and folders; of a folder, every `.yaml`, `.yml` and `.json` file in order of name.

    Raises:
        FixturesError: a file is wrong, or two websites have one id. It names file, line and field.
    """
    websites: dict[str, Website] = {}
    found_in: dict[str, Path] = {}
    for path in fixture_files(paths):
        for index, website in enumerate(_websites(path)):
            if website.website_id in websites:
                raise _wrong(
                    path,
                    ["websites", index, "website_id"],
                    f"came {website.website_id!r}, which {found_in[website.website_id]} has already; "
                    "expected each website once: put its sessions together, or give this one another id.",
                )
            websites[website.website_id] = website
            found_in[website.website_id] = path
    return tuple(websites.values())


def fixture_files(paths: Iterable[Path]) -> list[Path]:
    """The files that a list of files and folders stands for.

    Raises:
        FixturesError: a folder holds no fixture file.
    """
    files: list[Path] = []
    for path in paths:
        if not path.is_dir():
            files.append(path)
            continue
        inside = sorted(file for file in path.iterdir() if file.suffix in (".yaml", ".yml", ".json"))
        if not inside:
            raise FixturesError(path, "the folder holds no .yaml, .yml or .json file; put a fixture file there.")
        files.extend(inside)
    return files


def parse_website(data: Any) -> Website:
    """A website from data of the shape above, as the admin API and the state file have it.

    Raises:
        ValueError: the shape is wrong; the text names the field.
    """
    try:
        row = msgspec.convert(data, _WebsiteRow)
    except msgspec.ValidationError as problem:
        raise ValueError(described(problem)) from None
    if (ambiguity := _ambiguity(row.sessions)) is not None:
        place, problem_text = ambiguity
        raise ValueError(f"sessions[{place}]: {problem_text}")
    return _website(row)


def parse_session(website_id: str, data: Any) -> Session:
    """A session of a website, from data of the shape above.

    Raises:
        ValueError: the shape is wrong; the text names the field.
    """
    try:
        return _session(website_id, msgspec.convert(data, _SessionRow))
    except msgspec.ValidationError as problem:
        raise ValueError(described(problem)) from None


def dump_website(website: Website, sessions: Iterable[Session]) -> dict[str, Any]:
    """The website in the shape of a fixture file, its token included."""
    return {
        "website_id": website.website_id,
        "api_token": website.api_token,
        "name": website.name,
        "sessions": [dump_session(session) for session in sessions],
    }


def dump_session(session: Session) -> dict[str, Any]:
    """The session in the shape of a fixture file."""
    return {
        "session_id": session.session_id,
        "visitor_id": session.visitor_id,
        "occurred_at": None if session.occurred_at is None else iso_time(session.occurred_at),
        "attribution": session.attribution,
    }


def iso_time(seconds: float) -> str:
    """Seconds since the epoch as RFC 3339 in UTC, to the millisecond."""
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _websites(path: Path) -> list[Website]:
    rows = _read_quickly(path) or _read(path)
    for index, row in enumerate(rows):
        if (ambiguity := _ambiguity(row.sessions)) is not None:
            place, problem = ambiguity
            raise _wrong(path, ["websites", index, "sessions", place], problem)
    return [_with_environment(path, index, _sound(path, index, row)) for index, row in enumerate(rows)]


def _sound(path: Path, index: int, row: _WebsiteRow) -> Website:
    try:
        return _website(row)
    except ValueError as problem:
        raise _wrong(path, ["websites", index], str(problem)) from None


def _ambiguity(rows: Sequence[_SessionRow]) -> tuple[int, str] | None:
    """Which of a website's sessions contradicts an earlier one, and how.

    A session may have several events, which differ in time or attribution, and has one visitor.
    """
    known: dict[str, tuple[int, _SessionRow]] = {}
    for place, row in enumerate(rows):
        first, earlier = known.setdefault(row.session_id, (place, row))
        if earlier.visitor_id != row.visitor_id:
            return place, (
                f"came the session {row.session_id!r} for the visitor {row.visitor_id!r}, and sessions[{first}] has it "
                f"for {earlier.visitor_id!r}; expected one visitor for a session: give one of them another id."
            )
        if first != place and earlier == row:
            return place, f"the same event stands in sessions[{first}]; remove it, or give it another occurred_at."
    return None


def _read_quickly(path: Path) -> list[_WebsiteRow] | None:
    """The rows of a large and sound JSON file, which may hold a million sessions; None leaves it to `_read`."""
    try:
        text = path.read_bytes() if path.suffix == ".json" else b""
        rows = _DECODER.decode(text).websites if len(text) > _LARGE else []
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    sessions = sum(len(row.sessions) for row in rows)
    # A name more often than that may be a key that stands twice, which only a slower look finds.
    is_sound = text.count(b'"api_token"') <= len(rows) and text.count(b'"session_id"') <= sessions
    return rows if rows and is_sound else None


_DECODER = msgspec.json.Decoder(_File)
_LARGE = 1 << 20


def _read(path: Path) -> list[_WebsiteRow]:
    source = read_input_file(path, FixturesError)
    try:
        return msgspec.convert(source.data, _File).websites
    except msgspec.ValidationError as problem:
        raise _wrong(path, *sentence(problem)) from None


_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}").fullmatch


def _with_environment(path: Path, index: int, website: Website) -> Website:
    variable = _VARIABLE(website.api_token)
    if variable is None:
        if website.api_token.startswith("$"):
            problem = f"came {website.api_token}; expected ${{NAME}}, with braces, for a variable of the environment."
            raise _wrong(path, ["websites", index, "api_token"], problem)
        return website
    token = os.environ.get(variable[1], "").strip()
    if not token:
        raise _wrong(
            path,
            ["websites", index, "api_token"],
            f"came {website.api_token}, but the environment variable {variable[1]} is not set; "
            f"set it, as in: export {variable[1]}=tf_…",
        )
    if len(token.split()) > 1:
        problem = f"the environment variable {variable[1]} holds white space; expected the token alone, without Bearer."
        raise _wrong(path, ["websites", index, "api_token"], problem)
    return msgspec.structs.replace(website, api_token=token, token_variable=variable[1])


def _website(row: _WebsiteRow) -> Website:
    sessions = tuple(_session(row.website_id, session) for session in row.sessions)
    return Website(row.website_id, row.api_token, row.name, sessions)


_FIRST_SECOND, _LAST_SECOND = -62135596800, 253402300799.999


def _session(website_id: str, row: _SessionRow) -> Session:
    occurred_at = row.occurred_at
    if occurred_at is not None and occurred_at.tzinfo is None:
        occurred_at = occurred_at.replace(tzinfo=UTC)
    seconds = None if occurred_at is None else occurred_at.timestamp()
    if seconds is not None and not _FIRST_SECOND <= seconds <= _LAST_SECOND:
        raise ValueError(
            f"occurred_at: came {row.occurred_at}, which in UTC is not in the years 1 to 9999; expected a time that is."
        )
    return Session(website_id, row.session_id, row.visitor_id, seconds, row.attribution)


def _wrong(path: Path, place: Sequence[str | int], sentence: str) -> FixturesError:
    # Read once more, as only a mistake has to know on which line it stands.
    line = read_input_file(path, FixturesError).line(place)
    return FixturesError(path, sentence, line=line, field=field_name(place))
