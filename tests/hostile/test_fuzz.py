"""Whatever comes to a reader of ours is read or refused with a sentence, and nothing else is raised."""

from __future__ import annotations

import contextlib
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.conftest import ENDPOINT
from tests.hostile.wire import BODY
from trackfox_mock import Request, World, parse_fault
from trackfox_mock.decision.parsed_request import MalformedBodyError, decode
from trackfox_mock.errors import TrackfoxMockError
from trackfox_mock.files.request_import import import_requests
from trackfox_mock.files.yaml_text import NotYamlError, parse_yaml

words = st.sampled_from(
    ["code=503", "delay=1-2", "delay=lognormal:1:1", "dribble=5/1", "fault=HANG", "phase=after-commit", "first=1"]
)
odd = st.text(st.characters(codec=None), max_size=30)


@given(st.lists(words | odd, max_size=5).map(",".join))
@example("delay=" + "9" * 400)
@example("seed=" + "9" * 5000)
@example("probability=nan,code=500")
@settings(max_examples=300, deadline=None)
def test_words_of_a_fault(text: str) -> None:
    try:
        parse_fault(text)
    except TrackfoxMockError as problem:
        assert str(problem)  # noqa: PT017 - it is refused or read, both are right


@given(
    prefer=st.lists(words | odd, max_size=4).map("; ".join),
    query=st.binary(max_size=40) | words.map(lambda word: f"__{word}".encode()),
)
@settings(max_examples=300, deadline=None)
def test_preferences(prefer: str, query: bytes) -> None:
    headers = [(b"prefer", prefer.encode("utf-8", "surrogatepass")), (b"host", b"localhost")]
    world = World()
    entry = world.answer(Request("POST", ENDPOINT, headers, BODY, query, len(BODY)))
    world.finish(entry, 0.0)
    assert 200 <= entry.decision.reply.status <= 599


@given(st.binary(max_size=200) | st.text(max_size=100).map(lambda text: text.encode("utf-8", "replace")))
@example(b"[" * 100_000)
@example(b"9" * 10_000)
@example(b'{"a":' * 50_000)
@settings(max_examples=500, deadline=None)
def test_bodies(body: bytes) -> None:
    try:
        decode(body)
    except MalformedBodyError as problem:
        assert str(problem)  # noqa: PT017 - it is refused or read, both are right


@given(st.text(max_size=200) | st.lists(odd, max_size=8).map(lambda parts: "curl " + " ".join(parts).replace("@", "")))
@example("curl")
@example('{"log": {"entries": [{}]}}')
@example('{"url": "//[", "headers": {"a": 1}}')
@example("[" * 100_000)
@settings(max_examples=300, deadline=None)
def test_curl_commands_har_files_and_requests(text: str) -> None:
    try:
        assert import_requests(Path("given"), text)
    except TrackfoxMockError as problem:
        assert str(problem)  # noqa: PT017 - it is refused or read, both are right


@given(st.text(max_size=200))
@example("[" * 10_000)
@example("a: &a [*a]")
@example("? {a: b}\n: c")
@settings(max_examples=300, deadline=None)
def test_yaml(text: str) -> None:
    with contextlib.suppress(NotYamlError):
        parse_yaml(text)
