"""Reads the head of a plain answer, which nearly every one is; whatever else a server may send is for h11 to judge."""

from __future__ import annotations

import re
from typing import NamedTuple

_HEAD = re.compile(rb"HTTP/1\.1 ([2-5][0-9]{2}) [\t -~]*\r\n((?:[\w!#$%&'*+.^`|~-]+:[\t -~]*\r\n)+)\r\n", re.ASCII)
_LENGTH = re.compile(r"[0-9]{1,9}")
_WITHOUT_BODY = (204, 304)


class Head(NamedTuple):
    """The head of an answer.

    Attributes:
        status: the status.
        headers: names as they were written, and values.
        size: how many bytes the head takes.
        end: how many bytes the whole answer takes.
    """

    status: int
    headers: tuple[tuple[str, str], ...]
    size: int
    end: int


def read_head(data: bytes) -> Head | None:
    """The head of an HTTP/1.1 answer with one Content-Length on a connection that stays open, all of it there.

    Args:
        data: what came.

    Returns:
        The head, or None when it is anything else: chunked, an interim answer, not whole, not well formed.
    """
    match = _HEAD.match(data)
    if match is None or int(match[1]) in _WITHOUT_BODY:
        return None
    lines = (line.partition(":") for line in match[2].decode("ascii").split("\r\n")[:-1])
    headers = tuple((name, value.strip(" \t")) for name, _, value in lines)
    lengths = [value for name, value in headers if name.lower() == "content-length"]
    if len(lengths) != 1 or not _LENGTH.fullmatch(lengths[0]) or not all(map(_is_plain, headers)):
        return None
    return Head(int(match[1]), headers, match.end(), match.end() + int(lengths[0]))


def _is_plain(header: tuple[str, str]) -> bool:
    name, value = header[0].lower(), header[1].lower()
    return name not in ("transfer-encoding", "upgrade") and (name != "connection" or value == "keep-alive")
