"""Puts into the wheel what need not be made again at every start.

The built-in document and fixtures as JSON, as loading a YAML parser is a tenth of a start; the page's files compressed.
"""

from __future__ import annotations

import gzip
import json
import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class BuiltInFiles(BuildHookInterface[Any]):
    """In a checkout, and in an editable install of it, the YAML files themselves are read."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Convert every file, and have it included."""
        if version == "editable":
            return
        sys.path.insert(0, str(Path(self.root, "mock_server")))
        from trackfox_mock.files.yaml_text import parse_yaml  # noqa: PLC0415 - the package that is being built

        root, self._folder = Path(self.root), tempfile.TemporaryDirectory()
        for source in [root / "openapi.yaml", *sorted((root / "fixtures").glob("*.yaml"))]:
            name = source.relative_to(root).with_suffix(".json")
            written = Path(self._folder.name, name)
            written.parent.mkdir(exist_ok=True)
            data = parse_yaml(source.read_text(encoding="utf-8"))
            written.write_text(json.dumps(data), encoding="utf-8")
            build_data["force_include"][str(written)] = f"trackfox_mock/_assets/{name}"
        for source in sorted((root / "mock_server" / "trackfox_mock" / "page").iterdir()):
            compressed = Path(self._folder.name, f"{source.name}.gz")
            compressed.write_bytes(gzip.compress(source.read_bytes(), mtime=0))
            build_data["force_include"][str(compressed)] = f"trackfox_mock/page/{compressed.name}"
