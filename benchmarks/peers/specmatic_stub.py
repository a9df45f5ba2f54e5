"""Specmatic's own jar, which its Python package carries: `python specmatic_stub.py DOCUMENT PORT`."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from pathlib import Path

document, port = sys.argv[1:]
found = find_spec("specmatic")
assert found is not None and found.origin is not None  # noqa: S101, PT018 - it was installed
jar = Path(found.origin).parent / "core" / "specmatic.jar"
os.execvp("java", ["java", "-jar", str(jar), "stub", document, f"--port={port}"])  # noqa: S606, S607 - no shell is wanted
