"""The control API is as its own OpenAPI document says, whatever is sent to it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import httpx2
import pytest
from openapi_spec_validator import validate
from starlette.routing import Route

from tests.conftest import ENDPOINT, VALID
from tests.control import Client
from trackfox_mock import Access, World, create_app, running
from trackfox_mock.assets import control_api_path
from trackfox_mock.errors import InputFileError
from trackfox_mock.files.input_file import InputFile, read_input_file
from trackfox_mock.http.control import routes, server
from trackfox_mock.http.control.console import Console

METHODS = {"get", "put", "post", "delete"}


def document() -> dict[str, Any]:
    with Client(create_app(World())) as client:
        found: dict[str, Any] = client.get("/__admin/openapi.json").json()
    return found


def test_the_document_is_valid_openapi() -> None:
    validate(document())


def test_the_document_is_read_once_by_the_first_who_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[Path] = []

    def read_and_count(path: Path, error: type[InputFileError]) -> InputFile:
        read.append(path)
        return read_input_file(path, error)

    monkeypatch.setattr(server, "read_input_file", read_and_count)
    with Client(create_app(World())) as client:
        client.get("/__admin/health")
        assert read == []
        first, again = client.get("/__admin/openapi.json"), client.get("/__admin/openapi.json")
    assert read == [control_api_path()]
    assert first.json() == again.json() == read_input_file(control_api_path(), InputFileError).data


def test_the_document_has_every_route_and_no_other() -> None:
    described = {
        (path, method.upper()) for path, item in document()["paths"].items() for method in item if method in METHODS
    }
    routed = {
        (re.sub(r"\{number:number\}|\{fault_id\}|\{expectation_id\}", "{id}", route.path), method)
        for route in routes(Console(World(), Access()))
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }
    assert described == routed


def reachable() -> dict[str, Any]:
    """The document, without the endless streams, and with a wait that is none."""
    raw = document()
    del raw["paths"]["/__admin/events"], raw["paths"]["/__admin/rows/events"]
    wait = raw["paths"]["/__admin/requests/wait"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    wait["properties"]["timeout"]["maximum"] = 0
    return raw


def hasten(case: Any) -> None:
    """Nothing comes while this client waits: who does not say how long is answered at once, as who says so is."""
    if case.path == "/__admin/requests/wait" and isinstance(case.body, dict):
        case.body.setdefault("timeout", 0)


@pytest.mark.slow
def test_whatever_is_sent_is_answered_as_described() -> None:
    # Schemathesis takes seconds to import, which only this test is to pay for.
    import schemathesis  # noqa: PLC0415
    from hypothesis import HealthCheck, given, settings  # noqa: PLC0415
    from schemathesis.config import SchemathesisConfig  # noqa: PLC0415
    from schemathesis.generation import GenerationMode  # noqa: PLC0415

    checks = [
        schemathesis.checks.not_a_server_error,
        schemathesis.checks.status_code_conformance,
        schemathesis.checks.content_type_conformance,
        schemathesis.checks.response_schema_conformance,
    ]
    schema = schemathesis.openapi.from_dict(reachable(), config=SchemathesisConfig.from_dict({}))
    tried = []
    with running(create_app(World())) as url:
        httpx2.post(url + ENDPOINT, json=VALID)
        for result in schema.get_all_operations():
            operation = result.ok()  # type: ignore[union-attr]  # a document that is no OpenAPI fails here
            case = operation.as_strategy() | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)

            @settings(
                max_examples=30, database=None, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck)
            )
            @given(case=case)
            def conforms(case: schemathesis.Case[Any]) -> None:
                hasten(case)
                case.call_and_validate(base_url=url, checks=checks)

            conforms()
            tried.append(operation.label)
    assert len(tried) == sum(len(item.keys() & METHODS) for item in reachable()["paths"].values())
