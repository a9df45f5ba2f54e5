"""`trackfox-mock proxy`: the command, in a process of its own."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import httpx2
import pytest
import yaml

from tests.conftest import ENDPOINT, KITES_TOKEN, LAMPS_TOKEN, Serve, run_command, until
from tests.proxying import pay, proxy_command
from trackfox_mock import Readings, World, create_app, running
from trackfox_mock.assets import fixtures_path
from trackfox_mock.commands.intercepting import prepared
from trackfox_mock.http.server import bind, serving
from trackfox_mock.interception.entrance import entrance

Start = Callable[..., AbstractContextManager[Any]]


@pytest.fixture
def proxy(tmp_path: Path) -> Start:
    """Start the command in a folder of its own; see `proxy_command`."""

    def start(url: str, *options: str, **env: str) -> AbstractContextManager[Any]:
        return proxy_command(url, tmp_path, *options, **env)

    return start


def test_each_call_is_a_line_without_a_secret(proxy: Start, staging: tuple[str, World]) -> None:
    with proxy(staging[0]) as (process, url, first):
        pay(url)
        pay(url, token=KITES_TOKEN)
        lines = [process.stdout.readline() for _ in range(2)]
    assert "is passed on to" in first[0]
    assert "attributed  9900 cents" in lines[0]
    assert "kept endpoint" in lines[0]
    assert "kept auth.website" in lines[1]
    assert not re.search(f"{LAMPS_TOKEN}|{KITES_TOKEN}|ada@example", "".join(lines))


@pytest.fixture
def secure_staging() -> Iterator[tuple[str, str, World]]:
    """A service over HTTPS: its address, the file of its certificate authority, and what it knows."""
    world = World()
    with prepared(world, lambda _: None, is_proxy=False) as ready:
        listener = bind("127.0.0.1", 0)
        with serving(create_app(world), listener=listener, entrance=entrance(ready.interception)) as server:
            url = server.base_url.replace("http:", "https:")
            yield url, str(ready.authority.certificate), world


def test_a_service_over_https_is_asked_where_its_certificate_is_trusted(
    proxy: Start, secure_staging: tuple[str, str, World]
) -> None:
    url, certificate, service = secure_staging
    with proxy(url, SSL_CERT_FILE=certificate) as (_, address, _):
        assert [pay(address, revenue=revenue).status_code for revenue in (1, 2)] == [200, 200]
    assert len(list(service.store.payments("web_lumen_lamps"))) == 2


def test_a_service_over_https_that_nobody_vouches_for_gets_no_payment(
    proxy: Start, secure_staging: tuple[str, str, World]
) -> None:
    url, _, service = secure_staging
    with proxy(url, SSL_CERT_FILE="/dev/null") as (process, address, first):
        answer = pay(address)
        line = process.stdout.readline()
    assert answer.status_code == 502
    assert "TLS failed" in answer.text
    assert "--insecure looks at no certificate" in answer.text
    assert "gave no answer that could be passed on" in line
    assert "INSECURE" not in line + "".join(first)
    assert service.journal.total == 0


def test_insecure_looks_at_no_certificate_and_says_so_in_every_line(
    proxy: Start, secure_staging: tuple[str, str, World]
) -> None:
    with proxy(secure_staging[0], "--insecure", SSL_CERT_FILE="/dev/null") as (process, address, first):
        assert pay(address).status_code == 200
        assert pay(address, revenue=0).status_code == 400
        lines = [process.stdout.readline() for _ in range(2)]
    assert "With --insecure: nobody knows whether it is the service that answers" in "".join(first)
    assert all(line.endswith("INSECURE\n") for line in lines)


def test_a_fault_of_the_command_line_breaks_the_answers_that_it_hits(proxy: Start, staging: tuple[str, World]) -> None:
    url, service = staging
    with proxy(url, "--fault", "code=503,first=2") as (_, address, _):
        assert [pay(address, revenue=revenue).status_code for revenue in (1, 2, 3)] == [503, 503, 200]
    assert [payment.revenue for payment in service.store.payments("web_lumen_lamps")] == [3]


def test_an_answer_that_is_lost_after_the_service_recorded_is_a_line_and_an_entry(
    proxy: Start, staging: tuple[str, World]
) -> None:
    url, service = staging
    with proxy(url) as (process, address, _):
        answer = pay(address, headers={"prefer": "code=500; phase=after-commit"})
        line = process.stdout.readline()
        (entry,) = httpx2.get(f"{address}/__admin/requests").json()["requests"]
    assert answer.status_code == 500
    assert [payment.revenue for payment in service.store.payments("web_lumen_lamps")] == [9900]
    assert " 500 " in line
    assert entry["relayed"]["verdict"] == "kept"


def test_the_real_service_is_named_with_what_it_means_and_is_not_asked_by_itself(proxy: Start) -> None:
    with proxy("https://trackfox.app", "--production") as (_, address, first):
        assert httpx2.get(f"{address}/livez").status_code == 200
        assert httpx2.get(f"{address}/__admin/requests").json()["requests"] == []
    told = "".join(first)
    assert "is passed on to https://trackfox.app, and nothing else is passed on" in told
    assert "With --production: this may be the real service, and whatever it accepts is a real payment" in told


def test_the_real_service_needs_a_word() -> None:
    arguments = ("proxy", "https://trackfox.app", "--fixtures", str(fixtures_path()))
    done = run_command(*arguments)
    assert done.returncode == 2
    assert "is the real service" in done.stderr
    assert "add --production" in done.stderr


AFTERNOON: list[dict[str, Any]] = [
    {},
    {"revenue": 1250, "email": "eve+shop@example.com"},
    {"revenue": -1},
    {"email": "nobody"},
    {"email": "ada@localhost"},
    {"session_id": "nobody"},
    {"session_id": ""},
    {"session_id": 12},
    {"order_id": "1"},
    {"revenue": 9900.0},
    {"website_id": "web_unknown"},
]


def test_a_recorded_afternoon_is_replayed_the_same_way(proxy: Start, serve: Serve, tmp_path: Path) -> None:
    odd = {"extra-property": "refused", "unknown-website": "404", "error-body": "nested", "integral-float": "refused"}
    world = World(readings=Readings().with_values(odd))
    with running(create_app(world)) as url, proxy(url, "--record", "afternoon") as (process, address, _):
        for fields in AFTERNOON:
            pay(address, **fields)
        pay(address, token="tf_of_nobody_0123456789")
        pay(address, b"{")
        process.terminate()
        process.wait(20)
    folder = tmp_path / "afternoon"
    written = "".join(file.read_text() for file in folder.iterdir())
    assert not re.search(f"{LAMPS_TOKEN}|ada@example|eve\\+shop", written)
    token = yaml.safe_load((folder / "websites.yaml").read_text())["websites"]
    variables = {site["api_token"][2:-1]: _token_of(site["website_id"]) for site in token}
    files = ("--fixtures", str(folder / "websites.yaml"), "--readings", str(folder / "readings.yaml"))
    differing = []
    with serve(*files, env=variables) as served:
        for entry in json.loads((folder / "exchanges.har").read_text())["log"]["entries"]:
            answer = _replayed(served.url, entry, variables)
            came = (entry["response"]["status"], entry["response"]["content"]["text"])
            if (answer.status_code, answer.text) != came:
                differing.append((came, answer.status_code, answer.text))
    assert differing == []


def recorded(folder: Path) -> list[int]:
    """The revenues of the payments in a recording, which is whole whenever one looks."""
    assert {"websites.yaml", "readings.yaml", "exchanges.har"} <= {file.name for file in folder.iterdir()}
    yaml.safe_load((folder / "websites.yaml").read_text())
    entries = json.loads((folder / "exchanges.har").read_text())["log"]["entries"]
    return [json.loads(entry["request"]["postData"]["text"])["revenue"] for entry in entries]


@pytest.mark.parametrize("flags", [[], ["--emails"]])
def test_an_address_is_recorded_as_it_is_only_where_that_was_asked_for(
    flags: list[str], proxy: Start, staging: tuple[str, World], tmp_path: Path
) -> None:
    with proxy(staging[0], "--record", "afternoon", *flags) as (process, address, _):
        pay(address)
        process.terminate()
        process.wait(20)
    text = (tmp_path / "afternoon" / "exchanges.har").read_text()
    assert ("ada@example.com" in text, "masked-" in text) == (bool(flags), not flags)
    assert LAMPS_TOKEN not in text


def test_what_passes_is_written_while_it_passes_and_outlives_a_kill(
    proxy: Start, staging: tuple[str, World], tmp_path: Path
) -> None:
    with proxy(staging[0], "--record", "afternoon") as (process, address, _):
        assert recorded(tmp_path / "afternoon") == []
        pay(address, revenue=1)
        pay(address, revenue=2)
        until(lambda: recorded(tmp_path / "afternoon") == [1, 2])
        process.kill()
        process.wait(20)
    assert recorded(tmp_path / "afternoon") == [1, 2]
    websites = yaml.safe_load((tmp_path / "afternoon" / "websites.yaml").read_text())["websites"]
    (sessions,) = (site["sessions"] for site in websites if site["website_id"] == "web_lumen_lamps")
    assert sessions == [{"session_id": "ses_lumen_ada_1", "visitor_id": "vis_ada_77b0"}]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_what_passed_last_is_written_when_it_is_ended(
    number: signal.Signals, proxy: Start, staging: tuple[str, World], tmp_path: Path
) -> None:
    with proxy(staging[0], "--record", "afternoon") as (process, address, _):
        for revenue in range(1, 6):
            pay(address, revenue=revenue)
        process.send_signal(number)
        assert "Recorded in afternoon" in process.stdout.read()
        assert process.wait(20) == 0
    assert recorded(tmp_path / "afternoon") == [1, 2, 3, 4, 5]


def test_a_folder_that_cannot_be_written_is_told_of_before_anything_passes(
    staging: tuple[str, World], tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")
    flags = ("--fixtures", str(fixtures_path()), "--port", "0", "--record", str(tmp_path / "file"))
    done = run_command("proxy", staging[0], *flags)
    assert done.returncode == 3
    assert "cannot be written" in done.stderr
    assert "choose another --record" in done.stderr
    assert "Traceback" not in done.stderr


def _token_of(website_id: str) -> str:
    tokens = {website.website_id: website.api_token for website in World().fixtures}
    return tokens[website_id]


def _replayed(url: str, entry: dict[str, Any], variables: dict[str, str]) -> httpx2.Response:
    def filled(text: str) -> str:
        for name, value in variables.items():
            text = text.replace(f"${{{name}}}", value)
        return text

    sent = entry["request"]
    headers = {field["name"]: filled(field["value"]) for field in sent["headers"]}
    content = filled(sent["postData"]["text"]).encode("utf-8", "surrogateescape")
    return httpx2.request(sent["method"], url + ENDPOINT, content=content, headers=headers)


def test_with_learn_the_mock_reads_as_the_service_does_and_a_contradiction_is_told(
    proxy: Start, staging: tuple[str, World]
) -> None:
    url, service = staging
    service.services.change(None, {"extra-property": "refused"})
    with proxy(url, "--learn") as (process, address, _):
        pay(address, order_id="1")
        learnt = [process.stdout.readline(), process.stdout.readline()]
        readings = httpx2.get(f"{address}/__admin/readings").json()
        service.services.change(None, {"extra-property": "ignored"})
        pay(address, order_id="1")
        told = [process.stdout.readline(), process.stdout.readline()]
    assert "learnt: extra-property is refused" in "".join(learnt)
    assert "observed" in json.dumps(readings)
    assert "extra-property was seen as refused before" in "".join(told)
