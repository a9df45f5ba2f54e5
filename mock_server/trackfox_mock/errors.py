"""Everything this package raises on purpose.

TrackfoxMockError            a sentence for a person, and the exit code a command ends with
 ├── InputFileError          a file is wrong: says which, where, what came and what was expected
 │    ├── SpecError          the OpenAPI document
 │    ├── FixturesError      websites and sessions
 │    ├── ReadingsError      how the silences are read
 │    ├── StateError         the file of --state
 │    └── RequestImportError       a request that is to be explained
 ├── ReadingValueError       a silence or a value that does not exist
 ├── AdminTokenError         a token for the control API that would let everybody in, or nobody
 ├── RuleError               a rule that no request can be refused by
 ├── FaultError              a fault that cannot be understood
 ├── StorageError            what was to be kept could not be
 │    ├── StoreAwayError      the store of --store does not answer
 │    └── StaleError          another node was faster
 ├── StoreAddressError       what is no address of a store
 ├── LostAnswerError         a fault took the answer, and there is no connection that could be broken
 ├── PortInUseError          somebody else listens there
 ├── InterceptionError       HTTPS, or calls of the real host, cannot be served
 │    └── HostNameError      what is no name of a host
 ├── RealHostError          a test called the real service
 ├── UnreachableError        nobody answers there
 └── WebhookError            a provider's webhook that cannot be built
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def suggestion(word: str, known: Iterable[str]) -> str:
    """The end of a sentence about a word that does not exist: the nearest one, or all there are."""
    from difflib import get_close_matches  # noqa: PLC0415 - only for the sentence of a failure

    words = list(known)
    nearest = get_close_matches(word, words, 1)
    return f"did you mean {nearest[0]}?" if nearest else f"expected one of {', '.join(words)}."


def counted(number: int, noun: str) -> str:
    """So many of something, in words, as `1 request` or `2,000 requests`."""
    return f"{number:,} {noun}{'s' * (number != 1)}"


class TrackfoxMockError(Exception):
    """The root: `str()` of it is a whole sentence, fit to be shown to a person."""

    exit_code = 3


class InputFileError(TrackfoxMockError):
    """A file that was given is wrong.

    Args:
        path: the file.
        problem: what came, what was expected and what to do, as one or two sentences.
        line: the line of the file, counted from 1, where known.
        field: the place inside the document, as `websites[0].sessions[1].visitor_id`.
    """

    def __init__(self, path: Path, problem: str, *, line: int | None = None, field: str = "") -> None:
        self.path = path
        self.line = line
        self.field = field
        self.problem = problem
        place = f"{path}:{line}" if line else str(path)
        super().__init__(f"{place}: {field}: {problem}" if field else f"{place}: {problem}")


class SpecError(InputFileError):
    """The OpenAPI document cannot be served."""


class FixturesError(InputFileError):
    """A file of websites and sessions cannot be used."""


class ReadingsError(InputFileError):
    """A readings file cannot be used."""


class StateError(InputFileError):
    """The file of `--state` cannot be read or written."""


class RequestImportError(InputFileError):
    """A file that holds no request: not JSON, not a curl command, not a HAR file."""

    exit_code = 2


class ReadingValueError(TrackfoxMockError):
    """A silence that docs/contract.md does not list, or a value that is not one of its readings."""

    exit_code = 2


class AdminTokenError(TrackfoxMockError):
    """A token for the control API that is empty, or that no header field can carry."""

    exit_code = 2


class RuleError(TrackfoxMockError):
    """A clause, silence or advice that does not exist."""

    exit_code = 2


class FaultError(TrackfoxMockError):
    """A fault that this mock does not know, or that makes no sense."""

    exit_code = 2


class StorageError(TrackfoxMockError):
    """The store cannot keep what it was given, as when its disk is full; nothing was recorded.

    `kind` is what the control API calls it.
    """

    kind = "storage"


class StoreAwayError(StorageError):
    """The store of `--store` is away, slow, full, or of other nodes; nothing is known to be recorded."""

    kind = "store"


class StaleError(StorageError):
    """A decision rests on what another node has changed; nothing was recorded, and it is to be made again."""

    kind = "store"


class StoreAddressError(TrackfoxMockError):
    """What was given as the address of a store is none."""

    exit_code = 2


class LostAnswerError(TrackfoxMockError, ConnectionError):
    """An answer was lost on purpose, in process, where a client would see its connection break."""


class PortInUseError(TrackfoxMockError):
    """The address is taken, or may not be used."""


class InterceptionError(TrackfoxMockError):
    """HTTPS, or calls that were meant for the real host, cannot be served."""


class HostNameError(InterceptionError):
    """What was given as the name of a host is none."""

    exit_code = 2


class RealHostError(TrackfoxMockError):
    """A test that has a mock called the real service; the call was blocked."""


class UnreachableError(TrackfoxMockError):
    """Nobody answers at an address that was given."""


class WebhookError(TrackfoxMockError):
    """A provider's webhook cannot be built from what was given."""

    exit_code = 2
