"""The journal in forms that other tools read: HAR 1.2, and curl commands."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qsl

from trackfox_mock.journal.entries import Entry
from trackfox_mock.journal.serializers import show_entry
from trackfox_mock.redaction.masking import shell_word
from trackfox_mock.redaction.redactor import Redactor
from trackfox_mock.release import VERSION

_NOT_REPEATED = ("host", "content-length", "connection", "accept-encoding")


def har_archive() -> dict[str, Any]:
    """An HTTP archive without entries."""
    return {"log": {"version": "1.2", "creator": {"name": "trackfox-mock", "version": VERSION}, "entries": []}}


def har_entry(entry: Entry, redactor: Redactor) -> dict[str, Any]:
    """A request in an HTTP archive; one whose answer was lost has status 0, as browsers write it."""
    shown = show_entry(entry, redactor)
    request, milliseconds = shown["request"], (shown["timing"] or {"totalTime": 0})["totalTime"]
    response = shown["response"] or {"status": 0, "headers": {}, "body": ""}
    return {
        "startedDateTime": request["loggedDateString"],
        "time": milliseconds,
        "request": {
            "method": request["method"],
            "url": request["absoluteUrl"],
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(request["headers"]),
            "queryString": _parameters(entry, redactor),
            "postData": {"mimeType": _text(request["headers"], "content-type"), "text": request["body"]},
            "headersSize": -1,
            "bodySize": request["bodySize"],
        },
        "response": {
            "status": response["status"],
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "cookies": [],
            "headers": _pairs(response["headers"]),
            "content": {
                "size": len(response["body"]),
                "mimeType": _text(response["headers"], "content-type"),
                "text": response["body"],
            },
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": milliseconds, "receive": 0},
        "comment": f"{shown['outcome']}: {shown['rule']}",
    }


def _parameters(entry: Entry, redactor: Redactor) -> list[dict[str, str]]:
    """What the query says, decoded first and redacted then."""
    query = entry.request.query.decode("utf-8", "replace")
    pairs = parse_qsl(query, keep_blank_values=True)
    return [{"name": redactor.text(name), "value": redactor.parameter(name, value)} for name, value in pairs]


def curl_command(entry: Entry, redactor: Redactor) -> str:
    """A request as a shell command.

    A token that may not be shown is `$TRACKFOX_API_TOKEN`, so that a shell that has the variable can send it again.
    """
    return _curl(show_entry(entry, redactor), hidden=not redactor.tokens)


def _curl(shown: dict[str, Any], *, hidden: bool) -> str:
    request = shown["request"]
    lines = [f"# {shown['id']}: {shown['outcome']}, {shown['rule']}"]
    lines.append(f"curl -X {shell_word(request['method'])} {shell_word(request['absoluteUrl'])}")
    for name, value in ((pair["name"], pair["value"]) for pair in _pairs(request["headers"])):
        if name == "authorization" and hidden and value.startswith("Bearer "):
            lines.append('  -H "authorization: Bearer $TRACKFOX_API_TOKEN"')
        elif name not in _NOT_REPEATED:
            lines.append(f"  -H {shell_word(f'{name}: {value}')}")
    if request["body"]:
        # After --data-binary an @ at the start would have curl send a file of whoever runs the command.
        option = "--data-raw" if request["body"].startswith("@") else "--data-binary"
        lines.append(f"  {option} {shell_word(request['body'])}")
    return "\n".join([lines[0], " \\\n".join(lines[1:])])


def _pairs(headers: dict[str, Any]) -> list[dict[str, str]]:
    return [
        {"name": name, "value": value}
        for name, values in headers.items()
        for value in (values if isinstance(values, list) else [values])
    ]


def _text(headers: dict[str, Any], name: str) -> str:
    value = headers.get(name, "")
    return value if isinstance(value, str) else json.dumps(value)
