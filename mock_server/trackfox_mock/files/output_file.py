"""Files that are written for people at the end of their work."""

from __future__ import annotations

import errno
import os
from pathlib import Path

from trackfox_mock.errors import TrackfoxMockError


def demand_writable(path: Path | None, flag: str) -> None:
    """Make sure that a file can be written later on, before the work that it is to tell of is done.

    Args:
        path: the file; None where none is wanted.
        flag: the one that names it, as `--json`.

    Raises:
        TrackfoxMockError: it cannot.
    """
    obstacle = 0 if path is None else _obstacle(path)
    if obstacle:
        raise TrackfoxMockError(f"{path} cannot be written: {os.strerror(obstacle)}; choose another file for {flag}.")


def _obstacle(path: Path) -> int:
    """Why it cannot be written, as an error number; 0 if it can. Nothing is touched: it may be a pipe."""
    if path.is_dir():
        return errno.EISDIR
    place = path if path.exists() else path.parent
    if not place.exists():
        return errno.ENOENT
    if place != path and not place.is_dir():
        return errno.ENOTDIR
    return 0 if os.access(place, os.W_OK) else errno.EACCES
