"""The page at `/`, as HTTP sees it. What it does in a browser is in tests/page."""

from __future__ import annotations

import gzip
import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.conftest import Serve, needs
from tests.control import Client, client
from tests.test_fast_and_small import modules_after
from trackfox_mock import Access, Inputs, World, create_app, running
from trackfox_mock.assets import openapi_path
from trackfox_mock.http.page import FILES, page_file

__all__ = ["client"]

HTML = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
SCRIPTS = sorted(path.name for path in FILES.glob("*.js"))


def test_who_asks_for_html_gets_the_page(client: Client) -> None:
    answer = client.get("/", headers=HTML)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert "<title>trackfox-mock</title>" in answer.text


def test_who_asks_for_anything_is_told_in_a_few_lines_where_things_are(client: Client) -> None:
    answer = client.get("/")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/plain; charset=utf-8")
    assert "Send payments to      http://testserver/api/v1/attribute-payment\n" in answer.text


def test_looking_is_no_request_of_the_journal(client: Client) -> None:
    for path in ("/", "/favicon.ico", "/__page/main.js", "/__page/none.js"):
        client.get(path, headers=HTML)
    assert client.get("/__admin/requests").json()["meta"]["total"] == 0
    assert client.head("/", headers=HTML).content == b""
    # To post there is a mistake, which the journal tells of.
    assert client.post("/", json={}).status_code == 404
    assert client.get("/__admin/requests").json()["meta"]["total"] == 1


def test_every_file_that_the_page_names_is_there(client: Client) -> None:
    named = set(re.findall(r'(?:src|href)="(/__page/[^"]+)"', client.get("/", headers=HTML).text))
    for script in SCRIPTS:
        imported = re.findall(r'(?:from|import\() ?"\./([^"]+)"', client.get(f"/__page/{script}").text)
        named |= {f"/__page/{name}" for name in imported}
    assert len(named) > 5
    for path in named:
        assert client.get(path).status_code == 200, path


@pytest.mark.parametrize("name", ["../http/page.py", "none.js", "", "page.css/x", "..%2fhttp%2fpage.py", "__init__.py"])
def test_nothing_else_is_served(client: Client, name: str) -> None:
    assert client.get(f"/__page/{name}").status_code == 404


def test_the_page_may_load_nothing_from_elsewhere_and_run_nothing_that_is_not_its_own(client: Client) -> None:
    for path in ("/", "/__page/main.js", "/__page/page.css"):
        headers = client.get(path, headers=HTML).headers
        policy = headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "require-trusted-types-for 'script'" in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
    for file in FILES.iterdir():
        text = re.sub(r"http://www\.w3\.org/\S+", "", file.read_text(encoding="utf-8"))
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|style=\"", text), (
            file.name
        )
        assert set(re.findall(r"https?://[\w.-]+", text)) <= {"https://trackfox.app"}, file.name


def test_a_file_is_sent_once_and_then_only_its_tag(client: Client) -> None:
    first = client.get("/__page/page.css")
    again = client.get("/__page/page.css", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.get("/__page/page.css", headers={"if-none-match": '"another"'}).status_code == 200


def test_all_of_it_is_less_than_60_kilobytes_over_the_wire(client: Client) -> None:
    sent = 0
    for path in FILES.iterdir():
        answer = client.get(f"/__page/{path.name}", headers={"accept-encoding": "gzip"})
        assert answer.headers["content-encoding"] == "gzip"
        sent += int(answer.headers["content-length"])
        found = page_file(path.name)
        assert found is not None
        assert gzip.decompress(found.compressed) == path.read_bytes()
    assert sent < 60_000
    assert "content-encoding" not in client.get("/__page/page.css", headers={"accept-encoding": "identity"}).headers


def test_a_name_that_was_made_to_resolve_to_this_machine_gets_no_page(client: Client) -> None:
    answer = client.get("/", headers=HTML | {"host": "evil.example:4012"})
    assert (answer.status_code, answer.json()["type"]) == (403, "/__admin/problems/host")


def test_what_an_edited_document_serves_comes_before_the_page(tmp_path: Path) -> None:
    document = yaml.safe_load(openapi_path().read_text(encoding="utf-8"))
    example = {"content": {"application/json": {"example": {"hello": "there"}}}}
    document["paths"]["/"] = {"get": {"security": [], "responses": {"200": {"description": "Hello.", **example}}}}
    edited = tmp_path / "openapi.yaml"
    edited.write_text(yaml.safe_dump(document))
    with Client(create_app(Inputs(spec=edited).world())) as client:
        assert client.get("/", headers=HTML).json() == {"hello": "there"}
        assert client.get("/favicon.ico", headers=HTML).headers["content-type"] == "image/svg+xml"


def test_off_loopback_the_page_is_served_and_the_token_is_asked_for_what_it_shows(world: World) -> None:
    with Client(create_app(world, access=Access(token="letmein", exposed=True))) as client:
        assert client.get("/", headers=HTML | {"host": "mock.internal"}).status_code == 200
        assert client.get("/__admin/rows", headers={"host": "mock.internal"}).status_code == 401


def test_nothing_of_the_page_is_loaded_before_somebody_looks_and_then_no_framework() -> None:
    loaded = modules_after("import trackfox_mock.commands.serve", whole=True)
    assert not {"trackfox_mock.http.page", "trackfox_mock.http.access.hosts", "gzip", "webbrowser"} & loaded
    assert "starlette" not in modules_after("import trackfox_mock.http.page")


def test_serve_says_where_the_page_is_and_opens_it_if_asked(serve: Serve, tmp_path: Path) -> None:
    browser = tmp_path / "browser"
    browser.write_text(f'#!/bin/sh\necho "$1" > {tmp_path}/opened.new && mv {tmp_path}/opened.new {tmp_path}/opened\n')
    browser.chmod(0o755)
    with serve("--open", env={"BROWSER": str(browser)}) as served:
        assert f"See what arrives: {served.url}/" in served.first_lines
        for _ in range(100):
            if (tmp_path / "opened").exists():
                break
            served.client.get(f"{served.url}/readyz")
        assert (tmp_path / "opened").read_text() == f"{served.url}/\n"


@needs("bash")
@needs("curl")
def test_the_calls_of_the_pages_page_work() -> None:
    page = (Path(__file__).parent.parent / "docs" / "page.md").read_text(encoding="utf-8")
    (script,) = [block for block in re.findall(r"```sh\n(.*?)```", page, re.DOTALL) if "$MOCK" in block]
    with running(create_app(World())) as url:
        ended = subprocess.run(
            ["bash", "-c", script],
            env={"MOCK": url, "PATH": "/usr/bin:/bin"},
            capture_output=True,
            text=True,
            check=True,
        )
    assert "/__admin/problems/" not in ended.stdout
    assert '"rule":"field.required"' in ended.stdout
    assert page.count("| Mistakes |") == 1


def test_the_pages_page_names_every_view_and_key() -> None:
    page = (Path(__file__).parent.parent / "docs" / "page.md").read_text(encoding="utf-8")
    main = (FILES / "main.js").read_text(encoding="utf-8")
    views = re.findall(r'name: "([^"]+)", key', main)
    assert len(views) == 8
    assert [view for view in views if f"| {view} |" not in page] == []
