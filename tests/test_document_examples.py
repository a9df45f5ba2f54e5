"""The document's own examples, as they stand but for the host, and a Schemathesis run of the document."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis import Case
from schemathesis.config import SchemathesisConfig

from tests.conftest import TOKEN, Serve, needs
from trackfox_mock import World, create_app, running
from trackfox_mock.assets import openapi_path

SHOWN = Path(__file__).parent / "document_examples"


@needs("curl")
def test_the_documents_curl_example_works(serve: Serve) -> None:
    with serve() as served:
        command = (SHOWN / "example.sh").read_text().replace("https://trackfox.app", served.url)
        done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == '{"message":"Payment event attributed successfully."}'


@needs("node")
def test_the_documents_javascript_example_works(serve: Serve, tmp_path: Path) -> None:
    with serve() as served:
        script = tmp_path / "example.mjs"
        script.write_text((SHOWN / "example.mjs").read_text().replace("https://trackfox.app", served.url))
        done = subprocess.run(["node", str(script)], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == "Payment event attributed successfully.\n"


@needs("curl")
def test_the_curl_command_of_the_start_works_as_it_stands(serve: Serve) -> None:
    with serve() as served:
        shown = "\n".join(served.first_lines)
        found = re.search(r"^  curl (?:.*\\\n)*.*$", shown, re.MULTILINE)
        assert found is not None
        done = subprocess.run(["bash", "-c", found[0]], capture_output=True, text=True, timeout=20, check=True)
    assert done.stdout == '{"message":"Payment event attributed successfully."}'


# A configuration of its own: otherwise schemathesis.toml is looked for from the working folder upward.
schema = schemathesis.openapi.from_path(openapi_path(), config=SchemathesisConfig())


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A running mock."""
    with running(create_app(World())) as url:
        yield url


@pytest.mark.slow
@schema.parametrize()
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_schemathesis_finds_nothing_against_the_document(case: Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url, headers={"Authorization": f"Bearer {TOKEN}"})
