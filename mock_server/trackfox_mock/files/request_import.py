"""Requests as people keep them: a JSON object, a curl command, a HAR file or an entry of one."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from trackfox_mock.errors import RequestImportError
from trackfox_mock.files.curl_command import made_request, parse_curl
from trackfox_mock.model import Request

_EXPECTED = "expected a JSON object with method, path and body, a curl command, or a HAR file"


def import_requests(path: Path, text: str, *, method: str = "POST") -> list[Request]:
    """The requests in a text.

    A variable such as `$TRACKFOX_API_TOKEN` in a curl command is taken from the environment, where it is set.

    Args:
        path: where the text is from, for the sentence of an error.
        text: one request, or a HAR file with several.
        method: what a JSON object without one means.

    Raises:
        RequestImportError: no request can be read from it.
    """
    try:
        if text.lstrip().startswith("curl"):
            return [parse_curl(text)]
        return [_of_json(one, method) for one in _objects(json.loads(text))]
    except json.JSONDecodeError as problem:
        what = "is empty" if not text.strip() else f"is neither JSON ({problem.msg.lower()}) nor a curl command"
        raise RequestImportError(path, f"{what}; {_EXPECTED}.", line=problem.lineno) from None
    except RecursionError:
        raise RequestImportError(path, f"is nested too deeply; {_EXPECTED}.") from None
    except ValueError as problem:
        raise RequestImportError(path, f"{problem}; {_EXPECTED}.") from None


def _objects(data: Any) -> Iterable[Mapping[str, Any]]:
    if isinstance(data, dict) and isinstance(data.get("log"), dict):
        data = data["log"].get("entries")
        if not isinstance(data, list) or not data:
            raise ValueError("is a HAR file without entries")
    found = data if isinstance(data, list) else [data]
    if not found or not all(isinstance(one, dict) for one in found):
        raise ValueError("holds no object")
    return [one["request"] if isinstance(one.get("request"), dict) else one for one in found]


def _of_json(data: Mapping[str, Any], method: str) -> Request:
    """A request written as an object, as in a HAR file or as the mock's journal has it."""
    if not {"method", "path", "url", "headers", "body", "postData"} & data.keys():
        raise ValueError(f"came an object with {', '.join(map(str, list(data)[:5])) or 'nothing in it'}")
    headers = list(_headers(data.get("headers") or {}))
    posted = data.get("postData")
    body = _bytes(data.get("body", posted.get("text", "") if isinstance(posted, dict) else ""))
    url = data.get("url") or data.get("path") or "/"
    return made_request(str(data.get("method") or method), str(url), headers, body)


def _headers(headers: Any) -> Iterator[tuple[str, str]]:
    if isinstance(headers, dict):
        for name, value in headers.items():
            for one in value if isinstance(value, list) else [value]:
                yield str(name), str(one)
    elif isinstance(headers, list) and all(isinstance(one, dict) and "name" in one for one in headers):
        for one in headers:
            yield str(one["name"]), str(one.get("value", ""))
    else:
        raise ValueError("has headers that are neither an object nor a list of name and value")


def _bytes(body: Any) -> bytes:
    if body is None:
        return b""
    return body.encode("utf-8", "replace") if isinstance(body, str) else json.dumps(body).encode()
