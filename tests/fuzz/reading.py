"""Files and words that people give us: read, or refused with a sentence; never anything else, and never for ever."""

from __future__ import annotations

import contextlib
import tempfile
import zlib
from pathlib import Path
from typing import Any

import msgspec

from trackfox_mock import World, load_fixtures, load_readings, parse_fault
from trackfox_mock.errors import FaultError, FixturesError, RequestImportError, TrackfoxMockError
from trackfox_mock.files.request_import import import_requests
from trackfox_mock.files.yaml_text import NotYamlError, line_of, parse_yaml
from trackfox_mock.model import Request
from trackfox_mock.redaction.masking import shell_word
from trackfox_mock.tenants.fixtures import dump_website

_FOLDER = Path(tempfile.gettempdir())


def text_of(data: bytes) -> str:
    """Bytes as the text that a file of them is."""
    return data.decode("utf-8", "replace")


def is_one_in(many: int, data: bytes) -> bool:
    """Whether an input is one of the few for which more is looked at than would be quick for all; always the same."""
    return zlib.crc32(data) % many == 0


def yaml(data: bytes) -> None:
    """A document is read as data, or refused with a line."""
    try:
        parse_yaml(text_of(data))
    except NotYamlError as problem:
        assert str(problem)  # noqa: PT017 - it is refused or read, both are right
        assert problem.line is None or problem.line > 0  # noqa: PT017 - the same
    line_of(text_of(data), ["websites", 0, "sessions", 1, "attribution"])


def fixtures(data: bytes) -> None:
    """A fixture file is refused with its name, or makes a mock that can show all of it."""
    for ending in (".yaml", ".json"):
        with _file(data, ending) as path:
            try:
                websites = load_fixtures([path])
            except FixturesError as problem:
                assert path.name in str(problem)  # noqa: PT017 - it is refused or read, both are right
                continue
        store = World(websites=websites).store
        msgspec.json.encode([dump_website(website, store.sessions(website.website_id)) for website in store.websites()])


def readings(data: bytes) -> None:
    """A file of readings is refused with a sentence, or read."""
    with _file(data, ".yaml") as path, contextlib.suppress(TrackfoxMockError):
        load_readings(path)


@contextlib.contextmanager
def _file(data: bytes, ending: str) -> Any:
    with tempfile.NamedTemporaryFile(suffix=ending, dir=_FOLDER) as file:
        file.write(data)
        file.flush()
        yield Path(file.name)


def requests(data: bytes) -> None:
    """A curl command, a HAR file or an object is refused with a sentence, or can be written and read again."""
    # A file that is named after an @ is read, and fuzzing is to read none.
    text = text_of(data).replace("@", "a")
    try:
        found = import_requests(Path("given"), text)
    except RequestImportError as problem:
        assert str(problem)  # noqa: PT017 - it is refused or read, both are right
        return
    for request in filter(_is_told_by_curl, found):
        again = import_requests(Path("given"), as_curl(request))
        assert [known(request)] == [known(one) for one in again]


def _is_told_by_curl(request: Request) -> bool:
    """Whether a command says all of it: curl gives every body a content type, and knows names and addresses alone."""
    is_typed = any(name == b"content-type" for name, _ in request.headers)
    is_named = all(name and not any(mark in name for mark in b": \t") for name, _ in request.headers)
    return request.path.startswith("/") and is_named and (is_typed or not request.body)


def as_curl(request: Request) -> str:
    """A request as a command, without a word that a shell would replace."""
    query = f"?{request.query.decode()}" if request.query else ""
    fields = [f"-H {shell_word(f'{name.decode()}: {value.decode()}')}" for name, value in request.headers]
    body = f"--data-raw {shell_word(request.body.decode())}" if request.body else ""
    url = shell_word(f"http://mock{request.path}{query}")
    return " ".join(["curl", "-X", shell_word(request.method), "--url", url, *fields, body])


def known(request: Request) -> Any:
    """What has to be the same."""
    return request.method, request.path, request.query, request.headers, request.body


def fault_words(data: bytes) -> None:
    """What `--fault` says is refused, or is a fault that hits a request somehow."""
    try:
        fault = parse_fault(text_of(data))
    except FaultError as problem:
        assert str(problem)  # noqa: PT017 - it is refused or read, both are right
        return
    assert fault.sentence
    world = World(faults=[fault], websites=())
    world.faults.hit(fault.website_id, 0.0)
    msgspec.json.encode([scheduled.to_keep() for scheduled in world.faults])
