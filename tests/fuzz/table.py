"""The targets by name; each is imported by who asks for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

TARGETS = {
    "connections": "connections:httptools",
    "connections_h11": "connections:h11",
    "bounds": "connections:bounds",
    "bodies": "answering:bodies",
    "heads": "answering:heads",
    "preferences": "answering:preferences",
    "addresses": "answering:addresses",
    "fault_words": "reading:fault_words",
    "requests": "reading:requests",
    "yaml": "reading:yaml",
    "fixtures": "reading:fixtures",
    "readings": "reading:readings",
    "snapshots": "state:snapshots",
    "databases": "state:databases",
    "state_files": "state:files",
    "secrets": "redaction:secrets",
    "texts": "redaction:texts",
    "answers": "services:answered",
    "verdicts": "services:verdicts",
    "control": "control:calls",
}
CORPUS = Path(__file__).with_name("corpus")


def target(name: str) -> Callable[[bytes], None]:
    """The target of that name: takes bytes, and raises where a promise is broken."""
    module, _, function = TARGETS[name].partition(":")
    found: Callable[[bytes], None] = getattr(import_module(f"tests.fuzz.{module}"), function)
    return found


def corpus(name: str) -> Iterator[Path]:
    """The inputs that are kept for a target, in order of their names."""
    yield from sorted((CORPUS / name).iterdir())
