"""Every call of the control API, with every value in it replaced by what nobody expects: none is answered with 5xx."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.fuzz.control import APART, MOST, calls
from tests.fuzz.hostile_json import RAW, variants
from tests.fuzz.table import corpus

CALLS = {file.name: file.read_bytes() for file in corpus("control")}
WITH_BODY = [name for name, call in CALLS.items() if call.partition(b"\n\n")[2].startswith(b"{")]
ODD = ("%00", "%ff", "%2F..%2F", "%5B", "a" * 5000, quote("é\n\x1b"), "-1", "9" * 30, "1e400", "NaN", "%F0%9F", "", "+")


def _answered(texts: Iterable[str]) -> None:
    """Make the calls, a few to a mock; where one fails, it is the last of those that are told."""
    texts = iter(texts)
    while some := [text.encode() for text in islice(texts, MOST)]:
        try:
            calls(APART.join(some))
        except BaseException as problem:
            problem.add_note("the calls are\n" + "\n---\n".join(call.decode()[:300] for call in some))
            raise


@pytest.mark.slow
@pytest.mark.parametrize("name", WITH_BODY)
def test_no_body_of_a_call_is_answered_with_5xx(name: str) -> None:
    head, _, body = CALLS[name].decode().partition("\n\n")
    _answered(f"{head}\n\n{variant}" for variant in variants(json.loads(body)))


def _in_the_line(line: str) -> Iterator[str]:
    method, _, target = line.partition(" ")
    path, _, query = target.partition("?")
    steps = path.split("/")
    for odd in ODD:
        yield from (
            f"{method} {'/'.join([*steps[:place], odd, *steps[place + 1 :]])}" for place in range(2, len(steps))
        )
        names = [word.partition("=")[0] for word in query.split("&") if word]
        yield from (f"{method} {path}?{name}={odd}" for name in names)
        yield f"{method} {path}?{odd}={odd}"


@pytest.mark.slow
def test_no_path_or_query_of_a_call_is_answered_with_5xx() -> None:
    told = [call.decode().partition("\n") for call in CALLS.values()]
    _answered(f"{odd}\n{rest}" for line, _, rest in told for odd in _in_the_line(line))


def test_no_header_field_of_a_call_is_answered_with_5xx() -> None:
    names = ("host", "origin", "accept", "content-type", "x-admin-token", "authorization", "if-none-match", "range")
    values = ("[", "http://[", "\x00", "é", "*/*;q=x", "bytes=-1", "a" * 5000, "")
    lines = ("GET /__admin/requests", "GET /__admin/requests/1/explain")
    _answered(f"{line}\n{name}: {value}\n\n" for line in lines for name in names for value in values)


def test_every_call_of_the_document_is_among_them() -> None:
    assert len(CALLS) >= 50
    assert {"create-website", "schedule-fault", "replace-state", "send", "wait-for-requests"} <= set(WITH_BODY)
    assert all(Path(name).name == name for name in CALLS)
    assert len(RAW) == len(set(RAW))
