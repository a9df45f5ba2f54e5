"""Where Hypothesis may write: a folder that is gone afterwards, so that a command leaves nothing in the user's."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager

_VARIABLE = "HYPOTHESIS_STORAGE_DIRECTORY"


@contextmanager
def nothing_left_behind() -> Iterator[None]:
    """Keep what Hypothesis stores in a temporary folder, for as long as the block lasts, unless the user names one."""
    if _VARIABLE in os.environ:
        yield
        return
    with tempfile.TemporaryDirectory(prefix="trackfox-mock-", ignore_cleanup_errors=True) as folder:
        os.environ[_VARIABLE] = folder
        try:
            yield
        finally:
            del os.environ[_VARIABLE]
