"""Puts the built-in document and fixtures into the wheel as JSON: loading a YAML parser is a tenth of a start."""

from __future__ import annotations

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
