"""References of an edited document stay inside it: nothing is fetched, and no other file is read."""

from __future__ import annotations

import socket
import threading
from pathlib import Path
from typing import Any

import pytest
import yaml

from trackfox_mock import SpecError, load_spec
from trackfox_mock.assets import openapi_path
from trackfox_mock.document.references import leading_out
from trackfox_mock.document.schemas import validator

PLACES = ["schema", "property", "response", "path", "parameter", "example"]


def edited(tmp_path: Path, place: str, reference: str) -> Path:
    """The built-in document with a reference at a place."""
    document: Any = yaml.safe_load(Path("openapi.yaml").read_text(encoding="utf-8"))
    path, item = next(iter(document["paths"].items()))
    operation = item["post"]
    content = operation["requestBody"]["content"]["application/json"]
    pointer = {"$ref": reference}
    if place == "schema":
        content["schema"] = pointer
    elif place == "property":
        content["schema"] = {"type": "object", "properties": {"revenue": {"anyOf": [{}, pointer]}}}
    elif place == "response":
        operation["responses"]["400"] = pointer
    elif place == "path":
        document["paths"][path] = pointer
    elif place == "parameter":
        operation["parameters"] = [pointer]
    else:
        content["examples"] = {"one": pointer}
    file = tmp_path / "openapi.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return file


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_fetched(tmp_path: Path, place: str) -> None:
    asked: list[bytes] = []
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}/schema.json"

        def listen() -> None:
            try:
                connection, _ = listener.accept()
            except TimeoutError:
                return
            asked.append(connection.recv(100))
            connection.close()

        thread = threading.Thread(target=listen)
        thread.start()
        with pytest.raises(SpecError, match="expected a place in this document") as refused:
            load_spec(edited(tmp_path, place, url))
        thread.join()
    assert asked == []
    assert refused.value.line
    assert refused.value.field.endswith("$ref")


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("form", ["file://{}", "{}", "../secrets/{}", "./{}#/a", "{}#"])
def test_no_other_file_is_read_or_quoted(tmp_path: Path, place: str, form: str) -> None:
    other = tmp_path / "other.yaml"
    other.write_text("root:x:0:0:of-another-file\n", encoding="utf-8")
    name = f"{other}" if form in ("file://{}", "{}") else other.name
    with pytest.raises(SpecError) as refused:
        load_spec(edited(tmp_path, place, form.format(name)))
    assert "of-another-file" not in str(refused.value)


def test_an_escape_sequence_in_a_reference_does_not_reach_the_terminal(tmp_path: Path) -> None:
    with pytest.raises(SpecError) as refused:
        load_spec(edited(tmp_path, "schema", "\x1b]0;title\x07"))
    assert str(refused.value).isprintable()


def test_references_inside_the_document_lead_nowhere_else() -> None:
    document = yaml.safe_load(openapi_path().read_text(encoding="utf-8"))
    assert list(leading_out(document)) == []
    assert list(leading_out({"a": [{"$dynamicRef": "http://x/"}], "properties": {"$ref": {"type": "string"}}})) == [
        (["a", 0, "$dynamicRef"], "http://x/")
    ]


def test_the_validator_of_bodies_fetches_nothing_either() -> None:
    from msgspec.structs import replace  # noqa: PLC0415 - for this test alone

    from trackfox_mock import Readings  # noqa: PLC0415 - the same

    api = replace(load_spec(), schema={"type": "object", "properties": {"a": {"$ref": "http://127.0.0.1:9/a"}}})
    with pytest.raises(Exception, match="nothing is fetched"):
        validator(api, Readings())
